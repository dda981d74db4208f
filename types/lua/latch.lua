---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.latch
local latch_methods = {}

---Takes `k` (1) off, down to zero at most, and returns what is left.
---
---- may switch: no
---@param k? integer
---@return integer
function latch_methods:count_down(k) end

---What is left.
---
---- may switch: no
---@return integer
function latch_methods:count() end

---Waits until the latch is open.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return string|nil message
function latch_methods:wait(timeout) end

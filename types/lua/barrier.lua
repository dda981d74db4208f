---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.barrier
local barrier_methods = {}

---Waits until `n` goroutines wait and tells as how manyth this one came; when one of them gives up, the barrier is broken.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return integer|false index
---@return "broken"|string|nil message
function barrier_methods:wait(timeout) end

---Makes a barrier whole again; those who wait find it broken.
---
---- may switch: no
function barrier_methods:reset() end

---Whether a party gave up since the barrier was made or reset.
---
---- may switch: no
---@return boolean
function barrier_methods:is_broken() end

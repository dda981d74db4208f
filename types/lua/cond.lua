---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.cond
local cond_methods = {}

---The mutex that `wait` needs.
---
---- may switch: no
---@return sloth.mutex
function cond_methods:get_mutex() end

---Gives the mutex back, waits to be told by `signal` or `broadcast`, and takes the mutex again.
---
---- durations: in milliseconds
---- errors: raises when the caller does not hold the mutex
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return "abandoned"|string|nil message
---@return "abandoned"|nil
function cond_methods:wait(timeout) end

---Tells the goroutine that has waited longest.
---
---- may switch: no
function cond_methods:signal() end

---Tells every goroutine that waits.
---
---- may switch: no
function cond_methods:broadcast() end

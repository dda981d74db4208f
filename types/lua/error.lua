---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---Calls f; when it raises, `catch(error)`, whose results are then those of the call; and in any case `finally()` at last.
---
---- errors: raises what `catch` or `finally` raises
---- may switch: yes
---@param f function
---@param catch? function
---@param finally? function
---@return any
---@return any ...
function error.try(f, catch, finally) end

---Calls `f(attempt)` until it does not raise, at most so often (3), and waits in between (1000), each time longer by the factor (2).
---
---- durations: in milliseconds
---- may switch: yes
---@param f function
---@param attempts? integer
---@param duration? number
---@param multiplier? number
---@return any
---@return any ...
function error.retry(f, attempts, duration, multiplier) end

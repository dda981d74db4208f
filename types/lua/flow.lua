---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.flowlib
flow = {}

---Calls f unless the circuit is open: after failures in a row (5) it stays open for a time (60s), then lets calls (1) try. A raise, `nil` or `false` first, and a result with `success == false` are failures.
---
---- durations: in seconds
---- may switch: yes
---@param name string
---@param f function
---@param options? { failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer }
---@return any
---@return any ...
function flow.circuit_breaker(name, f, options) end

---Waits its turn and calls f: so many calls a second of that name, or else from this line, on all islands together.
---
---- may switch: yes
---@param name string
---@param per_second number
---@param f function
---@return any ...
---@overload fun(per_second: number, f: function): ...
function flow.rate_limit(name, per_second, f) end

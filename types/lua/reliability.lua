---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.reliabilitylib
reliability = {}

reliability.strategy = {}

reliability.strategy.FIXED_DELAY = "fixed"

reliability.strategy.LINEAR_BACKOFF = "linear"

reliability.strategy.EXPONENTIAL_BACKOFF = "exponential"

reliability.strategy.CUSTOM_BACKOFF = "custom"

---Calls `f(attempt)` until it succeeds, at most so often, and waits in between.
---
---- durations: in seconds
---- may switch: yes
---@param attempts integer
---@param duration number
---@param f function
---@return any
---@return any ...
function reliability.retry(attempts, duration, f) end

---As `reliability.retry`, with a strategy: `fixed`, `linear`, `exponential` or `custom`, where `delay(attempt)` tells the seconds; `on_retry(attempt, error, delay)` is called before each wait.
---
---- durations: in seconds
---- errors: raises for an option that is wrong
---- may switch: yes
---@param config { max_attempts?: integer, initial_delay?: number, max_delay?: number, strategy?: string, multiplier?: number, jitter?: number|boolean, delay?: function, on_retry?: function }
---@param f function
---@return any
---@return any ...
function reliability.retry_with_config(config, f) end

---As `flow.circuit_breaker`, and the same breakers; `on_state_change(name, from, to)` is called when this call changed it.
---
---- durations: in seconds
---- errors: raises for an option that is wrong
---- may switch: yes
---@param name string
---@param options { max_failures?: integer, timeout?: string|number, success_threshold?: integer, on_state_change?: function }
---@param f function
---@return any
---@return any ...
function reliability.circuit_breaker(name, options, f) end

---Tells of a breaker: `state`, `failures`, `successes`, `requests`, `rejected`.
---
---- may switch: yes
---@param name string
---@return table|nil stats
function reliability.get_circuit_stats(name) end

---Closes a breaker and forgets its failures.
---
---- may switch: yes
---@param name string
---@return boolean
function reliability.reset_circuit(name) end

---Lists the breakers of the runtime.
---
---- may switch: yes
---@return string[] names
function reliability.list_circuits() end

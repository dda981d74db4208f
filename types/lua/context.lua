---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.context
local context_methods = {}

---Makes a child, and a function that cancels it, with a reason if it is given one.
---
---- may switch: no
---@return sloth.context child
---@return function cancel
function context_methods:with_cancel() end

---Makes a child that ends after `duration` at the latest, and a function that cancels it.
---
---- durations: in milliseconds
---- errors: raises for negative or NaN
---- may switch: no
---@param duration number
---@return sloth.context child
---@return function cancel
function context_methods:with_timeout(duration) end

---Makes a child that ends at `deadline`, in milliseconds since 1970, at the latest, and a function that cancels it.
---
---- durations: in milliseconds
---- errors: raises for NaN
---- may switch: no
---@param deadline number
---@return sloth.context child
---@return function cancel
function context_methods:with_deadline(deadline) end

---Makes a child that has a copy of `value` under `key`.
---
---- errors: raises for other keys, and for a value that cannot be copied, with its path
---- may switch: no
---@param key string|number|boolean
---@param value any
---@return sloth.context
function context_methods:with_value(key, value) end

---A copy of the value under `key`, of this context or the nearest above that has one.
---
---- errors: raises for other keys
---- may switch: no
---@param key string|number|boolean
---@return any
function context_methods:value(key) end

---Ends the context and all below it, the waits that they limit and the goroutines that were started with them.
---
---- may switch: no
---@param reason? string
function context_methods:cancel(reason) end

---Whether the context has ended, whatever ended it.
---
---- may switch: no
---@return boolean
function context_methods:is_cancelled() end

---How the context has ended: `"context canceled"` or `"context deadline exceeded"`; nil while it has not.
---
---- may switch: no
---@return string|nil message
function context_methods:err() end

---The reason that was given when the context was cancelled; where none was, as `err`.
---
---- may switch: no
---@return string|nil reason
function context_methods:cause() end

---When the context ends at the latest, in milliseconds since 1970.
---
---- durations: in milliseconds
---- may switch: no
---@return number|nil
---@return boolean
function context_methods:deadline() end

---A channel that closes when the context ends.
---
---- may switch: no
---@return sloth.channel
function context_methods:done() end

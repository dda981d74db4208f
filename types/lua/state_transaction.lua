---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.state_transaction
local state_transaction_methods = {}

---Gives the value of a key, as this transaction set it or as it was kept.
---
---- may switch: yes
---@param key string
---@param default? any
---@return any value
function state_transaction_methods:get(key, default) end

---Keeps a value when the transaction ends.
---
---- durations: in seconds
---- may switch: yes
---@param key string
---@param value any
---@param duration? string|number
---@return true
function state_transaction_methods:set(key, value, duration) end

---Removes a key when the transaction ends.
---
---- may switch: yes
---@param key string
---@return true
function state_transaction_methods:delete(key) end

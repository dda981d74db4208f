---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.subscription
local subscription_methods = {}

---Ends it: no more events are handled.
---
---- may switch: yes
---@return true
function subscription_methods:cancel() end

---Tells how many events were dropped because too many waited.
---
---- may switch: yes
---@return integer count
function subscription_methods:dropped() end

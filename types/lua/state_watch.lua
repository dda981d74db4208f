---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.state_watch
local state_watch_methods = {}

---Stops watching; the channel closes.
---
---- may switch: yes
---@return true
function state_watch_methods:close() end

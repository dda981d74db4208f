---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.watcher
local watcher_methods = {}

---Stops watching; the channel closes.
---
---- may switch: yes
---@return true
function watcher_methods:close() end

---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.server
local server_methods = {}

---Takes no more requests and breaks off those that are not answered. Its fields are url, host and port.
---
---- may switch: yes
function server_methods:close() end

---Waits until the server is closed.
---
---- may switch: yes
function server_methods:wait() end

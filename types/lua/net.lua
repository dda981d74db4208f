---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.netlib
net = {}

---Sends a GET request, with the options of http.get or with headers.
---
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return string|nil body
---@return integer|nil status
---@return table|nil headers
---@return string|nil message
function net.http_get(url, options) end

---Sends a POST request, with the options of http.post or with headers.
---
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param body? string
---@param options? table
---@return string|nil body
---@return integer|nil status
---@return table|nil headers
---@return string|nil message
function net.http_post(url, body, options) end

---Writes what a URL has into a file, as http.download does; nil when that went well.
---
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to, or a path that may not be written
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param path string
---@return string|nil message
function net.download(url, path) end

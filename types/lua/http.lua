---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.httplib
http = {}

---Sends a GET request. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
function http.get(url, options) end

---Sends a HEAD request. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
function http.head(url, options) end

---Sends a DELETE request. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
function http.delete(url, options) end

---Sends a OPTIONS request. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
function http.options(url, options) end

---Sends a POST request with the body given, or with json, form or body among the options. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
---@overload fun(url: string, body?: string, options?: table): { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil, string|nil
function http.post(url, options) end

---Sends a PUT request with the body given, or with json, form or body among the options. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
---@overload fun(url: string, body?: string, options?: table): { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil, string|nil
function http.put(url, options) end

---Sends a PATCH request with the body given, or with json, form or body among the options. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param options? table
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
---@overload fun(url: string, body?: string, options?: table): { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil, string|nil
function http.patch(url, options) end

---Sends a request; the table holds url, method and the options. An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to
---- permission: `--allow-net`
---- may switch: yes
---@param request { url: string, method?: string }
---@return { status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean }|nil response
---@return string|nil message
function http.request(request) end

---Writes what a URL has into a file, which is there as a whole or not at all. A status other than 200 to 299 is a failure, with the response after the message. It has no limit of bytes unless max_bytes is given.
---
---- durations: in seconds
---- errors: raises for a URL or an option that is wrong, and for a host that may not be talked to, or a path that may not be written
---- permission: `--allow-net`
---- may switch: yes
---@param url string
---@param path string
---@param options? table
---@return { status: integer, path: string, bytes: integer }|nil response
---@return string|nil message
---@return table|nil|nil refused
function http.download(url, path, options) end

---Starts a server, on a free port of 127.0.0.1 unless host and port say otherwise. Each request {method, path, query, headers, body, remote, target} is given to the handler on a goroutine of its own; it returns text, {status =, headers =, body = or json =}, or nothing (204). An error is answered with 500 and reported. The run lasts until the server is closed.
---
---- errors: raises when the port is taken or may not be used, and for wrong options
---- permission: `--allow-net`
---- may switch: yes
---@param options { handler: function, host?: string, port?: integer, max_bytes?: integer, max_waiting?: integer }
---@return sloth.server server
function http.serve(options) end

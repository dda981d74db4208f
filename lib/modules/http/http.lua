-- The Lua part of the module `http`: the forms of its calls, and answers whose fields do what scripts expect of them.
local library, host, class = ...
local error, pairs, pcall, rawget, setmetatable, type =
  library "_G.error", library "_G.pairs", library "_G.pcall", library "_G.rawget", library "_G.setmetatable", library "_G.type"
local lower, format = library "string.lower", library "string.format"
local within = library "prelude.within"
local spawn, await = library "goroutine.spawn", library "goroutine.await"
local exchange, open, body_of, save, parse = host "exchange", host "open", host "body", host "save", host "parse"
local listen, requests, reply, shut = host "listen", host "requests", host "reply", host "shut"

-- Names of headers have no case.
local Headers = class "headers"
Headers.__index = function(self, name)
  if type(name) == "string" then return rawget(self, lower(name)) end
end

local Response = class "response"
Response.__index = function(self, key)
  if key == "json" then
    return function() return parse(self.body) end
  end
end

local function response_of(answer)
  setmetatable(answer.headers, Headers)
  return setmetatable(answer, Response)
end

-- The options with a plain timeout, and the context that stood beside it or in its place.
local function without_context(call, options)
  local limit = type(options) == "table" and options.timeout
  if type(limit) ~= "table" and type(limit) ~= "userdata" then return options, nil end
  local others, ctx = {}, nil
  for name, value in pairs(options) do others[name] = value end
  others.timeout, ctx = within.parts(call, 2, "option 'timeout'", limit)
  return others, ctx
end

-- A body that comes piece by piece, on a channel.
local function open_stream(ctx, call, method, url, options, body)
  local in_time, answer, problem = within.call(ctx, open, call, method, url, options, body)
  if not in_time then return nil, answer end
  if not answer then return nil, problem end
  answer.body, answer.problem = body_of(answer.id)
  answer.id = nil
  return response_of(answer)
end

local function send(call, method, url, options, body)
  local ctx
  options, ctx = without_context(call, options)
  if options and options.stream == true then return open_stream(ctx, call, method, url, options, body) end
  local in_time, answer, problem = within.call(ctx, exchange, call, method, url, options, body)
  if not in_time then return nil, answer end
  if not answer then return nil, problem end
  return response_of(answer)
end

-- Forms: (url, options) and (url, headers).
local function without_body(name, method)
  local call = "http." .. name
  return function(url, options) return send(call, method, url, options) end
end

-- Forms: (url, options), (url, body), (url, body, options) and (url, body, headers).
local function with_body(name, method)
  local call = "http." .. name
  return function(url, body, options)
    if type(body) == "table" then
      if options ~= nil then error(format("%s: a body that is a table goes into json = or form =", call), 2) end
      return send(call, method, url, body)
    end
    return send(call, method, url, options, body)
  end
end

local function request(fields)
  local options = {}
  for name, value in pairs(fields) do
    if name ~= "method" and name ~= "url" then options[name] = value end
  end
  if type(fields.url) ~= "string" then error("http.request: url must be a string, got " .. type(fields.url), 2) end
  return send("http.request", fields.method or "GET", fields.url, options)
end

local function download(url, path, options)
  local ctx
  options, ctx = without_context("http.download", options)
  local in_time, answer, problem, refused = within.call(ctx, save, "http.download", url, path, options)
  if not in_time then return nil, answer end
  if answer then return response_of(answer) end
  return nil, problem, refused and response_of(refused)
end

local function answer(id, handler, asked)
  local number = asked.id
  asked.id = nil
  setmetatable(asked.headers, Headers)
  local ok, value = pcall(handler, asked)
  if ok then ok, value = pcall(reply, id, number, value) end
  if ok then return end
  reply(id, number, {status = 500, body = "internal server error"})
  error(value, 0)
end

local function accept(id, handler, incoming)
  for asked in incoming:range() do spawn(answer, id, handler, asked) end
end

local Server = class "server"
Server.__index = {
  close = function(self) shut(self.id) end,
  wait = function(self) await(self.accepting) end,
}

local function serve(options)
  local handler, others = options.handler, {}
  if type(handler) ~= "function" then
    error("http.serve: handler must be a function, got " .. type(handler), 2)
  end
  for name, value in pairs(options) do
    if name ~= "handler" then others[name] = value end
  end
  local server = listen(others)
  server.url = format("http://%s:%d", server.host, server.port)
  server.accepting = spawn(accept, server.id, handler, (requests(server.id)))
  return setmetatable(server, Server)
end

return {
  get = without_body("get", "GET"),
  head = without_body("head", "HEAD"),
  delete = without_body("delete", "DELETE"),
  options = without_body("options", "OPTIONS"),
  post = with_body("post", "POST"),
  put = with_body("put", "PUT"),
  patch = with_body("patch", "PATCH"),
  request = request,
  download = download,
  serve = serve,
}

-- Calls random functions of every library and handle with random arguments, from every place that Lua code can be called
-- from. Errors are what most calls end in; anything goes except a crash or a hang.
-- Usage: sloth-runner run monkey.lua -- SEED MILLISECONDS
local seed, duration = math.tointeger(...), math.tointeger((select(2, ...)))
math.randomseed(seed)

-- What would end the program, wait for the terminal, write files or print what nobody reads.
local left_out = [[
  _G.collectgarbage _G.dofile _G.load _G.loadfile _G.print _G.rawset _G.setmetatable _G.warn debug.debug debug.setcstacklimit
  goroutine.spawn_many io.close io.input io.lines io.open io.output io.popen io.read io.tmpfile io.write log.debug log.error
  log.info log.warn os.execute os.exit os.remove os.rename os.tmpname package.loadlib]]
local skip, functions, known = {}, {}, {}
for name in left_out:gmatch("%S+") do
  local library, field = name:match("^(.-)%.(.+)$")
  skip[name] = true
  known[package.loaded[library][field] or name] = true
end

local function add(prefix, from)
  for name, f in pairs(from) do
    local full = prefix .. "." .. tostring(name)
    if type(f) == "function" and not skip[full] then functions[#functions + 1] = {name = full, call = f} end
  end
end

-- Adds what the library keeps to itself, as the debug library hands it out: functions that run inside calls, and those that stand
-- in the upvalues of others. Returns those written in Lua.
local function add_inner()
  for _, entry in ipairs(functions) do known[entry.call] = true end
  local found_lua, found_any = {}, {}
  local function found(name, f)
    if type(f) ~= "function" or known[f] then return end
    known[f] = true
    found_any[#found_any + 1] = {name = name, call = f}
    -- The library's own Lua code counts on its arguments, and may loop over them for ever.
    if debug.getinfo(f, "S").what == "C" then
      functions[#functions + 1] = found_any[#found_any]
    else
      found_lua[#found_lua + 1] = f
    end
  end
  local own = debug.getinfo(1, "S").source
  local function watch(f)
    debug.sethook(function()
      local info = debug.getinfo(2, "fS")
      if info.source ~= own then found("inside", info.func) end
    end, "c")
    pcall(f, f, {f}, 1)
    debug.sethook()
  end
  for i = 1, #functions do
    local h = goroutine.shared(watch, functions[i].call)
    h:await(5)
    h:cancel()
    h:await()
  end
  local at = 1
  while found_any[at] do
    for i = 1, 255 do
      local name, inner = debug.getupvalue(found_any[at].call, i)
      if not name then break end
      found(found_any[at].name .. "/" .. name, inner)
    end
    at = at + 1
  end
  return found_lua
end

add("_G", _G)
for name, library in pairs(package.loaded) do
  if name ~= "_G" and type(library) == "table" then add(name, library) end
end

local function handles()
  return {
    channel.make(), channel.make(2), goroutine.wait_group(), goroutine.mutex(), goroutine.atomic_int(3),
    goroutine.broadcaster(), goroutine.context():with_value("k", 1), (goroutine.context():with_timeout(2)),
    goroutine.errgroup({limit = 2}),
    goroutine.rwmutex(), goroutine.semaphore(2), goroutine.once(), goroutine.cond(), goroutine.latch(2), goroutine.barrier(2),
    goroutine.shared(function() goroutine.sleep(1) end),
  }
end
for i, handle in ipairs(handles()) do
  local metatable = debug.getmetatable(handle)
  add("handle " .. i, metatable)
  add("method of handle " .. i, metatable.__index)
end
table.sort(functions, function(a, b) return a.name < b.name end)
local inner_lua = add_inner()

local shared = channel.make(1)
local makers
local function value(depth) return makers[math.random(#makers)](depth) end

local function plain_table(depth)
  local t = {}
  for i = 1, depth < 3 and math.random(0, 4) or 0 do t[i] = value(depth + 1) end
  return t
end

local function table_with_metamethods()
  return setmetatable({}, {
    __index = function() goroutine.sleep(0.1) return 1 end,
    __len = function() return 3 end,
    __call = function() return 2 end,
    __tostring = function() return "T" end,
    __close = function() end,
    __gc = function() shared:try_send(1) shared:try_receive() go.spawn(function() end) end,
  })
end

makers = {
  function() return nil end,
  function() return true end,
  function() return false end,
  function() return math.random(-3, 5) end,
  function() return math.random() * 4 - 1 end,
  function() return 0 / 0 end,
  function() return math.huge end,
  function() return math.maxinteger end,
  function() return math.mininteger end,
  function() return "" end,
  function() return "abc" end,
  function() return "%a+" end,
  function() return string.rep("x", 300) end,
  function() return function(...) return ... end end,
  function() return function() error("e") end end,
  function() return function() goroutine.sleep(0.1) return 1 end end,
  function() return coroutine.create(function(...) coroutine.yield(...) goroutine.sleep(0.1) end) end,
  function() return coroutine.wrap(function() coroutine.yield() end) end,
  function() return shared end,
  function() return channel.make(math.random(0, 2)) end,
  function() local all = handles() return all[math.random(#all)] end,
  function() return goroutine.shared(function() goroutine.sleep(1) return 1 end) end,
  function() return {timeout = math.random() * 2} end,
  function() return functions[math.random(#functions)].call end,
  function() return inner_lua[math.random(#inner_lua)] end,
  plain_table,
  table_with_metamethods,
  function() return {"|<-", shared, function() end} end,
  function() return {{"|<-", channel.make(1)}, {"default"}} end,
  function() return {channel = shared, receive = true} end,
  function() return math.random(1, 3) end,
}

local function call(f, a) return f(table.unpack(a, 1, a.n)) end
local places = {
  function(f, a) return pcall(call, f, a) end,
  function(f, a) return pcall(coroutine.wrap(call), f, a) end,
  function(f, a) local h = goroutine.shared(call, f, a) h:await(3) h:cancel() end,
  function(f, a)
    local ok, h = pcall(goroutine.shared, f, table.unpack(a, 1, a.n))
    if ok then h:await(3) h:cancel() end
  end,
  function(f, a) pcall(table.sort, {3, 2, 1}, function() call(f, a) end) end,
  function(f, a) setmetatable({}, {__gc = function() pcall(call, f, a) end}) collectgarbage("step") end,
  function(f, a)
    pcall(function()
      local closed <close> = setmetatable({}, {__close = function() call(f, a) end})
      error("x")
    end)
  end,
  function(f, a) goroutine.shared(function() defer(function() call(f, a) end) end) end,
  function(f, a) xpcall(f, function() call(f, a) end, table.unpack(a, 1, a.n)) end,
}

local started, calls = goroutine.now(), 0
local function monkey()
  while goroutine.now() - started < duration do
    local f, a = functions[math.random(#functions)].call, {n = math.random(0, 4)}
    for i = 1, a.n do a[i] = value(0) end
    calls = calls + 1
    local h = goroutine.shared(places[math.random(#places)], f, a)
    h:await(10)
    h:cancel()
    h:await()
  end
end
for _ = 1, 20 do goroutine.shared(monkey) end
goroutine.sleep(duration + 500)
io.stdout:write(calls, " calls\n")
os.exit(0)

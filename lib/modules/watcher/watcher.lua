-- Watchers: each is a goroutine that looks again and again, and has the host dispatch what it sees.
local library, host = ...
local atomic = library "goroutine.atomic_int"
local daemon = library "internal.daemon"
local error = library "_G.error"
local log_error = library "log.error"
local pcall = library "_G.pcall"
local setmetatable = library "_G.setmetatable"
local sleep = library "goroutine.sleep"
local tostring = library "_G.tostring"
local type = library "_G.type"
local next = library "_G.next"

local open, attend, look, judge = host "open", host "attend", host "look", host "judge"
local drop, list = host "drop", host "list_all"

local function complain(id, problem) log_error("watcher '" .. id .. "' failed: " .. tostring(problem)) end

-- A watcher ends with the run that registered it, unless a task file does while it is read.
local Guard <const> = {__close = function(guard) drop(guard.id) end}

local function watch(id, interval, check)
  local guard <close> = setmetatable({id = id}, Guard)
  while true do
    sleep(interval)
    local fine, problem = true, nil
    if check then
      fine, problem = pcall(check)
      if fine then judge(id, problem) end
    end
    local goes_on = true
    if fine then fine, problem = pcall(look, id) end
    if fine then goes_on = problem else complain(id, problem) end
    if not goes_on then return end
  end
end

local function register(kind, config, check)
  local opened = open(kind, config)
  if opened.stays then
    attend(opened.id, complain, check)
  else
    daemon({atomic(1)}, watch, opened.id, opened.interval_ms, check)
  end
  return opened.id
end

local watcher = {}

for _, kind in next, {"file", "directory", "process", "port", "service", "cpu", "memory", "log", "command"} do
  watcher["register." .. kind] = function(config) return register(kind, config) end
end

watcher["register.custom"] = function(config)
  local check, others = config.check, {}
  if type(check) ~= "function" then error("watcher.register.custom: check must be a function, got " .. type(check), 2) end
  for name, value in next, config do
    if name ~= "check" then others[name] = value end
  end
  return register("custom", others, check)
end

function watcher.unregister(id) return drop(id) end
function watcher.list() return list() end

return watcher

-- Events: the host keeps the queues, each handler is a goroutine that takes from its own.
local library, host, class = ...
local atomic = library "goroutine.atomic_int"
local clockwork = library "internal.clockwork"
local daemon = library "internal.daemon"
local log_error = library "log.error"
local misuse = library "internal.misuse"
local pcall = library "_G.pcall"
local setmetatable = library "_G.setmetatable"
local tostring = library "_G.tostring"

local dispatch_event, subscribe, next_events = host "dispatch_event", host "subscribe", host "next"
local dropped, cancel, when_idle, attend = host "dropped", host "cancel", host "when_idle", host "attend"

local event = {}

-- Handlers serve only, so a run would end under them: somebody waits until they have done what was asked of them.
local function dispatch(type, data)
  if dispatch_event(type, data) > 0 then clockwork(when_idle) end
  return true
end

event.dispatch = dispatch

function event.dispatch_custom(name, message) return dispatch("custom", {name = name, message = message}) end

function event.dispatch_file(action, path, watcher)
  if action ~= "created" and action ~= "modified" and action ~= "deleted" then
    misuse("event.dispatch_file", 1, "'created', 'modified' or 'deleted' expected, got '" .. action .. "'")
  end
  return dispatch("file." .. action, {path = path, watcher = watcher})
end

local Guard <const> = {__close = function(guard) cancel(guard.id) end}

local function complain(type, problem) log_error("a handler of '" .. type .. "' failed: " .. tostring(problem)) end

local function serve(id, f)
  local guard <close> = setmetatable({id = id}, Guard)
  while true do
    local events = next_events(id)
    if not events then return end
    for i = 1, #events do
      local ok, problem = pcall(f, events[i])
      if not ok then complain(events[i].type, problem) end
    end
  end
end

local Subscription = class "subscription"
Subscription.__index = {
  cancel = function(subscription) return cancel(subscription.id) end,
  dropped = function(subscription) return dropped(subscription.id) end,
}

function event.on(pattern, f, options)
  local id, stays = subscribe(pattern, options)
  if stays then
    attend(id, f, complain)
  else
    daemon({atomic(1)}, serve, id, f)
  end
  return setmetatable({id = id}, Subscription)
end

return event

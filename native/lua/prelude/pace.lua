-- Functions that are not called more often than they should be. Each call of the program's function is a goroutine of its
-- own. All state is in locals: whoever calls such a function shares it, on its island.
local library = ...
local check = library "prelude.check"
local clockwork = library "internal.clockwork"
local defer = library "_G.defer"
local misuse = library "internal.misuse"
local now = library "goroutine.now"
local pack = library "table.pack"
local sleep = library "goroutine.sleep"
local spawn = library "goroutine.spawn"
local unpack = library "table.unpack"

local LONG_AGO <const> = -2.0 ^ 63

local function read_options(name, options, leading)
  local trailing = true
  if options == nil then return leading, trailing end
  check.options(name, 3, "", {"leading", "trailing"}, options)
  if options.leading ~= nil then leading = check.is_a(name, 3, "option 'leading'", "boolean", options.leading) end
  if options.trailing ~= nil then trailing = check.is_a(name, 3, "option 'trailing'", "boolean", options.trailing) end
  if not leading and not trailing then misuse(name, 3, "one of 'leading' and 'trailing' must be true") end
  return leading, trailing
end

-- The two differ in what an interval begins with: every call (`restarts`), or a call that f is started for.
local function pace(name, restarts, f, interval, leading, trailing)
  local began = LONG_AGO  -- the interval
  local latest = nil      -- the arguments of the call that waits for its end
  local waits = nil       -- the token of the goroutine that waits with it
  local waiter = nil

  local function wait(token)
    defer(function()
      -- It was cancelled: with whoever made the call.
      if waits == token then waits, latest = nil, nil end
    end)
    local left = began + interval - now()
    while left > 0 do
      sleep(left)
      left = began + interval - now()
    end
    local arguments = latest
    waits, latest = nil, nil
    if not restarts then began = now() end
    spawn(f, unpack(arguments, 1, arguments.n))
  end

  local function call(...)
    local time = now()
    local quiet = not waits and time - began >= interval
    if quiet or restarts then began = time end
    if quiet and leading then
      spawn(f, ...)
    elseif trailing then
      latest = pack(...)
      if not waits then
        waits = {}
        waiter = clockwork(wait, waits)
      end
    end
  end

  local function cancel()
    began = LONG_AGO
    if not waits then return false end
    waits, latest = nil, nil
    waiter:cancel(name .. " was cancelled")
    return true
  end

  return call, cancel
end

local function make(name, restarts, f, interval, options, leads)
  check.is_a(name, 1, "", "function", f)
  check.duration(name, 2, interval)
  local leading, trailing = read_options(name, options, leads)
  return pace(name, restarts, f, interval, leading, trailing)
end

return {
  debounce = function(f, interval, options) return make("debounce", true, f, interval, options, false) end,
  throttle = function(f, interval, options) return make("throttle", false, f, interval, options, true) end,
}

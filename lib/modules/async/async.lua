-- Functions that run at once.
local library, host = ...
local make = library "channel.make"
local misuse = library "internal.misuse"
local next = library "_G.next"
local outcome = library "internal.outcome"
local pcall = library "_G.pcall"
local select = library "_G.select"
local sleep = library "goroutine.sleep"
local start = library "internal.start"
local timeout = library "goroutine.timeout"
local tostring = library "_G.tostring"
local type = library "_G.type"
local within = library "prelude.within"

local milliseconds = host "milliseconds"

local async = {}

function async.parallel(functions, most)
  local keys, count = {}, 0
  for key, f in next, functions do
    count = count + 1
    keys[count] = key
    if type(f) ~= "function" then
      misuse("async.parallel", 1, "function expected at '" .. tostring(key) .. "', got " .. type(f))
    end
  end
  most = most or count
  if most < 1 and count > 0 then misuse("async.parallel", 2, "an integer of at least 1 expected") end
  local ended, handles, results, errors = make(count), {}, {}, nil
  local started, running = 0, 0
  for _ = 1, count do
    while running < most and started < count do
      started, running = started + 1, running + 1
      handles[started] = start(ended, started, functions[keys[started]])
    end
    local index = ended:receive()
    running = running - 1
    local ok, value = outcome(handles[index])
    if ok then
      results[keys[index]] = value
    else
      errors = errors or {}
      errors[keys[index]] = value
    end
  end
  return results, errors
end

function async.sequence(functions)
  local results, last = {}, nil
  for i = 1, #functions do
    local ok, value = pcall(functions[i], last)
    if not ok then return results, value end
    results[i], last = value, value
  end
  return results, nil
end

local function ms(duration) return type(duration) == "number" and duration >= 0 and duration * 1000 or milliseconds(duration) end

local function answer(ok, ...)
  if ok then return ... end
  return nil, (select(1, ...))
end

-- A limit of these functions as one of `goroutine`.
local function limit_of(name, limit)
  local time, ctx = within.parts(name, 1, "", limit)
  if not ctx then return ms(time) end
  return {timeout = time and ms(time), ctx = ctx}
end

function async.timeout(duration, f, ...) return answer(timeout(limit_of("async.timeout", duration), f, ...)) end
function async.sleep(duration) return sleep(limit_of("async.sleep", duration)) end

return async

-- Calls that are held back. The state is the host's, so that all islands see one; time is the runtime's.
local library, host = ...
local misuse = library "internal.misuse"
local now = library "goroutine.now"
local pack = library "table.pack"
local pcall = library "_G.pcall"
local place = library "internal.place"
local setmetatable = library "_G.setmetatable"
local sleep = library "goroutine.sleep"
local type = library "_G.type"
local unpack = library "table.unpack"

local enter, leave, reserve = host "enter", host "leave", host "reserve"

local flow = {}

-- Whatever ends the call. Left at "cancelled" it was cancelled.
local Call <const> = {__close = function(call) leave(call.name, call.epoch, call.outcome, now()) end}

local function is_failure(results)
  if results.n == 0 then return false end
  local first = results[1]
  return not first or type(first) == "table" and first.success == false
end

function flow.circuit_breaker(name, f, options)
  local epoch, why = enter(name, options, now())
  if not epoch then return nil, why end
  local call <close> = setmetatable({name = name, epoch = epoch, outcome = "cancelled"}, Call)
  local results = pack(pcall(f))
  if not results[1] then
    call.outcome = "failure"
    return nil, results[2]
  end
  results = pack(unpack(results, 2, results.n))
  call.outcome = is_failure(results) and "failure" or "success"
  return unpack(results, 1, results.n)
end

function flow.rate_limit(name, per_second, f)
  if type(name) ~= "string" then
    name, per_second, f = nil, name, per_second
  end
  if type(per_second) ~= "number" then misuse("flow.rate_limit", name and 2 or 1, "number expected, got " .. type(per_second)) end
  if not (per_second > 0) then misuse("flow.rate_limit", name and 2 or 1, "a number of calls a second above 0 expected") end
  if f == nil then misuse("flow.rate_limit", name and 3 or 2, "function expected, got nil") end
  local wait = reserve(name or "at " .. place(), per_second, now())
  if wait > 0 then sleep(wait) end
  return f()
end

return flow

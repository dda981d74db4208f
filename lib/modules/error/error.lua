-- What `error` has beside being a function.
local library = ...
local misuse = library "internal.misuse"
local pack = library "table.pack"
local pcall = library "_G.pcall"
local setmetatable = library "_G.setmetatable"
local sleep = library "goroutine.sleep"
local unpack = library "table.unpack"

local Finally <const> = {__close = function(guard) guard.f() end}

local function try(f, catch, finally)
  local guard <close> = finally and setmetatable({f = finally}, Finally) or nil
  local results = pack(pcall(f))
  if results[1] then return unpack(results, 2, results.n) end
  if not catch then return nil, results[2] end
  results = pack(catch(results[2]))
  return unpack(results, 1, results.n)
end

local function retry(f, attempts, delay, multiplier)
  attempts, delay, multiplier = attempts or 3, delay or 1000, multiplier or 2
  if attempts < 1 then misuse("error.retry", 2, "an integer of at least 1 expected") end
  if not (delay >= 0) then misuse("error.retry", 3, "milliseconds, 0 or more, expected") end
  if not (multiplier > 0) then misuse("error.retry", 4, "a factor above 0 expected") end
  for attempt = 1, attempts do
    local results = pack(pcall(f, attempt))
    if results[1] then return unpack(results, 2, results.n) end
    if attempt == attempts then return nil, results[2] end
    sleep(delay)
    delay = delay * multiplier
  end
end

return {try = try, retry = retry}

-- Burns CPU in `goroutines` islands at once; the wall time in ms. Stock Lua burns it once, by itself.
local rounds, goroutines = ...

local function burn(rounds)
  local x = 0
  for i = 1, rounds do x = (x * 31 + i) % 1000003 end
  return x
end

if not goroutine then return burn(tonumber(rounds)) end

local started = goroutine.now()
local handles = {}
for i = 1, goroutines do handles[i] = goroutine.parallel(burn, rounds) end
for _, result in ipairs(goroutine.await_all(handles)) do assert(result.success, result.error) end
return goroutine.now() - started

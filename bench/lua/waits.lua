-- `waits` calls that block for 100 ms each, in goroutines and one after the other. How many times as fast the first is.
local waits, rounds = ...
local function call() goroutine.sleep(100) end

local started = goroutine.now()
for _ = 1, rounds do
  local handles = {}
  for i = 1, waits do handles[i] = goroutine.async(call) end
  goroutine.await_all(handles)
end
local together = (goroutine.now() - started) / rounds

started = goroutine.now()
for _ = 1, waits do call() end
return (goroutine.now() - started) / together

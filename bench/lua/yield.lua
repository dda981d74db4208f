-- Two goroutines of one island yield to each other. Microseconds for a yield.
local count = ...

local function take_turns(count)
  for _ = 1, count do goroutine.yield() end
end

local started = goroutine.now()
local first = goroutine.shared(take_turns, count // 2)
local second = goroutine.shared(take_turns, count // 2)
goroutine.await_all{first, second}
return (goroutine.now() - started) * 1000 / count

-- Timeouts, cancellations, locks and cleanup on one island and across islands.
local mutex, order = goroutine.mutex(), {}
local function visit(name)
  mutex:lock()
  goroutine.sleep(math.random(5))
  order[#order + 1] = name
  mutex:unlock()
end
local visits = {}
for i = 1, 6 do visits[i] = goroutine.async(visit, i) end
goroutine.await_all(visits)
print(table.concat(order, " "))

local never = channel.make()
print(goroutine.timeout(20, function() return never:receive() end))
print(never:receive(0.5))
local victim = goroutine.async(function()
  defer(function() print("cleaned up at", goroutine.now() // 1) end)
  while true do end
end)
goroutine.sleep(7)
victim:cancel("enough")
print(goroutine.await(victim))
local race = {}
for i = 1, 5 do
  race[i] = goroutine.async(function()
    goroutine.sleep(10)
    print("woke", i)
  end)
end
goroutine.await_all(race)

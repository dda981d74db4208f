-- Ten goroutines add a hundred times each to a captured local under a mutex; they may switch between the read and the write.
local options = ...

local function round(switch)
  local counter = 0
  local mutex = goroutine.mutex()
  local group = goroutine.wait_group()
  for _ = 1, 10 do
    group:go(function()
      for i = 1, 100 do
        mutex:lock()
        local value = counter
        if switch == "yield" then
          goroutine.yield()
        elseif switch == "sleep" and i % 50 == 0 then
          goroutine.sleep(0.1)
        end
        counter = value + 1
        mutex:unlock()
      end
    end)
  end
  group:wait()
  assert(counter == 1000, "the counter is " .. counter)
end

local switches = {"no", "yield", "sleep"}
for i = 1, options.rounds do round(switches[i % 3 + 1]) end
assert(goroutine.count() == 1, "goroutines are left")
return {rounds = options.rounds}

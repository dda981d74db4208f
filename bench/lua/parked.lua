-- Parks `count` goroutines on a channel and lets them go again.
local form, count = ...
local spawn = goroutine[form]

local function resident()
  for line in io.lines("/proc/self/status") do
    local kibibytes = line:match("^VmRSS:%s+(%d+)")
    if kibibytes then return kibibytes * 1024 end
  end
end

local gate = channel.make()
local function wait(gate) gate:receive() end

local before = resident()
local started = goroutine.now()
for _ = 1, count do spawn(wait, gate) end
local spawned = goroutine.now() - started
repeat goroutine.sleep(20) until (goroutine.stats().waiting["channel receive"] or 0) >= count
local parked = goroutine.now() - started
local full = resident()

started = goroutine.now()
gate:close()
repeat goroutine.sleep(5) until goroutine.count() == 1
local released = goroutine.now() - started
goroutine.sleep(500)
collectgarbage()
return {
  spawned = spawned,
  parked = parked,
  resident = full,
  each = (full - before) / count,
  released = released,
  live = goroutine.count(),
  islands = goroutine.stats().islands,
}

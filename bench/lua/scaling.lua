-- What one goroutine costs where there are `count` of them, all parked at once: us from spawn to parked, us from the wake to
-- the end, bytes while parked. A first round touches the memory; the second is told.
local form, count = ...
local spawn = goroutine[form]

local function resident()
  for line in io.lines("/proc/self/status") do
    local kibibytes = line:match("^VmRSS:%s+(%d+)")
    if kibibytes then return kibibytes * 1024 end
  end
end

local function wait(gate, group)
  group:done()
  gate:receive()
  group:done()
end

local function round()
  local gate, group = channel.make(), goroutine.wait_group()
  group:add(count)
  local started = goroutine.now()
  for _ = 1, count do spawn(wait, gate, group) end
  group:wait()
  local spawned = goroutine.now() - started
  local full = resident()
  group:add(count)
  started = goroutine.now()
  gate:close()
  group:wait()
  return spawned * 1000 / count, (goroutine.now() - started) * 1000 / count, full
end

local before = resident()
local first, _, full = round()
local again, woken = round()
for _ = 1, 9 do
  if count * 10 > 1e5 then break end
  local s, w = round()
  again, woken = math.min(again, s), math.min(woken, w)
end
return {first = first, again = again, woken = woken, bytes = (full - before) / count}

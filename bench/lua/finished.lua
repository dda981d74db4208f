-- Spawns goroutines that end at once, at most 1,000 alive at a time: first `early` of them, then up to `late`.
local form, early, late = ...
local spawn = goroutine[form]

local function resident()
  for line in io.lines("/proc/self/status") do
    local kibibytes = line:match("^VmRSS:%s+(%d+)")
    if kibibytes then return kibibytes * 1024 end
  end
end

local group = goroutine.wait_group()
local function finish(group, n)
  local sum = 0
  for i = 1, 10 do sum = sum + n * i end
  group:done()
  return sum
end

local function run(count)
  while count > 0 do
    local alive = math.min(count, 1000)
    group:add(alive)
    for i = 1, alive do spawn(finish, group, i) end
    group:wait()
    count = count - alive
  end
end

local function rest()
  goroutine.sleep(500)
  collectgarbage()
  return resident()
end

run(early)
local after_early = rest()
local started = goroutine.now()
run(late - early)
local ms = goroutine.now() - started
return {
  early = after_early,
  late = rest(),
  each = ms * 1000 / (late - early),
  live = goroutine.count(),
  islands = goroutine.stats().islands,
}

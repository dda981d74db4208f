-- Spawns `count` goroutines with a captured function of about 20 instructions, at most `alive` at a time, and joins them
-- by a wait group. Microseconds for each.
local form, count, alive = ...
local spawn = goroutine[form]
local group = goroutine.wait_group()

local function work(n)
  local a, b = n, 1
  for i = 1, 3 do a, b = b + i, a end
  return a * b
end

local function body(n)
  work(n)
  group:done()
end

local function run(count)
  while count > 0 do
    local some = math.min(count, alive)
    group:add(some)
    for i = 1, some do spawn(body, i) end
    group:wait()
    count = count - some
  end
end

run(math.min(count, 2000))
local started = goroutine.now()
run(count)
return (goroutine.now() - started) * 1000 / count

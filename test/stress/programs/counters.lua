-- A captured counter without a lock stays exact, because code that does not wait is atomic on its island: also when it
-- prints between the read and the write, and however long the slices are.
local options = ...

local function add_once(goroutines)
  local counter = 0
  local handles = {}
  for i = 1, goroutines do
    handles[i] = go.spawn(function() counter = counter + 1 end)
  end
  go.wait_all(handles)
  return counter
end

local function add_around_print(goroutines, times)
  local counter = 0
  local group = goroutine.wait_group()
  for id = 1, goroutines do
    group:go(function()
      for _ = 1, times do
        local value = counter
        print(id, value)
        counter = value + 1
      end
    end)
  end
  group:wait()
  return counter
end

-- Longer than a slice: the island as a whole is preempted, never to run a sibling.
local function add_slowly(goroutines)
  local counter = 0
  local group = goroutine.wait_group()
  for _ = 1, goroutines do
    group:go(function()
      local value = counter
      local waste = 0
      for i = 1, 1000000 do waste = waste + i end
      counter = value + 1
    end)
  end
  group:wait()
  return counter
end

for _ = 1, options.rounds do
  local count = add_once(100)
  assert(count == 100, "100 goroutines added " .. count)
end
for _ = 1, options.printing do
  local count = add_around_print(10, 20)
  assert(count == 200, "10 goroutines that print added " .. count .. " of 200")
end
for _ = 1, options.slow do
  local count = add_slowly(5)
  assert(count == 5, "5 slow goroutines added " .. count)
end
assert(goroutine.count() == 1, "goroutines are left")
return {rounds = options.rounds, printing = options.printing, slow = options.slow}

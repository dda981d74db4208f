-- Everything that is drawn: select's choice, random numbers on several islands, orders of string keys, big sorts.
local a, b = channel.make(8), channel.make(8)
for i = 1, 8 do
  a:send(i)
  b:send(-i)
end
local drawn = {}
local note = function(value) drawn[#drawn + 1] = value end
for _ = 1, 16 do channel.select({{"|<-", a, note}, {"|<-", b, note}}) end
print(table.concat(drawn, " "))

local handles = {}
for i = 1, 4 do handles[i] = goroutine.async(function() return math.random(1000), math.random(1000) end) end
for _, result in ipairs(goroutine.await_all(handles)) do print(table.unpack(result.values)) end

local keys = {}
for key in pairs({alpha = 1, beta = 2, gamma = 3, delta = 4, epsilon = 5}) do keys[#keys + 1] = key end
print(table.concat(keys, " "))

local comparisons, numbers = 0, {}
for i = 1, 3000 do numbers[i] = i % 2 == 0 and i or 0 end
table.sort(numbers, function(x, y)
  comparisons = comparisons + 1
  return x < y
end)
print(comparisons, math.random(), os.time(), os.clock(), os.date("!%H:%M:%S"))

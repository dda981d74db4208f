-- Waiting where Lua can and cannot yield: coroutines, iterators, comparators, callbacks of gsub.
local feed = channel.make()
for sign = -1, 1, 2 do
  go.spawn(function()
    for i = 1, 20 do feed:send(i * sign) end
  end)
end
local produce = coroutine.wrap(function()
  for _ = 1, 5 do coroutine.yield((feed:receive())) end
  return "end"
end)
print(produce(), produce(), produce())
local list = {5, 2, 9, 1, 7}
table.sort(list, function(x, y)
  feed:receive()
  return x < y
end)
print(table.concat(list, " "))
print((("a b c"):gsub("%a", function(letter) return letter .. feed:receive() end)))

local ready = goroutine.atomic_int()
goroutine.parallel(function()
  local sum = 0
  for i = 1, 5000 do sum = sum + i end
  ready:store(sum)
end)
table.sort({1, 2}, function(x, y)
  while ready:load() == 0 do end
  return x < y
end)
print(ready:load())

for _ = 1, 3 do
  local ok, message = pcall(function()
    goroutine.sleep(1)
    error("inside " .. feed:receive())
  end)
  print(ok, message)
end
while feed:receive(0.001) do end

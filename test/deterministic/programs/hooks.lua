-- The program's own hooks beside those that cut slices: they see every line once, and as many instructions as they asked for.
local ticks = channel.make()
go.spawn(function()
  for i = 1, 30 do ticks:send(i) end
  ticks:close()
end)
local co = coroutine.wrap(function()
  for tick in ticks:range() do coroutine.yield(tick) end
end)
local lines, calls = 0, 0
debug.sethook(function(event)
  if event == "line" then lines = lines + 1 else calls = calls + 1 end
end, "l", 50)
for i = 1, 200 do
  local _ = i * i
  if i % 10 == 0 then co() end
end
debug.sethook()
print(lines, calls)
local counted, total = 0, 0
debug.sethook(function() counted = counted + 1 end, "", 1000)
for i = 1, 20000 do total = total + i end
debug.sethook()
print(counted, total, math.random(1000))

-- One island selects over 8 unbuffered channels that another sends to in turn. Microseconds for a message.
local count = ...
local channels = {}
for i = 1, 8 do channels[i] = channel.make() end

local function produce(count, ...)
  local channels = {...}
  for i = 1, count do channels[i % #channels + 1]:send(i) end
end

local function consume(count, ...)
  local cases = {}
  for i, ch in ipairs{...} do cases[i] = {"|<-", ch} end
  for _ = 1, count // 10 do channel.select(cases) end
  local started = goroutine.now()
  for _ = 1, count do channel.select(cases) end
  return (goroutine.now() - started) * 1000 / count
end

goroutine.parallel(produce, count + count // 10, table.unpack(channels))
return select(2, assert(goroutine.await(goroutine.parallel(consume, count, table.unpack(channels)))))

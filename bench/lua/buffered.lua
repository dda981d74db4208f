-- One island sends numbers to another over a channel of capacity 128. Microseconds for a message.
local count = ...
local queue = channel.make(128)

local function produce(queue, count)
  for i = 1, count do queue:send(i) end
  queue:close()
end

local function consume(queue, count)
  for _ = 1, count // 10 do queue:receive() end
  local started = goroutine.now()
  local received = 0
  for _ in queue:range() do received = received + 1 end
  return (goroutine.now() - started) * 1000 / received
end

goroutine.parallel(produce, queue, count + count // 10)
return select(2, assert(goroutine.await(goroutine.parallel(consume, queue, count))))

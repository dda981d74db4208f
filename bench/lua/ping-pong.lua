-- Two islands hand a number to and fro over unbuffered channels. Microseconds for a round trip.
local count = ...
local ping, pong = channel.make(), channel.make()

local function echo(ping, pong)
  for value in ping:range() do pong:send(value) end
end

local function play(ping, pong, count)
  for i = 1, count // 10 do ping:send(i) pong:receive() end
  local started = goroutine.now()
  for i = 1, count do ping:send(i) pong:receive() end
  local ms = goroutine.now() - started
  ping:close()
  return ms * 1000 / count
end

goroutine.parallel(echo, ping, pong)
return select(2, assert(goroutine.await(goroutine.parallel(play, ping, pong, count))))

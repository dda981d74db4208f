-- Sleeps among hot loops. Returns by how many ms each sleep was late, and for each goroutine woken by a message how many
-- slices ended between the message and its turn: with w workers never more than w, if nobody else goes first.
local loops, sleeps = ...
local stop = goroutine.atomic_int(0)

local function spin(stop)
  while stop:load() == 0 do end
end

local function echo(requests, answers)
  for before in requests:range() do answers:send(goroutine.stats().preemptions - before) end
end

local spinning = {}
for i = 1, loops do spinning[i] = goroutine.parallel(spin, stop) end
goroutine.sleep(100)

local late = {}
for i = 1, sleeps do
  local started = goroutine.now()
  goroutine.sleep(10)
  late[i] = goroutine.now() - started - 10
end

-- The sender keeps its worker after each message until its slice ends, as a hot loop would. It begins when the watchdog ends
-- slices, others' too, and sends a while later: a slice that ends between the count and the message did not end behind it.
local requests, answers = channel.make(1), channel.make(1)
goroutine.parallel(echo, requests, answers)
local overtaken = {}
for i = 1, sleeps do
  goroutine.sleep(1)
  local begun = goroutine.now()
  while goroutine.now() - begun < 2 do end
  requests:send(goroutine.stats().preemptions)
  local turn = 0
  while answers:len() == 0 and turn < 1e8 do turn = turn + 1 end
  overtaken[i] = answers:receive()
end
requests:close()
stop:store(1)
goroutine.await_all(spinning)
return late, overtaken

-- Goroutines that do anything to anybody: send, receive, select, wait, start others, cancel them, run out of time, fail.
-- Whatever happens, no message appears twice or from nowhere, none is lost but with a goroutine that was stopped while it
-- sent or received, and at the end nothing is left.
local options = ...

local queue1, queue2, queue3, queue4 = channel.make(), channel.make(), channel.make(1), channel.make(16)
local ledgers = channel.make(1000000)
local ids = goroutine.atomic_int(0)
local sends, sent, refused = goroutine.atomic_int(0), goroutine.atomic_int(0), goroutine.atomic_int(0)
local receives, received, nothing = goroutine.atomic_int(0), goroutine.atomic_int(0), goroutine.atomic_int(0)
local jobs, ended = goroutine.atomic_int(0), goroutine.atomic_int(0)

local actor

local function moment() return math.random() * 0.003 end

local function any_queue()
  local number = math.random(4)
  if number == 1 then return queue1 end
  if number == 2 then return queue2 end
  return number == 3 and queue3 or queue4
end

-- Before an operation its attempt is counted, after it what came of it: the difference was stopped in between.
local function send(queue)
  local id = ids:add(1)
  sends:add(1)
  if queue:send(id, moment()) then sent:add(1) else refused:add(1) end
end

local function note(got, id, ok)
  if ok then
    got[#got + 1] = id
    received:add(1)
  else
    nothing:add(1)
  end
end

local function receive(got)
  receives:add(1)
  note(got, any_queue():receive(moment()))
end

local function choose(got)
  local id = ids:add(1)
  sends:add(1)
  receives:add(1)
  local was_sent, ok, value = false, false, nil
  channel.select({
    {"|<-", any_queue(), function(...) value, ok = ... end},
    {"<-|", any_queue(), id, function() was_sent = true end},
    math.random(8) == 1 and {"default", function() end} or nil,
  }, moment())
  if was_sent then sent:add(1) else refused:add(1) end
  note(got, value, ok)
end

local function try(got)
  sends:add(1)
  if any_queue():try_send(ids:add(1)) then sent:add(1) else refused:add(1) end
  receives:add(1)
  note(got, any_queue():try_receive())
end

-- A stream of its own: all that was sent before the close, in order.
local function stream()
  local count = math.random(20)
  local pipe = channel.make(math.random(0, 3))
  local function produce()
    for i = 1, count do pipe:send({number = i}) end
    pipe:close()
  end
  local producer
  if math.random(2) == 1 then producer = goroutine.parallel(produce) else producer = goroutine.shared(produce) end
  local expected = 0
  for message in pipe:range() do
    expected = expected + 1
    assert(message.number == expected, "a stream out of order")
  end
  assert(expected == count, "a stream that ends early")
  assert(producer:await())
end

-- A channel goes through a channel, and the answer comes back on it.
local function correspond()
  local desk = channel.make()
  local clerk = goroutine.parallel(function()
    local reply = desk:receive()
    reply:send("answer")
  end)
  local reply = channel.make(1)
  desk:send(reply)
  assert(reply:receive() == "answer")
  assert(clerk:await())
end

-- Waits where Lua cannot yield; only so many can at a time.
local function wait_in_place(got)
  local ok, message = pcall(table.sort, {3, 1, 2}, function(a, b)
    receive(got)
    return a < b
  end)
  assert(ok or message:find("too many calls blocked", 1, true), message)
end

local function wait_in_coroutine(got)
  local step = coroutine.wrap(function()
    for i = 1, 3 do
      receive(got)
      coroutine.yield(i)
    end
  end)
  for i = 1, 3 do assert(step() == i) end
end

local function start(children, depth, steps)
  if depth == 0 then return end
  local function act() actor(depth - 1, steps) end
  local form, child = math.random(3), nil
  if form == 1 then
    child = goroutine.parallel(act)
  elseif form == 2 then
    child = goroutine.shared(act)
  else
    child = goroutine.async(act)
  end
  children[#children + 1] = child
end

local function run_out_of_time(depth, steps)
  local ok, message = goroutine.timeout(math.random(5), function() actor(depth - 1, steps) end)
  assert(ok or message == "timeout exceeded", message)
end

local function fail()
  local ok, message = goroutine.async(function()
    defer(function() end)
    error("on purpose")
  end):await()
  assert(not ok and message:find("on purpose", 1, true))
end

local function submit()
  local id, refusal = goroutine.pool_submit("pool", function()
    if math.random(3) == 1 then error("a failing job") end
    send(queue4)
    ended:add(1)
  end)
  if id then jobs:add(1) else assert(refusal == "pool is closed", refusal) end
end

function actor(depth, steps)
  local got, children = {}, {}
  defer(function()
    if #got > 0 then ledgers:send(got) end
  end)
  for _ = 1, steps do
    local what = math.random(100)
    if what <= 25 then send(any_queue())
    elseif what <= 50 then receive(got)
    elseif what <= 65 then choose(got)
    elseif what <= 70 then try(got)
    elseif what <= 73 then stream()
    elseif what <= 75 then correspond()
    elseif what <= 76 then wait_in_place(got)
    elseif what <= 78 then wait_in_coroutine(got)
    elseif what <= 84 then start(children, depth, steps)
    elseif what <= 87 then
      if #children > 0 then children[math.random(#children)]:cancel("chance") end
    elseif what <= 89 then
      if #children > 0 then children[math.random(#children)]:await(math.random(3)) end
    elseif what <= 91 then
      if depth > 0 then run_out_of_time(depth, steps) end
    elseif what <= 93 then fail()
    elseif what <= 95 then submit()
    elseif what <= 97 then goroutine.sleep(math.random())
    elseif what <= 98 then collectgarbage("step")
    else goroutine.yield() end
  end
end

assert(goroutine.pool_create("pool", {workers = 3}))
local crowd = {}
for i = 1, options.actors do
  if i % 2 == 0 then
    crowd[i] = goroutine.parallel(actor, 2, options.steps)
  else
    crowd[i] = goroutine.shared(actor, 2, options.steps)
  end
end
-- Now and then one of the first generation goes too.
for _ = 1, options.actors // 4 do
  goroutine.sleep(math.random(3))
  crowd[math.random(#crowd)]:cancel("chance")
end
for _, handle in ipairs(crowd) do
  local ok, message, kind = handle:await()
  assert(ok or kind == "cancelled", message)
end
-- Grandchildren may outlive those who started them.
assert(goroutine.pool_wait("pool"))
while goroutine.count() > 1 do goroutine.sleep(1) end
local stats = goroutine.pool_stats("pool")
assert(goroutine.pool_close("pool"))
assert(stats.completed + stats.failed >= jobs:load() and stats.queued == 0 and stats.active == 0, "a job is lost")
assert(stats.completed >= ended:load(), "a job counts as failed that ended")

-- What the queues still hold is counted like what an actor received.
local rest = {}
for _, queue in ipairs{queue1, queue2, queue3, queue4} do
  local id, ok = queue:try_receive()
  while ok do
    rest[#rest + 1] = id
    id, ok = queue:try_receive()
  end
end
ledgers:send(rest)
ledgers:close()
local seen, arrived = {}, 0
for got in ledgers:range() do
  for _, id in ipairs(got) do
    assert(math.type(id) == "integer" and id >= 1 and id <= ids:load(), "a message nobody sent")
    assert(not seen[id], "a message arrived twice")
    seen[id] = true
  end
  arrived = arrived + #got
end
local stopped_sends = sends:load() - sent:load() - refused:load()
local stopped_receives = receives:load() - received:load() - nothing:load()
assert(arrived - #rest >= received:load(), "what was received is missing")
assert(arrived <= sent:load() + stopped_sends, "more arrived than was sent")
assert(arrived >= sent:load() - stopped_receives, "messages are lost")
return {
  goroutines = goroutine.stats().spawned,
  sent = sent:load(),
  arrived = arrived,
  stopped_sends = stopped_sends,
  stopped_receives = stopped_receives,
  jobs = jobs:load(),
}

-- Senders and receivers, half of them islands and half on one island, use one channel in every way there is, while some are
-- cancelled and replaced. Every message must arrive exactly once. What cancelling leaves open is bounded: the message a
-- cancelled sender was at may have gone or not, and a cancelled receiver may take one message with it.
local options = ...
local senders, receivers = options.senders or 8, options.receivers or 8
local total, cancels = options.messages, options.cancels or 0

local queue = channel.make(options.capacity)
local never = channel.make()
local ledgers = channel.make(receivers + cancels)

local function send_range(queue, never, first, last, tried, sent)
  local function moment() return math.random() * 0.002 end
  for id = first, last do
    tried:store(id)
    local way = math.random(6)
    local done = false
    if way == 1 then
      while not queue:send(id, moment()) do end
      done = true
    elseif way == 2 then
      while not channel.select({{"<-|", queue, id}, {"|<-", never}}, moment()) do end
      done = true
    elseif way == 3 then
      done = goroutine.select({{channel = never, receive = true, function() return false end},
        {channel = queue, send = id, handler = function() return true end}})
    elseif way == 4 then
      done = queue:try_send(id)
    end
    if not done then queue:send(id) end
    sent:store(id)
  end
end

local function receive_all(queue, never, ledgers)
  local got, count = {}, 0
  defer(function() ledgers:send(got) end)
  local function moment() return math.random() * 0.002 end
  while true do
    local way = math.random(6)
    local id, ok, why
    if way == 1 then
      id, ok, why = queue:receive(moment())
    elseif way == 2 then
      local chosen = channel.select({{"|<-", never}, {"|<-", queue}}, moment())
      if chosen then id, ok = chosen[2], chosen[3] else why = "timeout" end
    elseif way == 3 then
      id, ok = goroutine.select({{channel = queue, receive = true, handler = function(...) return ... end},
        {channel = never, receive = true}})
    elseif way == 4 then
      id, ok, why = queue:try_receive()
      if why == "closed" then why = nil end
    else
      id, ok = queue:receive()
    end
    if ok then
      count = count + 1
      got[count] = id
    elseif not why then
      return
    end
  end
end

local started = 0
local function start(f, ...)
  started = started + 1
  return (started % 2 == 0 and goroutine.parallel or goroutine.shared)(f, ...)
end

local sending, receiving = {}, {}
for i = 1, senders do
  local first, last = total * (i - 1) // senders + 1, total * i // senders
  local sender = {last = last, tried = goroutine.atomic_int(first - 1), sent = goroutine.atomic_int(first - 1)}
  sender.handle = start(send_range, queue, never, first, last, sender.tried, sender.sent)
  sending[i] = sender
end
for i = 1, receivers do receiving[i] = start(receive_all, queue, never, ledgers) end

-- Cancels one, waits until it has ended, and answers with whether it really was stopped.
local function stop(handle)
  handle:cancel("replaced")
  local ok, message, kind = handle:await()
  if not ok then assert(kind == "cancelled", message) end
  return not ok
end

local open, lost_at_most, stopped_senders = {}, 0, 0
local function progress()
  local sum = 0
  for i, sender in ipairs(sending) do sum = sum + sender.sent:load() - total * (i - 1) // senders end
  return sum
end

for n = 1, cancels do
  -- Spread over the first nine tenths of the messages.
  while progress() < total * 0.9 * (n - 1) / cancels do goroutine.sleep(math.random() * 2) end
  if math.random(2) == 1 then
    local i = math.random(receivers)
    if stop(receiving[i]) then
      lost_at_most = lost_at_most + 1
      receiving[i] = start(receive_all, queue, never, ledgers)
    end
  else
    local sender = sending[math.random(senders)]
    if stop(sender.handle) then
      stopped_senders = stopped_senders + 1
      local tried = sender.tried:load()
      if tried ~= sender.sent:load() then open[tried] = true end
      sender.handle = start(send_range, queue, never, tried + 1, sender.last, sender.tried, sender.sent)
    end
  end
end

for _, sender in ipairs(sending) do assert(sender.handle:await()) end
queue:close()
for _, receiver in ipairs(receiving) do assert(receiver:await()) end
ledgers:close()

local seen, received, sum = {}, 0, 0
for got in ledgers:range() do
  for _, id in ipairs(got) do
    assert(id >= 1 and id <= total, "a message nobody sent")
    assert(not seen[id], "a message arrived twice")
    seen[id] = true
    received = received + 1
    sum = sum + id
  end
end
local missing, not_sent = 0, 0
for id = 1, total do
  if not seen[id] then
    if open[id] then not_sent = not_sent + 1 else missing = missing + 1 end
    sum = sum + id
  end
end
assert(missing <= lost_at_most, missing .. " messages are lost, and " .. lost_at_most .. " receivers were cancelled")
assert(received + missing + not_sent == total and sum == total * (total + 1) // 2)
assert(goroutine.count() == 1, "goroutines are left")
return {received = received, lost = missing, unsent = not_sent, senders = stopped_senders, receivers = lost_at_most}

-- What the host does with channels and wait groups, each call on a goroutine of its own. The first result tells how it ended.
local closed = "send on closed channel"

return {
  send = function(channel, value, seconds)
    local ok, sent, why = pcall(channel.send, channel, value, seconds)
    if ok then return sent and "done" or why end
    if type(sent) == "string" and sent:find(closed, 1, true) then return "closed" end
    error(sent, 0)
  end,
  receive = function(channel, seconds)
    local value, ok, why = channel:receive(seconds)
    return ok and "done" or why or "closed", value
  end,
  try_send = function(channel, value)
    local ok, sent = pcall(channel.try_send, channel, value)
    if ok then return sent and "done" or "full" end
    if type(sent) == "string" and sent:find(closed, 1, true) then return "closed" end
    error(sent, 0)
  end,
  try_receive = function(channel)
    local value, ok, why = channel:try_receive()
    return ok and "done" or why, value
  end,
  wait = function(group, ms)
    local ok, why = group:wait(ms)
    return ok and "done" or why
  end,
}

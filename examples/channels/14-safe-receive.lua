-- Adapted: the function is called, once with a value at hand, once without, once on a closed channel.

-- Protect against deadlocks with timeouts
local function safe_receive(ch, timeout)
    local result = channel.select({
        {"|<-", ch, function(val, ok)
            return val, ok
        end}
    }, timeout or 5.0)
    
    if result then
        return result[1], result[2]
    else
        return nil, false, "timeout"
    end
end

local messages = channel.make(1)
messages:send("a message")
print(safe_receive(messages))
print(safe_receive(messages, 0.1))
messages:close()
print(safe_receive(messages))

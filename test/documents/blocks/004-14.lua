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

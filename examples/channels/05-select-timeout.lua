-- Nobody sends: the select gives up after a second.

local ch = channel.make()

-- Try to receive with timeout
local result = channel.select({
    {"|<-", ch, function(val, ok)
        return "received", val
    end}
}, 1.0)  -- 1 second timeout

if result then
    print("Got:", result[2])
else
    print("Timeout!")
end

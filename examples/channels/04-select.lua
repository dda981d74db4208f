-- Waits for whichever channel is ready first, twice.

local ch1 = channel.make()
local ch2 = channel.make()

-- Spawn senders
go.spawn(function()
    channel.sleep(1)
    ch1:send("from ch1")
end)

go.spawn(function()
    channel.sleep(2)
    ch2:send("from ch2")
end)

-- Select from multiple channels
for i = 1, 2 do
    local result = channel.select({
        {"|<-", ch1, function(val, ok)
            if ok then
                print("ch1:", val)
                return 1, val
            end
        end},
        {"|<-", ch2, function(val, ok)
            if ok then
                print("ch2:", val)
                return 2, val
            end
        end}
    })
    
    local case_num, value = result[1], result[2]
    print("Selected case", case_num, "with value", value)
end

-- Both channels have room, so one of the two is chosen at random; the default is for when neither has.

local ch1 = channel.make(1)
local ch2 = channel.make(1)

-- Non-blocking select with default
local result = channel.select({
    {"<-|", ch1, "data1", function(ok)
        if ok then
            return "sent to ch1"
        end
    end},
    {"<-|", ch2, "data2", function(ok)
        if ok then
            return "sent to ch2"
        end
    end},
    {"default", function()
        return "nothing ready"
    end}
})

print("Result:", result[1])

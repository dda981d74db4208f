-- Always close channels when done
local ch = channel.make()

go.spawn(function()
    defer(function() ch:close() end)  -- Ensure cleanup
    
    for i = 1, 10 do
        ch:send(i)
    end
end)

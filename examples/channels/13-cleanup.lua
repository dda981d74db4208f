-- Adapted: somebody receives, at the end. Without a receiver the goroutine would wait for ever in its first send.
-- defer closes the channel however the goroutine ends, so the loop ends too.

-- Always close channels when done
local ch = channel.make()

go.spawn(function()
    defer(function() ch:close() end)  -- Ensure cleanup
    
    for i = 1, 10 do
        ch:send(i)
    end
end)

for value in channel.range(ch) do
    print(value)
end
print("Closed")

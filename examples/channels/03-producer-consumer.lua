-- The producer is never more than the buffer ahead of the consumer.

-- Producer-consumer pattern
local data = channel.make(5)
local done = channel.make()

-- Producer
go.spawn(function()
    for i = 1, 10 do
        data:send(i)
        print("Produced:", i)
    end
    data:close()
end)

-- Consumer
go.spawn(function()
    for value in channel.range(data) do
        print("Consumed:", value)
        channel.sleep(0.2)  -- Simulate work
    end
    done:send(true)
end)

-- Wait for completion
done:receive()
print("All done!")

-- The program ends when both goroutines have: a run waits for what it started.

-- Spawn a simple goroutine
go.spawn(function()
    print("Running in goroutine")
    channel.sleep(1)  -- Sleep 1 second
    print("Goroutine done")
end)

-- Spawn with arguments
go.spawn(function(name, count)
    for i = 1, count do
        print(name .. ": " .. i)
        channel.sleep(0.1)
    end
end, "worker", 5)

-- Each of the workers fails with a probability of three in ten; the errors go over a channel.

local errors = channel.make(10)
local done = channel.make()

-- Worker that might fail
local function risky_worker(id, error_ch)
    return function()
        local ok, err = pcall(function()
            if math.random() > 0.7 then
                error("Worker " .. id .. " failed!")
            end
            -- Do work
            channel.sleep(math.random())
            print("Worker", id, "completed successfully")
        end)
        
        if not ok then
            error_ch:send({worker = id, error = err})
        end
    end
end

-- Spawn workers
for i = 1, 5 do
    go.spawn(risky_worker(i, errors))
end

-- Error collector
go.spawn(function()
    channel.sleep(2)  -- Wait for workers
    
    -- Collect any errors
    local error_count = 0
    while true do
        local err, ok = errors:try_receive()
        if not ok then
            break
        end
        print("Error from worker", err.worker, ":", err.error)
        error_count = error_count + 1
    end
    
    done:send(error_count)
end)

local total_errors = done:receive()
print("Total errors:", total_errors)

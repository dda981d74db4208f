-- Fan-out: Distribute work to multiple goroutines
local function fan_out(input, num_workers)
    local workers = {}
    
    for i = 1, num_workers do
        local output = channel.make(10)
        workers[i] = output
        
        go.spawn(function(id, in_ch, out_ch)
            for item in channel.range(in_ch) do
                -- Process item
                local result = {
                    worker = id,
                    original = item,
                    processed = item * item  -- Square it
                }
                out_ch:send(result)
            end
            out_ch:close()
        end, i, input, output)
    end
    
    return workers
end

-- Fan-in: Merge multiple channels
local function fan_in(channels)
    local output = channel.make(10)
    local done_count = 0
    
    for i, ch in ipairs(channels) do
        go.spawn(function(input)
            for item in channel.range(input) do
                output:send(item)
            end
            done_count = done_count + 1
            if done_count == #channels then
                output:close()
            end
        end, ch)
    end
    
    return output
end

-- Usage
local source = channel.make(10)

-- Generate data
go.spawn(function()
    for i = 1, 20 do
        source:send(i)
    end
    source:close()
end)

-- Fan-out to 3 workers
local worker_outputs = fan_out(source, 3)

-- Fan-in results
local merged = fan_in(worker_outputs)

-- Collect all results
for result in channel.range(merged) do
    print(string.format("Worker %d processed %d -> %d", 
        result.worker, result.original, result.processed))
end

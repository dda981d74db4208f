-- Four stages, each a goroutine; closing a stage's channel ends the next one.

-- Create a data processing pipeline
local function pipeline()
    -- Stage channels
    local raw_data = channel.make(10)
    local parsed_data = channel.make(10)
    local validated_data = channel.make(10)
    local results = channel.make(10)
    
    -- Stage 1: Generate data
    go.spawn(function()
        for i = 1, 100 do
            raw_data:send({id = i, value = math.random(1, 100)})
        end
        raw_data:close()
    end)
    
    -- Stage 2: Parse/transform
    go.spawn(function()
        for data in channel.range(raw_data) do
            parsed_data:send({
                id = data.id,
                value = data.value,
                doubled = data.value * 2
            })
        end
        parsed_data:close()
    end)
    
    -- Stage 3: Validate
    go.spawn(function()
        for data in channel.range(parsed_data) do
            if data.doubled > 50 then  -- Simple validation
                validated_data:send(data)
            end
        end
        validated_data:close()
    end)
    
    -- Stage 4: Final processing
    go.spawn(function()
        for data in channel.range(validated_data) do
            results:send({
                id = data.id,
                final = data.doubled + 10
            })
        end
        results:close()
    end)
    
    return results
end

-- Run pipeline
local output = pipeline()
local count = 0
for result in channel.range(output) do
    print(string.format("Result %d: %d", result.id, result.final))
    count = count + 1
end
print("Processed", count, "items")

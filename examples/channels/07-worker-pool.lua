-- Five workers share one queue of jobs. They end because the queue is closed.

local function create_worker_pool(num_workers, job_queue, result_queue)
    for i = 1, num_workers do
        go.spawn(function(id)
            print("Worker", id, "started")
            
            for job in channel.range(job_queue) do
                -- Process job
                local result = {
                    worker_id = id,
                    job_id = job.id,
                    result = job.data * 2  -- Simple processing
                }
                
                result_queue:send(result)
            end
            
            print("Worker", id, "finished")
        end, i)
    end
end

-- Usage
local jobs = channel.make(100)
local results = channel.make(100)

-- Create worker pool
create_worker_pool(5, jobs, results)

-- Submit jobs
go.spawn(function()
    for i = 1, 20 do
        jobs:send({id = i, data = i * 10})
    end
    jobs:close()
end)

-- Collect results
local count = 0
for result in channel.range(results) do
    print(string.format("Job %d processed by worker %d: %d", 
        result.job_id, result.worker_id, result.result))
    count = count + 1
    if count == 20 then
        break
    end
end

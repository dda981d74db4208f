-- Adapted: with a queue and something to do with its jobs, which the pattern leaves open. A job that is in the queue when
-- shutdown closes may or may not be done: select chooses at random among what is ready.

work_queue = channel.make(10)

function process_job(job)
    print("Working on", job)
end

for job = 1, 3 do
    work_queue:send(job)
end

-- Implement graceful shutdown pattern
local shutdown = channel.make()
local workers_done = channel.make()

-- Worker with shutdown support
go.spawn(function()
    while true do
        local result = channel.select({
            {"|<-", work_queue, function(job, ok)
                if ok then
                    process_job(job)
                    return true
                end
            end},
            {"|<-", shutdown, function()
                print("Worker shutting down")
                return false
            end}
        })
        
        if not result[1] then
            break
        end
    end
    
    workers_done:send(true)
end)

-- Trigger shutdown
shutdown:close()
workers_done:receive()
print("Shutdown complete")

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

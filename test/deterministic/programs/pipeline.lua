-- Goroutines on islands of their own, joined by channels: the order of everything printed is the scheduler's.
local jobs, results = channel.make(2), channel.make()
local workers = goroutine.wait_group()
for id = 1, 3 do
  workers:go(function()
    for job in jobs:range() do
      local sum = 0
      for i = 1, job * 20 do sum = sum + i end
      results:send({id = id, job = job, sum = sum})
    end
  end)
end
go.spawn(function()
  for job = 1, 12 do jobs:send(job) end
  jobs:close()
end)
go.spawn(function()
  workers:wait()
  results:close()
end)
for result in results:range() do print(result.id, result.job, result.sum) end

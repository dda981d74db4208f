local wg = goroutine.wait_group()
wg:add(3)

goroutine.spawn(function() task1(); wg:done() end)
goroutine.spawn(function() task2(); wg:done() end)
goroutine.spawn(function() task3(); wg:done() end)

wg:wait()  -- Aguarda todas

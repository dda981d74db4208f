local wg = goroutine.wait_group()
wg:add(3)
-- spawn tasks with wg:done()
wg:wait()

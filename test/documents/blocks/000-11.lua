local wg = goroutine.wait_group()
wg:add(n)
-- ... spawn tasks com wg:done()
wg:wait()

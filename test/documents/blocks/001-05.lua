goroutine.sleep(1000)  -- 1 segundo
goroutine.timeout(5000, function() ... end)

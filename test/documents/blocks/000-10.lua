local success = goroutine.timeout(5000, function()
    -- operação
end)

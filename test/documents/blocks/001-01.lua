goroutine.spawn(function() 
    -- código paralelo
end)

goroutine.spawn_many(10, function(id)
    -- 10 goroutines
end)

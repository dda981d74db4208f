goroutine.pool_create("workers", {workers = 10})
for i = 1, 100 do
    goroutine.pool_submit("workers", function()
        process_item(i)
    end)
end
goroutine.pool_wait("workers")

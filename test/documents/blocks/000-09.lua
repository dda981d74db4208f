goroutine.pool_create("mypool", { workers = 5 })

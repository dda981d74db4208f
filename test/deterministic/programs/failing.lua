-- Errors that reach nobody, pools, and a mutex in the wrong order: what is reported, and when.
goroutine.pool_create("workers", {workers = 3})
for i = 1, 8 do
  goroutine.pool_submit("workers", function()
    goroutine.sleep(i % 3)
    if i % 4 == 0 then error("job " .. i, 0) end
    return i
  end)
end
goroutine.pool_wait("workers")
print(goroutine.pool_stats("workers").completed)
for i = 1, 3 do
  go.spawn(function()
    local sum = 0
    for k = 1, 300 * i do sum = sum + k end
    error({code = i, text = "spawned " .. sum})
  end)
end
log.warn("half way", {at = os.time()})
local first, second = goroutine.mutex(), goroutine.mutex()
local function both(x, y)
  x:lock()
  goroutine.yield()
  y:lock()
  y:unlock()
  x:unlock()
end
go.spawn(both, first, second)
go.spawn(both, second, first)

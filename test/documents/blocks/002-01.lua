local handle = goroutine.async(function()
    return "result"
end)
local success, result = goroutine.await(handle)

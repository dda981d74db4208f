local h1 = goroutine.async(function() return fetch_data() end)
local h2 = goroutine.async(function() return fetch_more() end)

local success, data = goroutine.await(h1)
local results = goroutine.await_all({h1, h2})

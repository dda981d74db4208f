local handles = {}
for _, server in ipairs(servers) do
    handles[#handles+1] = goroutine.async(function()
        deploy_to(server)
    end)
end
local results = goroutine.await_all(handles)

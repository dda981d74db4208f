local health_check = task("health_check")
    :command(function(this, params)
        local goroutine = require("goroutine")
        local http = require("http")
        
        local services = {
            "https://api1.com/health",
            "https://api2.com/health",
            "https://api3.com/health"
        }
        
        local handles = {}
        
        -- Checar todos em paralelo
        for i, url in ipairs(services) do
            handles[i] = goroutine.async(function()
                local resp = http.get(url)
                return resp.status == 200
            end)
        end
        
        -- Aguardar todos
        local results = goroutine.await_all(handles)
        
        -- Verificar resultados
        local all_healthy = true
        for i, result in ipairs(results) do
            if not result.success or not result.values[1] then
                log.error("❌ Serviço " .. i .. " não está saudável")
                all_healthy = false
            end
        end
        
        return all_healthy
    end)
    :build()

-- Iniciar operação async
local handle = goroutine.async(function()
    return fetch_data_from_api()
end)

-- Fazer outras coisas...

-- Aguardar resultado
local success, result = goroutine.await(handle)
if success then
    log.info("Resultado: " .. result)
end

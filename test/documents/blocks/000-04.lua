-- Executar em background
goroutine.spawn(function()
    log.info("Executando em paralelo!")
end)

-- Ou múltiplas
goroutine.spawn_many(5, function(id)
    log.info("Worker " .. id)
end)

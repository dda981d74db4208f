-- Criar pool
goroutine.pool_create("mypool", { workers = 10 })

-- Submeter tarefas
for i = 1, 100 do
    goroutine.pool_submit("mypool", function()
        -- seu código aqui
    end)
end

-- Aguardar conclusão
goroutine.pool_wait("mypool")
goroutine.pool_close("mypool")

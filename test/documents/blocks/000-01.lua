local goroutine = require("goroutine")

local my_task = task("parallel_demo")
    :command(function(this, params)
        -- Criar um pool de 5 workers
        goroutine.pool_create("demo", { workers = 5 })
        
        -- Submeter 10 tarefas que rodam em paralelo
        for i = 1, 10 do
            goroutine.pool_submit("demo", function()
                log.info("Executando tarefa " .. i .. " em paralelo!")
                goroutine.sleep(1000)  -- Simula trabalho
            end)
        end
        
        -- Aguardar todas terminarem
        goroutine.pool_wait("demo")
        goroutine.pool_close("demo")
        
        log.info("✅ Todas as 10 tarefas concluídas!")
        return true
    end)
    :build()

workflow.define("demo")
    :tasks({ my_task })

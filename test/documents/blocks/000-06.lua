local process_files = task("process_files")
    :command(function(this, params)
        local goroutine = require("goroutine")
        
        local files = {
            "/data/file1.csv",
            "/data/file2.csv",
            "/data/file3.csv",
            -- ... mais arquivos
        }
        
        goroutine.pool_create("processor", { workers = 5 })
        
        for _, file in ipairs(files) do
            goroutine.pool_submit("processor", function()
                log.info("Processando " .. file)
                -- processar arquivo
                log.info("✅ " .. file .. " concluído")
            end)
        end
        
        goroutine.pool_wait("processor")
        goroutine.pool_close("processor")
        
        return true
    end)
    :build()

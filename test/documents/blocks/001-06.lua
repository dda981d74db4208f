local goroutine = require("goroutine")

local my_task = task("example")
    :command(function(this, params)
        goroutine.pool_create("work", { workers = 5 })
        
        for i = 1, 10 do
            goroutine.pool_submit("work", function()
                -- seu código aqui
            end)
        end
        
        goroutine.pool_wait("work")
        goroutine.pool_close("work")
        return true
    end)
    :build()

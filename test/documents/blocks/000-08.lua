local ci_pipeline = task("ci_pipeline")
    :command(function(this, params)
        local goroutine = require("goroutine")
        
        log.info("🏗️ Stage 1: Build")
        local wg = goroutine.wait_group()
        wg:add(3)
        
        -- Build em paralelo
        goroutine.spawn(function()
            log.info("Building frontend...")
            -- build frontend
            wg:done()
        end)
        
        goroutine.spawn(function()
            log.info("Building backend...")
            -- build backend
            wg:done()
        end)
        
        goroutine.spawn(function()
            log.info("Building mobile...")
            -- build mobile
            wg:done()
        end)
        
        wg:wait()
        log.info("✅ Builds concluídos")
        
        log.info("🧪 Stage 2: Tests")
        goroutine.pool_create("tests", { workers = 4 })
        
        local test_suites = {"unit", "integration", "e2e", "security"}
        for _, suite in ipairs(test_suites) do
            goroutine.pool_submit("tests", function()
                log.info("Running " .. suite .. " tests...")
                -- run tests
            end)
        end
        
        goroutine.pool_wait("tests")
        goroutine.pool_close("tests")
        log.info("✅ Tests concluídos")
        
        return true
    end)
    :build()

-- Pipeline completo com recursos avançados
workflow.define("advanced_cicd", {
    -- Configuração de recursos
    resources = {
        cpu = { request = "500m", limit = "2000m" },
        memory = { request = "1Gi", limit = "4Gi" }
    },
    
    -- Política de segurança
    security = {
        rbac = { roles = {"ci-runner", "deployer"} },
        secrets = { mount_path = "/etc/secrets" }
    },
    
    -- Estágios do pipeline
    stages = {
        {
            name = "build",
            tasks = async.parallel({
                frontend = function()
                    return flow.circuit_breaker("npm_registry", function()
                        return exec.run("npm run build:frontend")
                    end)
                end,
                backend = function()
                    return perf.measure(function()
                        return exec.run("go build -o app ./cmd/server")
                    end, "backend_build")
                end
            }, 2)
        },
        
        {
            name = "test",
            condition = "build.success",
            tasks = {
                unit_tests = {
                    command = function()
                        local result, duration = perf.measure(function()
                            return exec.run("go test ./...")
                        end)
                        
                        -- Salvar checkpoint para possível rollback
                        task.checkpoint("post_tests", {
                            test_results = result,
                            timestamp = os.time()
                        })
                        
                        return result
                    end,
                    
                    timeout = "5m",
                    retries = 1
                }
            }
        },
        
        {
            name = "deploy",
            condition = when("test.success && build.success")
                :then("deploy_staging")
                :else("notify_failure"),
                
            saga = {
                participants = {"kubernetes", "database", "cdn"},
                coordinator = "deployment_coordinator",
                
                compensation = {
                    kubernetes = function(ctx)
                        return exec.run("kubectl rollout undo deployment/app")
                    end,
                    database = function(ctx)
                        return exec.run("migrate down")
                    end
                }
            }
        }
    },
    
    -- Tratamento de erros
    error_handling = {
        on_failure = function(ctx, error)
            -- Estratégias múltiplas de recuperação
            return error.try(
                function()
                    -- Tentativa primária: rollback automático
                    return rollback.execute(ctx.last_checkpoint)
                end,
                function()
                    -- Fallback: notificação manual
                    return notifications.send({
                        type = "critical",
                        message = "Pipeline failed, manual intervention required"
                    })
                end
            )
        end
    }
})

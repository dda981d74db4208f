-- Definição moderna de tarefa
local build_task = task("build_application")
    :description("Build the application with modern pipeline")
    :command(function(params, deps)
        -- Lógica de execução
        return true, "Build completed", { artifacts = {...} }
    end)
    :depends_on({"prepare_environment", "install_dependencies"})
    :async(true)
    :timeout("10m")
    :retries(2, "exponential")
    :build()

-- Workflows com sintaxe declarativa
workflow.define("ci_cd_pipeline", {
    stages = {
        {
            name = "preparation",
            tasks = chain({"setup_workspace", "validate_environment"})
        },
        {
            name = "build_and_test",
            tasks = workflow.parallel({
                "build_application",
                "run_tests",
                "security_scan"
            }, { max_workers = 4, fail_fast = true })
        }
    }
})

// A whole program as users write them: its condition is `when(...):then(...):else(...)`.
#include <string>
#include <string_view>

#include "lua/widen.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth {
namespace {

constexpr std::string_view kProgram = R"lua(-- Pipeline completo com recursos avançados
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
)lua";

// Just enough of the task language to see what the program says.
constexpr std::string_view kStubs = R"lua(
  async = {parallel = function(functions) return functions end}
  workflow = {define = function(name, definition) defined = {name = name, definition = definition} end}
  function when(condition)
    local chain = {condition}
    chain['then'] = function(self, name) self[#self + 1] = 'then ' .. name return self end
    chain['else'] = function(self, name) self[#self + 1] = 'else ' .. name return self end
    return chain
  end
)lua";

constexpr std::string_view kReport = R"lua(
  return defined.name .. ': ' .. table.concat(defined.definition.stages[3].condition, ', ')
)lua";

// Runs a widened chunk; its result, or the message of its error, is on top of the stack.
std::string Run(lua_State* L, std::string_view source, bool widens = true) {
  GrowArray<char> text;
  const bool ok =
      widens ? TryWiden(source.data(), source.size(), &text) : text.TryAppend(source.data(), source.size());
  if (!ok) return "out of memory";
  if (luaL_loadbufferx(L, text.data(), text.size(), "=pipeline", "t") == LUA_OK) {
    if (widens) RestoreWords(L, -1);
    lua_pcall(L, 0, 1, 0);
  }
  const std::string result = luaL_tolstring(L, -1, nullptr);
  lua_settop(L, 0);
  return result;
}

}  // namespace

TEST_CASE("a pipeline with :then and :else runs, and is no Lua without the widening") {
  lua_State* const L = luaL_newstate();
  luaL_openlibs(L);
  CHECK(Run(L, kStubs) == "nil");
  CHECK(Run(L, kProgram, false) == "pipeline:61: <name> expected near 'then'");
  CHECK(Run(L, kProgram) == "nil");
  CHECK(Run(L, kReport) ==
        "advanced_cicd: test.success && build.success, then deploy_staging, else notify_failure");
  lua_close(L);
}

}  // namespace sloth

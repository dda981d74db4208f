#include "runtime/start_plans.h"

#include "lua/heap.h"
#include "lua/pack_host.h"
#include "lua/spawn.h"

namespace sloth {
namespace {

const MainPlan* PlanOf(lua_State* L) { return static_cast<const MainPlan*>(lua_touserdata(L, lua_upvalueindex(1))); }

void SetGlobals(lua_State* L, const RunRequest& request) {
  lua_settop(L, 0);
  int count = UnpackFromHost(L, request.globals);
  for (int i = 1; i + 1 <= count; i += 2) {
    lua_pushglobaltable(L);
    lua_pushvalue(L, i);
    lua_pushvalue(L, i + 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
  }
  lua_settop(L, 0);
  if (request.script_arguments.empty()) return;
  lua_createtable(L, static_cast<int>(request.script_arguments.size()), 1);
  lua_Integer index = 0;
  for (const std::string& argument : request.script_arguments) {
    lua_pushlstring(L, argument.data(), argument.size());
    lua_rawseti(L, -2, index++);
  }
  lua_setglobal(L, "arg");
}

int MainDone(lua_State* L, int, lua_KContext) { return lua_gettop(L); }

int RunMain(lua_State* L) {
  const RunRequest& request = PlanOf(L)->request;
  lua_settop(L, 0);
  if (!LoadText(L, request.source.data(), request.source.size(), request.chunk_name.c_str(), request.dialect, CodeOrigin::kWhole)) {
    static_cast<RuntimeRun*>(CurrentGoroutine(L)->run())->NoteSyntaxError();
    return lua_error(L);
  }
  if (request.load_only) return 1;
  int count = UnpackFromHost(L, request.arguments);
  lua_callk(L, count, LUA_MULTRET, 0, MainDone);
  return MainDone(L, LUA_OK, 0);
}

int PreludeDone(lua_State* L, int, lua_KContext done);

int RunPreludes(lua_State* L, lua_KContext next) {
  const RunRequest& request = PlanOf(L)->request;
  for (auto i = static_cast<size_t>(next); i < request.preludes.size(); i++) {
    const Prelude& prelude = request.preludes[i];
    lua_settop(L, 0);
    CodeOrigin origin = prelude.keeps_to_itself ? CodeOrigin::kTrusted : CodeOrigin::kWhole;
    if (!LoadText(L, prelude.source.data(), prelude.source.size(), prelude.chunk_name.c_str(), Dialect::kLua, origin)) return lua_error(L);
    int count = UnpackFromHost(L, prelude.arguments);
    lua_callk(L, count, 0, static_cast<lua_KContext>(i) + 1, PreludeDone);
  }
  return RunMain(L);
}

int PreludeDone(lua_State* L, int, lua_KContext done) { return RunPreludes(L, done); }

// The main goroutine's function. Upvalue 1: the plan, which the run's request keeps.
int StartMain(lua_State* L) {
  SetGlobals(L, PlanOf(L)->request);
  return RunPreludes(L, 0);
}

}  // namespace

int MainPlan::PushStart(lua_State* L, LuaGoroutine* goroutine) {
  goroutine->kind = "main goroutine";
  lua_pushlightuserdata(L, this);
  lua_pushcclosure(L, StartMain, 1);
  return 0;
}

namespace {

void LaunchPrimary(LuaGoroutine* parent) noexcept {
  auto* child = static_cast<LuaGoroutine*>(parent->scratch().child.get());
  child->host_results = true;
  parent->lua_run()->primary = Ref<Goroutine>(child);
  StartChild(parent);
}

// Starts the called function where it belongs; its outcome is the run's.
int StartCall(lua_State* L) {
  const auto* plan = static_cast<const CallPlan*>(lua_touserdata(L, lua_upvalueindex(1)));
  lua_settop(L, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, plan->request.function->reference());
  if (!lua_isfunction(L, 1)) return luaL_error(L, "the function was released");
  int count = UnpackFromHost(L, plan->request.arguments);
  SpawnPlace place = plan->request.at_home ? SpawnPlace::kHome : SpawnPlace::kByRule;
  MakeChild(L, count, {.place = place, .uncaught = UncaughtRule::kBelongsToRun});
  LaunchPrimary(CurrentGoroutine(L));
  return 0;
}

}  // namespace

int CallPlan::PushStart(lua_State* L, LuaGoroutine*) {
  lua_pushlightuserdata(L, this);
  lua_pushcclosure(L, StartCall, 1);
  return 0;
}

}  // namespace sloth

// goroutine.await_any.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/outcome.h"
#include "lua/registry_tables.h"
#include "sync/join_any.h"

namespace sloth {
namespace {

// Lower room: makes what waits, in goroutine->scratch().holding.
JoinAny* Make(LuaGoroutine* goroutine, size_t capacity) noexcept {
  Ref<JoinAny> any = JoinAny::TryMake(capacity);
  JoinAny* result = any.get();
  goroutine->scratch().holding = std::move(any);
  return result;
}

// Lower room: which one ended, from 1; the wait is over.
lua_Integer Finish(LuaGoroutine* goroutine, Progress* progress) noexcept {
  Ref<JoinAny> any = goroutine->TakeWaitObject<JoinAny>();
  *progress = any->Finish(goroutine);
  return static_cast<lua_Integer>(any->chosen()) + 1;
}

// Stack: [1] the list, copied, [2] the context or something else.
int Result(lua_State* L, Progress progress, lua_Integer index) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  if (progress == Progress::kTimedOut) {
    lua_pushnil(L);
    lua_pushboolean(L, 0);
    PushTimeoutText(L, "timeout exceeded");
    lua_pushliteral(L, "timeout");
    return 4;
  }
  lua_rawgeti(L, 1, index);
  auto* target = CheckHandleAs<Goroutine>(L, -1, HandleKind::kGoroutine);
  lua_pushinteger(L, index);
  return 1 + PushOutcome(L, target);
}

int Resumed(lua_State* L, int, lua_KContext) {
  Progress progress;
  lua_Integer index = Finish(CurrentGoroutine(L), &progress);
  return Result(L, progress, index);
}

int AwaitAny(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  auto count = static_cast<lua_Integer>(lua_rawlen(L, 1));
  if (count == 0) return luaL_argerror(L, 1, "a list of at least one goroutine expected, got an empty one");
  LuaGoroutine* self = CurrentGoroutine(L);
  if (!self) return luaL_error(L, "goroutines cannot be awaited here: no goroutine runs");
  // The list is copied: changing it while it is awaited changes nothing.
  lua_settop(L, 2);
  lua_createtable(L, count < 100000 ? static_cast<int>(count) : 0, 0);
  JoinAny* any = Make(self, static_cast<size_t>(count));
  if (!any) return luaL_error(L, "not enough memory");
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    Handle* handle = HandleInUserdata(L, -1, nullptr);
    if (!handle || handle->handle_kind() != HandleKind::kGoroutine) {
      return luaL_error(L, "list index %I: a goroutine handle was expected, got %s", static_cast<LUAI_UACINT>(i), luaL_typename(L, -1));
    }
    if (handle == self) return luaL_error(L, "list index %I: a goroutine cannot await itself", static_cast<LUAI_UACINT>(i));
    any->Add(static_cast<Goroutine*>(handle));
    lua_rawseti(L, 3, i);
  }
  lua_replace(L, 1);
  WaitPlan plan = PlanWait(L);
  Progress progress = any->Start(plan.goroutine, timeout);
  lua_Integer chosen = static_cast<lua_Integer>(any->chosen()) + 1;
  self->scratch().holding = nullptr;  // a wait holds it
  if (progress == Progress::kWaiting) return Park(L, plan, Resumed);
  DropPlan(plan);
  return Result(L, progress, chosen);
}

}  // namespace

extern const FunctionEntry kAwaitAnyFunctions[] = {
    {"goroutine", "await_any", Meets<AwaitAny>, "list: goroutine[], " SLOTH_TIMEOUT, "index: integer, true, ...: any | index: integer, false, error: any, kind: string | nil, false, message: string, 'timeout'", "ms", "raises for an empty list and for a non-handle with its index", MaySwitch::kIfItHasToWait, StoresInto::kNothing, false, false, "1.0",
     "Waits for the first of several goroutines to end."},
};
SLOTH_REGISTRY_COUNT(AwaitAny);

}  // namespace sloth

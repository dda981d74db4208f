#include "lua/blocking.h"

#include <cmath>
#include <string_view>

#include "lua/cancellation.h"
#include "lua/lib_context.h"
#include "lua/slices.h"
#include "lua/sync_engine.h"
#include "lua/write_back.h"

namespace sloth {
namespace {

WaitPlan PlanHere(lua_State* L, LuaGoroutine* goroutine) {
  PostStores(L);
  if (goroutine->engine) return {goroutine, false};
  bool in_place = !lua_isyieldable(L) || goroutine->unyieldable > 0;
  if (in_place && !goroutine->world()->scheduler->ReserveInPlace()) {
    luaL_error(L, "too many calls blocked where Lua cannot yield");
  }
  return {goroutine, in_place};
}

}  // namespace

WaitPlan PlanWait(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "a call that may block is not possible here: no goroutine runs");
  if (InFinalizer(L)) luaL_error(L, "a call that may block is not possible in a finalizer (__gc)");
  CountSlice(goroutine, L);
  if (goroutine->unwinding == Unwinding::kNo) {
    // A <close> handler's wait is no business of whoever cancels meanwhile.
    bool masked = InCloseHandler(L);
    if (masked != goroutine->masked.load(std::memory_order_relaxed)) goroutine->masked.store(masked);
  }
  if (MustRaise(goroutine)) RaiseCancelled(L);
  return PlanHere(L, goroutine);
}

WaitPlan PlanCertainWait(lua_State* L, const char* what) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine && goroutine->engine) RaiseWouldBlock(L, what);
  return PlanWait(L);
}

WaitPlan PlanMaskedWait(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  WaitPlan plan = PlanHere(L, goroutine);
  goroutine->masked.store(true);
  return plan;
}

void EndMaskedWait(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine->unwinding == Unwinding::kNo) goroutine->masked.store(InCloseHandler(L));
}

void DropPlan(const WaitPlan& plan) {
  if (plan.in_place) plan.goroutine->world()->scheduler->ReleaseInPlace();
}

namespace {

// What was posted to the island meanwhile is applied by now, unless there was no memory for it.
int Unparked(lua_State* L, int status, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  int results = goroutine->after_park(L, status, goroutine->after_park_context);
  ApplyPosts(L);
  return results;
}

}  // namespace

int Park(lua_State* L, const WaitPlan& plan, lua_KFunction resumed, lua_KContext context) {
  if (plan.goroutine->engine) {
    plan.goroutine->engine->guest()->EndWaitAtOnce(plan.goroutine);
    return resumed(L, LUA_YIELD, context);
  }
  if (!plan.in_place) {
    plan.goroutine->yield = SchedulerYield::kPark;
    plan.goroutine->rested_in = L;
    plan.goroutine->after_park = resumed;
    plan.goroutine->after_park_context = context;
    return lua_yieldk(L, 0, 0, Unparked);
  }
  plan.goroutine->world()->scheduler->BlockInPlace(plan.goroutine);
  (void)TryApplyPosts(L);
  return resumed(L, LUA_YIELD, context);
}

int YieldToScheduler(lua_State* L, lua_KFunction resumed) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "yield is not possible here: no goroutine runs");
  if (InFinalizer(L)) return luaL_error(L, "a yield is not possible in a finalizer (__gc)");
  if (MustRaise(goroutine)) RaiseCancelled(L);
  PostStores(L);
  if (!lua_isyieldable(L) || goroutine->unyieldable > 0 || goroutine->engine) return resumed(L, LUA_OK, 0);
  goroutine->yield = SchedulerYield::kYield;
  goroutine->rested_in = L;
  return lua_yieldk(L, 0, 0, resumed);
}

namespace {

int64_t Duration(lua_State* L, int argument, lua_Number value, int64_t unit) {
  if (std::isnan(value)) luaL_argerror(L, argument, "a duration cannot be NaN");
  if (value < 0) luaL_argerror(L, argument, "a duration cannot be negative");
  value *= static_cast<lua_Number>(unit);
  return value >= 9.2e18 ? kForever : static_cast<int64_t>(value);
}

// {timeout =, ctx =}: read raw, and anything else in it is a mistake. Leaves the context, or nil, at `argument`.
WaitLimit LimitInTable(lua_State* L, int argument, int64_t unit) {
  WaitLimit limit = kForever;
  luaL_checkstack(L, 5, nullptr);
  lua_pushnil(L);
  int context = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, argument)) {
    const char* field = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (std::string_view(field) == "timeout") {
      if (lua_type(L, -1) != LUA_TNUMBER) {
        luaL_argerror(L, argument, lua_pushfstring(L, "timeout: number expected, got %s", luaL_typename(L, -1)));
      }
      limit.timeout_ns = Duration(L, argument, lua_tonumber(L, -1), unit);
    } else if (std::string_view(field) == "ctx") {
      limit.ender = ContextAt(L, -1);
      if (!limit.ender) luaL_argerror(L, argument, lua_pushfstring(L, "ctx: context expected, got %s", luaL_typename(L, -1)));
      lua_pushvalue(L, -1);
      lua_replace(L, context);
    } else {
      luaL_argerror(L, argument, lua_pushfstring(L, "{timeout =, ctx =} has no field '%s'", luaL_tolstring(L, -2, nullptr)));
    }
    lua_pop(L, 1);
  }
  lua_replace(L, argument);
  return limit;
}

}  // namespace

int64_t CheckDuration(lua_State* L, int argument, int64_t unit) {
  return Duration(L, argument, luaL_checknumber(L, argument), unit);
}

WaitLimit CheckTimeout(lua_State* L, int argument, int64_t unit) {
  if (lua_isnoneornil(L, argument)) return kForever;
  if (lua_istable(L, argument)) return LimitInTable(L, argument, unit);
  if (Context* context = ContextAt(L, argument)) return {kForever, context};
  if (lua_type(L, argument) == LUA_TUSERDATA) luaL_typeerror(L, argument, "number, context or {timeout =, ctx =}");
  return CheckDuration(L, argument, unit);
}

void PushTimeoutText(lua_State* L, const char* otherwise) {
  const char* ended_by = CurrentGoroutine(L)->ended_by();
  lua_pushstring(L, ended_by ? ended_by : otherwise);
}

}  // namespace sloth

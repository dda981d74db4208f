#include "lua/blocking.h"

#include <cmath>
#include <string_view>

#include "lua/cancellation.h"
#include "lua/slices.h"

namespace sloth {

WaitPlan PlanWait(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "a call that may block is not possible here: no goroutine runs");
  if (InFinalizer(L)) luaL_error(L, "a call that may block is not possible in a finalizer (__gc)");
  CountSlice(L);
  if (goroutine->unwinding == Unwinding::kNo) {
    // A <close> handler's wait is no business of whoever cancels meanwhile.
    bool masked = InCloseHandler(L);
    if (masked != goroutine->masked.load(std::memory_order_relaxed)) goroutine->masked.store(masked);
  }
  if (MustRaise(goroutine)) RaiseCancelled(L);
  bool in_place = !lua_isyieldable(L) || goroutine->unyieldable > 0;
  if (in_place && !goroutine->world()->scheduler->ReserveInPlace()) {
    luaL_error(L, "too many calls blocked where Lua cannot yield");
  }
  return {goroutine, in_place};
}

void DropPlan(const WaitPlan& plan) {
  if (plan.in_place) plan.goroutine->world()->scheduler->ReleaseInPlace();
}

int Park(lua_State* L, const WaitPlan& plan, lua_KFunction resumed, lua_KContext context) {
  if (!plan.in_place) {
    plan.goroutine->yield = SchedulerYield::kPark;
    return lua_yieldk(L, 0, context, resumed);
  }
  plan.goroutine->world()->scheduler->BlockInPlace(plan.goroutine);
  return resumed(L, LUA_YIELD, context);
}

int YieldToScheduler(lua_State* L, lua_KFunction resumed) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "yield is not possible here: no goroutine runs");
  if (InFinalizer(L)) return luaL_error(L, "a yield is not possible in a finalizer (__gc)");
  if (MustRaise(goroutine)) RaiseCancelled(L);
  if (!lua_isyieldable(L) || goroutine->unyieldable > 0) return resumed(L, LUA_OK, 0);
  goroutine->yield = SchedulerYield::kYield;
  return lua_yieldk(L, 0, 0, resumed);
}

namespace {

int64_t Duration(lua_State* L, int argument, lua_Number value, int64_t unit) {
  if (std::isnan(value)) luaL_argerror(L, argument, "a duration cannot be NaN");
  if (value < 0) luaL_argerror(L, argument, "a duration cannot be negative");
  value *= static_cast<lua_Number>(unit);
  return value >= 9.2e18 ? kForever : static_cast<int64_t>(value);
}

// {timeout =}: read raw, and anything else in it is a mistake.
int64_t TimeoutInTable(lua_State* L, int argument, int64_t unit) {
  int64_t timeout = kForever;
  luaL_checkstack(L, 4, nullptr);
  lua_pushnil(L);
  while (lua_next(L, argument)) {
    if (lua_type(L, -2) != LUA_TSTRING || std::string_view(lua_tostring(L, -2)) != "timeout") {
      luaL_argerror(L, argument, lua_pushfstring(L, "{timeout =} has no field '%s'", luaL_tolstring(L, -2, nullptr)));
    }
    if (lua_type(L, -1) != LUA_TNUMBER) {
      luaL_argerror(L, argument, lua_pushfstring(L, "timeout: number expected, got %s", luaL_typename(L, -1)));
    }
    timeout = Duration(L, argument, lua_tonumber(L, -1), unit);
    lua_pop(L, 1);
  }
  return timeout;
}

}  // namespace

int64_t CheckDuration(lua_State* L, int argument, int64_t unit) {
  return Duration(L, argument, luaL_checknumber(L, argument), unit);
}

int64_t CheckTimeout(lua_State* L, int argument, int64_t unit) {
  if (lua_isnoneornil(L, argument)) return kForever;
  return lua_istable(L, argument) ? TimeoutInTable(L, argument, unit) : CheckDuration(L, argument, unit);
}

}  // namespace sloth

// Functions of the host as Lua calls them, and functions of Lua as the host holds them.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/host_call.h"
#include "lua/pack.h"
#include "lua/pack_host.h"
#include "lua/prelude.h"
#include "lua/sync_host.h"
#include "sched/trace.h"

namespace sloth {
namespace {

HostFunction* FunctionOf(lua_State* L) {
  Handle* handle = HandleInUserdata(L, lua_upvalueindex(1), nullptr);
  if (!handle || handle->handle_kind() != HandleKind::kHostFunction) luaL_error(L, "not a live host function");
  return static_cast<HostFunction*>(handle);
}

HostPack Start(lua_State* L, LuaGoroutine* goroutine, HostFunction* function, int count) noexcept {
  Value arguments;
  PackFailure failure;
  HostPack packed = TryPackForHost(L, 1, count, &arguments, &failure);
  if (packed == HostPack::kPacked) {
    if (TraceBuffer* trace = TraceHere()) [[unlikely]] trace->HostCall(goroutine->id(), function->name);
    goroutine->world()->host->Call(goroutine, function->id, std::move(arguments));
  }
  if (packed == HostPack::kRefused) {
    goroutine->scratch().text = PackFailureText(("cannot pass to host function '" + function->name + "'").c_str(), failure);
  }
  return packed;
}

Progress FinishCall(LuaGoroutine* goroutine) noexcept {
  return goroutine->world()->host->FinishCall(goroutine, &goroutine->scratch().received, &goroutine->scratch().text);
}

// Of what the host threw, the text behind the place of the program's call.
int RaiseText(lua_State* L) {
  bool has_text = lua_type(L, -1) == LUA_TSTRING || HandleInUserdata(L, -1, nullptr);
  if (!has_text) return lua_error(L);
  PushProgramPlace(L);
  luaL_tolstring(L, -2, nullptr);
  lua_concat(L, 2);
  return lua_error(L);
}

// Raises what the host threw, or with a position why there is no answer.
int RaiseFailure(lua_State* L, LuaGoroutine* goroutine, HostFailure as) {
  int count = UnpackFromHost(L, goroutine->scratch().received);
  goroutine->scratch().received = Value();
  if (count > 0) return as == HostFailure::kText ? RaiseText(L) : lua_error(L);
  luaL_where(L, 1);
  lua_pushlstring(L, goroutine->scratch().text.data(), goroutine->scratch().text.size());
  lua_concat(L, 2);
  return lua_error(L);
}

int Resumed(lua_State* L, int, lua_KContext as) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  switch (FinishCall(goroutine)) {
    case Progress::kCancelled: RaiseCancelled(L);
    case Progress::kDone: {
      lua_settop(L, 0);
      int count = UnpackFromHost(L, goroutine->scratch().received);
      goroutine->scratch().received = Value();
      return count;
    }
    default: return RaiseFailure(L, goroutine, static_cast<HostFailure>(as));
  }
}

}  // namespace

int CallHostFunction(lua_State* L) { return CallHost(L, FunctionOf(L), HostFailure::kValue); }

int CallHost(lua_State* L, HostFunction* function, HostFailure as) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine && goroutine->engine) {
    int count = CallHostHere(L, goroutine->engine, {HostTarget::kFunction, function->id, function->name.c_str()});
    return count >= 0 ? count : RaiseFailure(L, goroutine, as);
  }
  WaitPlan plan = PlanWait(L);
  int count = lua_gettop(L);
  HostPack started;
  while ((started = Start(L, plan.goroutine, function, count)) == HostPack::kNeedsFunctions) HoldFunctionsForHost(L);
  if (started == HostPack::kRefused) {
    DropPlan(plan);
    return luaL_error(L, "%s", plan.goroutine->scratch().text.c_str());
  }
  return Park(L, plan, Resumed, static_cast<lua_KContext>(as));
}

}  // namespace sloth

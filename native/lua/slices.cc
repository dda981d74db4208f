#include "lua/slices.h"

#include "lua/cancellation.h"
#include "lua/internals.h"
#include "lua/lib_debug.h"
#include "sched/scheduler.h"

namespace sloth {
namespace {

void SliceHook(lua_State* L, lua_Debug* activation);

VirtualClock* ClockOf(LuaGoroutine* goroutine) { return goroutine->turns()->clock(); }

void SetHook(LuaGoroutine* goroutine, lua_State* L) {
  if (goroutine->slice_left < 1) goroutine->slice_left = 1;
  UserHook user = UserHookOf(L);
  // The program's own count hook is counted by hand.
  int count = user.count > 0 ? 1 : goroutine->slice_left;
  int mask = user.mask | LUA_MASKCOUNT;
  if (lua_gethook(L) == SliceHook && lua_gethookmask(L) == mask) {
    L->basehookcount = L->hookcount = count;  // as below, but in deep recursion that takes long
  } else {
    lua_sethook(L, SliceHook, mask, count);
  }
  goroutine->slice_counted = count;
  // A slice that ended in the hook goes on with a count of its own: the instruction that was not executed counts again. Line
  // hooks must not see it twice.
  bool in_lua = L->ci != &L->base_ci && isLua(L->ci);
  if (in_lua && !(user.mask & LUA_MASKLINE)) L->ci->callstatus &= ~CIST_HOOKYIELD;
}

// Sets what counts on L, or what raises the cancellation that waits for it.
void Enter(LuaGoroutine* goroutine, lua_State* L) {
  if (!CancellationPending(goroutine)) return SetHook(goroutine, L);
  lua_sethook(L, InterruptHook, LUA_MASKCOUNT, 1);
  goroutine->slice_counted = 1;
}

void Renew(LuaGoroutine* goroutine, lua_State* L) {
  goroutine->slice_over = false;
  goroutine->slice_left = goroutine->turns()->SliceLength();
  SetHook(goroutine, L);
}

// Upper room; called by the hook.
void MakeWay(lua_State* L, LuaGoroutine* goroutine) {
  if (MustRaise(goroutine)) RaiseCancelled(L);
  Turns* turns = goroutine->turns();
  if (turns->Alone()) return Renew(goroutine, L);
  if (lua_isyieldable(L) && goroutine->unyieldable == 0 && !InFinalizer(L)) {
    goroutine->slice_counted = 1;  // what upstream leaves there
    goroutine->yield = SchedulerYield::kPreempt;
    lua_yield(L, 0);
    return;
  }
  turns->FireDue();
  Scheduler* scheduler = goroutine->world()->scheduler;
  if (!InFinalizer(L) && scheduler->ReserveInPlace()) scheduler->PreemptInPlace(goroutine);
  if (MustRaise(goroutine)) RaiseCancelled(L);
  Renew(goroutine, L);
}

void SliceHook(lua_State* L, lua_Debug* activation) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return CallUserHook(L, activation);
  if (activation->event != LUA_HOOKCOUNT) {
    // The hook's own instructions are not counted: a count that ended among them would be lost.
    int count = L->hookcount;
    int counted = goroutine->slice_counted;
    CallUserHook(L, activation);
    if (goroutine->slice_counted == counted) L->hookcount = count;
    if (goroutine->slice_over && activation->event == LUA_HOOKLINE) MakeWay(L, goroutine);
    return;
  }
  // Upstream has begun to count again.
  goroutine->slice_left -= goroutine->slice_counted;
  ClockOf(goroutine)->Pass(goroutine->slice_counted * VirtualClock::kInstruction);
  goroutine->slice_counted = L->hookcount;
  if (UserHookOf(L).count > 0) CallUserHook(L, activation);
  if (goroutine->slice_left > 0) return;
  // Upstream calls a line hook right after this one, also when this one yields.
  goroutine->slice_over = (lua_gethookmask(L) & LUA_MASKLINE) != 0;
  if (!goroutine->slice_over) MakeWay(L, goroutine);
}

}  // namespace

namespace slices {

void Begin(LuaGoroutine* goroutine) {
  goroutine->slice_over = false;
  goroutine->slice_left = goroutine->turns()->SliceLength();
  Enter(goroutine, goroutine->state);
}

// What L has executed since it was last asked.
void Count(LuaGoroutine* goroutine, lua_State* L) {
  int executed = goroutine->slice_counted - L->hookcount;
  goroutine->slice_counted = L->hookcount;
  if (lua_gethook(L) != SliceHook || executed <= 0) return;
  goroutine->slice_left -= executed;
  ClockOf(goroutine)->Pass(executed * VirtualClock::kInstruction);
}

void Move(LuaGoroutine* goroutine, lua_State* left, lua_State* entered) {
  Count(goroutine, left);
  Enter(goroutine, entered);
}

}  // namespace slices

void RestoreHook(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine && goroutine->turns()) return SetHook(goroutine, L);
  RestoreUserHook(L);
}

}  // namespace sloth

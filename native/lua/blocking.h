// The one way in which a Lua function waits.
//
//   WaitPlan plan = PlanWait(L);             // upper room: raises where waiting is impossible
//   switch (channel->Receive(...)) {         // lower room
//     case kWaiting: return Park(L, plan, ReceiveResumed);
//     default: DropPlan(plan); ...           // no wait was needed
//   }
//
// Park yields to the worker where Lua can yield; elsewhere the call blocks in place and gives its island away meanwhile. On the
// JavaScript thread (sync_engine.h) it gives the wait up, as if it was cancelled, and the call raises that it would block.
#pragma once

#include "lua/island.h"

namespace sloth {

struct WaitPlan {
  LuaGoroutine* goroutine;
  bool in_place;
};

// Raises in a finalizer, outside a goroutine, when too many calls block in place, and when the goroutine is being cancelled.
WaitPlan PlanWait(lua_State* L);
// For what always waits: on the JavaScript thread it raises before anything has happened. `what` names it.
WaitPlan PlanCertainWait(lua_State* L, const char* what);
void DropPlan(const WaitPlan& plan);
// For taking back what a wait gave up: does not raise for a cancellation, which ends such a wait only when the grace is over.
// After it, EndMaskedWait; then the caller looks whether it must raise.
WaitPlan PlanMaskedWait(lua_State* L);
void EndMaskedWait(lua_State* L);
// The goroutine's wait is armed. Continues with `resumed`, which looks at the outcome of the wait.
int Park(lua_State* L, const WaitPlan& plan, lua_KFunction resumed, lua_KContext context = 0);
// Lets siblings and other islands run, then continues with `resumed`.
int YieldToScheduler(lua_State* L, lua_KFunction resumed);

// What may end a wait early: a timeout in `unit` nanoseconds per 1, as a number, a context, or {timeout =, ctx =}. nil, none
// and math.huge are no timeout; negative and NaN raise. A context is left at `argument`, where it stays alive.
WaitLimit CheckTimeout(lua_State* L, int argument, int64_t unit);
// Pushes why the goroutine's last wait timed out: what its context says, or else `otherwise`.
void PushTimeoutText(lua_State* L, const char* otherwise = "timeout");
// A duration argument, a number.
int64_t CheckDuration(lua_State* L, int argument, int64_t unit);

}  // namespace sloth

// Condition variables.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/lib_sync.h"
#include "lua/registry_tables.h"
#include "sync/cond_var.h"

namespace sloth {
namespace {

CondVar* CheckCond(lua_State* L) { return CheckHandleAs<CondVar>(L, 1, HandleKind::kCond); }

int NewCond(lua_State* L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    PushNew<Lock>(L);
    lua_replace(L, 1);
  }
  return PushNew<CondVar>(L, CheckHandleAs<Lock>(L, 1, HandleKind::kMutex));
}

int GetMutex(lua_State* L) {
  PushHandle(L, CheckCond(L)->mutex(), HandleView::kFull);
  return 1;
}

Progress FinishWait(LuaGoroutine* goroutine) noexcept {
  Ref<CondVar> cond = goroutine->TakeWaitObject<CondVar>();
  return cond->FinishWait(goroutine);
}

// The wait ended with `progress`, taking the mutex again with `outcome`. [2] is what a wait that timed out reports.
int WaitResult(lua_State* L, Progress progress, Lock::Outcome outcome) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  EndMaskedWait(L);
  if (progress == Progress::kCancelled) goroutine->RestoreCancelledWait("cond wait");
  bool cancelled = progress == Progress::kCancelled || outcome == Lock::Outcome::kCancelled;
  if (cancelled || MustRaise(goroutine)) RaiseCancelled(L);
  lua_pushboolean(L, progress == Progress::kDone);
  if (progress == Progress::kTimedOut) lua_pushvalue(L, 2);
  if (outcome == Lock::Outcome::kAbandoned) lua_pushliteral(L, "abandoned");
  return lua_gettop(L) - 2;
}

int Reacquired(lua_State* L, int, lua_KContext progress) {
  return WaitResult(L, static_cast<Progress>(progress), FinishAcquire(CurrentGoroutine(L)));
}

// The mutex is taken again however the wait ended, also when it was cancelled: handlers that clean up may rely on it.
int WaitResumed(lua_State* L, int, lua_KContext) {
  Progress progress = FinishWait(CurrentGoroutine(L));
  lua_settop(L, 1);
  PushTimeoutText(L);  // of this wait: the next one would forget it
  WaitPlan plan = PlanMaskedWait(L);
  Lock::Outcome outcome = CheckCond(L)->mutex()->Acquire(plan.goroutine, kForever);
  if (outcome == Lock::Outcome::kWaiting) return Park(L, plan, Reacquired, static_cast<lua_KContext>(progress));
  DropPlan(plan);
  return WaitResult(L, progress, outcome);
}

int CondWait(lua_State* L) {
  CondVar* cond = CheckCond(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanCertainWait(L, "cond wait");
  if (cond->Wait(plan.goroutine, timeout)) return Park(L, plan, WaitResumed);
  DropPlan(plan);
  return luaL_error(L, "cond: wait needs its mutex: cond:get_mutex():lock() first");
}

int CondSignal(lua_State* L) {
  CheckCond(L)->Signal();
  return 0;
}

int CondBroadcast(lua_State* L) {
  CheckCond(L)->Broadcast();
  return 0;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kCondFunctions[] = {
    {"goroutine", "cond", NewCond, "mutex?: mutex", "cond", "", "", kNo, kNone, false, false, "1.0",
     "Makes a condition variable with a mutex, or with a new one."},
    {"cond.method", "get_mutex", Meets<GetMutex>, "", "mutex", "", "", kNo, kNone, false, false, "1.0",
     "The mutex that `wait` needs."},
    {"cond.method", "wait", Meets<CondWait>, SLOTH_TIMEOUT, "true | true, 'abandoned' | false, message: string | false, message: string, 'abandoned'", "ms", "raises when the caller does not hold the mutex", kWaits, kNone, false, false, "1.0",
     "Gives the mutex back, waits to be told by `signal` or `broadcast`, and takes the mutex again."},
    {"cond.method", "signal", Meets<CondSignal>, "", "", "", "", kNo, kNone, false, false, "1.0",
     "Tells the goroutine that has waited longest."},
    {"cond.method", "broadcast", Meets<CondBroadcast>, "", "", "", "", kNo, kNone, false, false, "1.0",
     "Tells every goroutine that waits."},
};
SLOTH_REGISTRY_COUNT(Cond);

}  // namespace sloth

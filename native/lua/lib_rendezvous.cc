// Latches and barriers.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/lib_sync.h"
#include "lua/registry_tables.h"
#include "sync/barrier.h"
#include "sync/latch.h"

namespace sloth {
namespace {

// -- latch --

Latch* CheckLatch(lua_State* L) { return CheckHandleAs<Latch>(L, 1, HandleKind::kLatch); }

int NewLatch(lua_State* L) { return PushNew<Latch>(L, CheckCount(L, 1, 0)); }

int LatchCountDown(lua_State* L) {
  Latch* latch = CheckLatch(L);
  lua_pushinteger(L, latch->CountDown(CheckCountOrOne(L, 2)));
  return 1;
}

int LatchCount(lua_State* L) {
  lua_pushinteger(L, CheckLatch(L)->count());
  return 1;
}

Progress FinishLatchWait(LuaGoroutine* goroutine) noexcept {
  Ref<Latch> latch = goroutine->TakeWaitObject<Latch>();
  return latch->FinishWait(goroutine);
}

int LatchResumed(lua_State* L, int, lua_KContext) { return TrueOrTimeout(L, FinishLatchWait(CurrentGoroutine(L))); }

int LatchWait(lua_State* L) {
  Latch* latch = CheckLatch(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Progress progress = latch->Wait(plan.goroutine, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, LatchResumed);
  DropPlan(plan);
  return TrueOrTimeout(L, progress);
}

// -- barrier --

Barrier* CheckBarrier(lua_State* L) { return CheckHandleAs<Barrier>(L, 1, HandleKind::kBarrier); }

int NewBarrier(lua_State* L) { return PushNew<Barrier>(L, CheckCount(L, 1, 1)); }

int BarrierResult(lua_State* L, Barrier::Outcome outcome, int64_t index) {
  if (outcome == Barrier::Outcome::kCancelled) RaiseCancelled(L);
  if (outcome == Barrier::Outcome::kPassed) {
    lua_pushinteger(L, index);
    return 1;
  }
  lua_pushboolean(L, 0);
  if (outcome == Barrier::Outcome::kBroken) lua_pushliteral(L, "broken");
  else PushTimeoutText(L);
  return 2;
}

Barrier::Outcome FinishBarrierWait(LuaGoroutine* goroutine, int64_t* index) noexcept {
  Ref<Barrier> barrier = goroutine->TakeWaitObject<Barrier>();
  return barrier->FinishWait(goroutine, index);
}

int BarrierResumed(lua_State* L, int, lua_KContext) {
  int64_t index = 0;
  Barrier::Outcome outcome = FinishBarrierWait(CurrentGoroutine(L), &index);
  return BarrierResult(L, outcome, index);
}

int BarrierWait(lua_State* L) {
  Barrier* barrier = CheckBarrier(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  int64_t index = 0;
  Barrier::Outcome outcome = barrier->Wait(plan.goroutine, timeout, &index);
  if (outcome == Barrier::Outcome::kWaiting) return Park(L, plan, BarrierResumed);
  DropPlan(plan);
  return BarrierResult(L, outcome, index);
}

int BarrierReset(lua_State* L) {
  CheckBarrier(L)->Reset();
  return 0;
}

int BarrierIsBroken(lua_State* L) {
  lua_pushboolean(L, CheckBarrier(L)->broken());
  return 1;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kRendezvousFunctions[] = {
    {"goroutine", "latch", NewLatch, "n: integer", "latch", "", "raises when n is negative", kNo, kNone, false, false, "1.0",
     "Makes a latch, which opens for good when it has been counted down `n` times."},
    {"latch.method", "count_down", Meets<LatchCountDown>, "k?: integer", "integer", "", "", kNo, kNone, false, false, "1.0",
     "Takes `k` (1) off, down to zero at most, and returns what is left."},
    {"latch.method", "count", Meets<LatchCount>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "What is left."},
    {"latch.method", "wait", Meets<LatchWait>, SLOTH_TIMEOUT, "true | false, message: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until the latch is open."},
    {"goroutine", "barrier", NewBarrier, "n: integer", "barrier", "", "raises when n is less than 1", kNo, kNone, false, false, "1.0",
     "Makes a barrier at which `n` goroutines wait for each other, again and again."},
    {"barrier.method", "wait", Meets<BarrierWait>, SLOTH_TIMEOUT, "index: integer | false, 'broken' | false, message: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until `n` goroutines wait and tells as how manyth this one came; when one of them gives up, the barrier is broken."},
    {"barrier.method", "reset", Meets<BarrierReset>, "", "", "", "", kNo, kNone, false, false, "1.0",
     "Makes a barrier whole again; those who wait find it broken."},
    {"barrier.method", "is_broken", Meets<BarrierIsBroken>, "", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Whether a party gave up since the barrier was made or reset."},
};
SLOTH_REGISTRY_COUNT(Rendezvous);

}  // namespace sloth

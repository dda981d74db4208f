// What is done once, and what closes the frames of calls that give something back.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/error_text.h"
#include "lua/lib_sync.h"
#include "lua/outcome.h"
#include "lua/pack.h"
#include "lua/registry_tables.h"
#include "sync/once.h"
#include "sync/semaphore.h"

namespace sloth {
namespace {

Once* CheckOnce(lua_State* L) { return CheckHandleAs<Once>(L, 1, HandleKind::kOnce); }

int NewOnce(lua_State* L) { return PushNew<Once>(L); }

// Lower room: the turn ended with the `count` values from `first` up.
void SpendWithResults(lua_State* L, Guard* guard, int first, int count) noexcept {
  Outcome outcome;
  outcome.kind = OutcomeKind::kDone;
  PackFailure failure;
  if (count > 0 && !TryPackValues(L, first, count, &outcome.results, &failure)) {
    outcome.kind = OutcomeKind::kFailed;
    outcome.failure->kind = FailureKind::kError;
    outcome.failure->message = PackFailureText("once: cannot return", failure);
  }
  static_cast<Once*>(guard->target.get())->Spend(guard->turn, std::move(outcome));
}

// Lower room: the turn ended with the error at `index`.
void SpendWithError(lua_State* L, Guard* guard, int index) noexcept {
  Outcome outcome;
  outcome.kind = OutcomeKind::kFailed;
  outcome.failure->kind = FailureKind::kError;
  outcome.failure->message = ErrorText(L, index);
  // The error value itself, where it can travel; its text stands for it elsewhere.
  PackFailure ignored;
  if (lua_type(L, index) != LUA_TSTRING) (void)TryPackValue(L, index, &outcome.failure->error, &ignored);
  static_cast<Once*>(guard->target.get())->Spend(guard->turn, std::move(outcome));
}

bool CancelledInside(LuaGoroutine* goroutine, const Guard* guard) {
  return static_cast<int>(goroutine->unwinding) > guard->entry || goroutine->unwinding == Unwinding::kGraceOver;
}

void CloseTurn(lua_State* L, Guard* guard) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  // Without an error its coroutine was closed, or its results are there already.
  bool failed = !lua_isnoneornil(L, 2) && goroutine && !CancelledInside(goroutine, guard);
  if (failed) return SpendWithError(L, guard, 2);
  static_cast<Once*>(guard->target.get())->PassOn(guard->turn);
}

// What everybody gets of a once that is spent. [1] is the once, which keeps it.
int SpentResult(lua_State* L, const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::kDone) return UnpackResults(L, outcome.results);
  const Failure& failure = *outcome.failure;
  luaL_checkstack(L, 2, nullptr);
  if (failure.error.is_nil()) lua_pushlstring(L, failure.message.data(), failure.message.size());
  else UnpackValues(L, failure.error);
  return lua_error(L);
}

// call(f, ...): [1] once, [2] guard of the turn, to be closed; [3] f; [4...] arguments.
int TurnDone(lua_State* L, int, lua_KContext) {
  PostStores(L);
  Guard* guard = CheckGuard(L, 2, HandleKind::kOnce);
  SpendWithResults(L, guard, 3, lua_gettop(L) - 2);
  // The others get copies: so does who made it.
  const Outcome* outcome = static_cast<Once*>(guard->target.get())->outcome();
  return outcome ? SpentResult(L, *outcome) : lua_gettop(L) - 2;
}

Once::Answer FinishCall(LuaGoroutine* goroutine, uint64_t* turn) noexcept {
  Ref<Once> once = goroutine->TakeWaitObject<Once>();
  return once->FinishCall(goroutine, turn);
}

int CallResult(lua_State* L, Once::Answer answer, uint64_t turn) {
  switch (answer) {
    case Once::Answer::kSpent: return SpentResult(L, *CheckOnce(L)->outcome());
    case Once::Answer::kCancelled: RaiseCancelled(L);
    case Once::Answer::kRecursive:
      return luaL_error(L, "deadlock: once:call inside the function that this goroutine calls for the same once");
    case Once::Answer::kWaiting: Unreachable();
    case Once::Answer::kTurn: break;
  }
  Guard* guard = CheckGuard(L, 2, HandleKind::kOnce);
  guard->turn = turn;
  guard->closed = false;
  ApplyPosts(L);
  lua_callk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, TurnDone);
  return TurnDone(L, LUA_OK, 0);
}

int CallResumed(lua_State* L, int, lua_KContext) {
  uint64_t turn = 0;
  Once::Answer answer = FinishCall(CurrentGoroutine(L), &turn);
  return CallResult(L, answer, turn);
}

int Call(lua_State* L) {
  Once* once = CheckOnce(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (const Outcome* outcome = once->outcome()) return SpentResult(L, *outcome);
  LuaGoroutine* goroutine = CheckCurrent(L, "a once");
  // Made before there is anything to give back, for making it may raise; closed until then.
  PushNew<Guard>(L, once, static_cast<int>(goroutine->unwinding));
  lua_insert(L, 2);
  lua_toclose(L, 2);
  WaitPlan plan = PlanWait(L);
  uint64_t turn = 0;
  Once::Answer answer = once->Call(plan.goroutine, &turn);
  if (answer == Once::Answer::kWaiting) return Park(L, plan, CallResumed);
  DropPlan(plan);
  return CallResult(L, answer, turn);
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

Guard* CheckGuard(lua_State* L, int index, HandleKind kind) {
  Handle* handle = HandleInUserdata(L, index, nullptr);
  auto* guard = handle && handle->handle_kind() == HandleKind::kGuard ? static_cast<Guard*>(handle) : nullptr;
  if (!guard || guard->target->handle_kind() != kind) luaL_error(L, "the guard of this call is gone");
  return guard;
}

int CloseGuard(lua_State* L) {
  PostStores(L);
  Handle* handle = HandleInUserdata(L, 1, nullptr);
  if (!handle || handle->handle_kind() != HandleKind::kGuard) return 0;
  auto* guard = static_cast<Guard*>(handle);
  if (std::exchange(guard->closed, true)) return 0;
  if (guard->target->handle_kind() == HandleKind::kOnce) {
    CloseTurn(L, guard);
  } else {
    // Fails when the function gave back more than it had.
    (void)static_cast<Semaphore*>(guard->target.get())->GiveBack(1);
  }
  return 0;
}

extern const FunctionEntry kOnceFunctions[] = {
    {"goroutine", "once", NewOnce, "", "once", "", "", kNo, kNone, false, false, "1.0",
     "Makes something that is done once."},
    {"once.method", "call", Meets<Call>, "f: function, ...: any", "...: any", "", "raises what the first call raised", kWaits, kNone, true, false, "1.0",
     "Calls `f(...)` if nobody did, or waits for who does; returns a copy of the results of the one call, or raises its error."},
};
SLOTH_REGISTRY_COUNT(Once);

}  // namespace sloth

// Wait groups, mutexes and atomic integers.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/lib_sync.h"
#include "lua/registry_tables.h"
#include "lua/spawn.h"
#include "sync/atomic_int.h"
#include "sync/lock.h"
#include "sync/wait_group.h"

namespace sloth {

LuaGoroutine* CheckCurrent(lua_State* L, const char* what) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "%s cannot be used here: no goroutine runs", what);
  return goroutine;
}

int64_t CheckCount(lua_State* L, int argument, int64_t least) {
  int64_t count = luaL_checkinteger(L, argument);
  if (count < least) {
    const char* text = lua_pushfstring(L, "an integer of at least %I was expected, got %I", static_cast<LUAI_UACINT>(least),
                                       static_cast<LUAI_UACINT>(count));
    luaL_argerror(L, argument, text);
  }
  return count;
}

int64_t CheckCountOrOne(lua_State* L, int argument) { return lua_isnone(L, argument) ? 1 : CheckCount(L, argument, 1); }

int TrueOrTimeout(lua_State* L, Progress progress) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  lua_pushboolean(L, progress == Progress::kDone);
  if (progress == Progress::kDone) return 1;
  PushTimeoutText(L);
  return 2;
}

namespace {

// -- wait group --

WaitGroup* CheckWaitGroup(lua_State* L) { return CheckHandleAs<WaitGroup>(L, 1, HandleKind::kWaitGroup); }

int NewWaitGroup(lua_State* L) { return PushNew<WaitGroup>(L); }

int AddTo(lua_State* L, WaitGroup* group, lua_Integer delta) {
  if (!group->Add(delta)) return luaL_error(L, "negative WaitGroup counter");
  return 0;
}

int WaitGroupAdd(lua_State* L) {
  WaitGroup* group = CheckWaitGroup(L);
  return AddTo(L, group, lua_isnone(L, 2) ? 1 : luaL_checkinteger(L, 2));
}

int WaitGroupDone(lua_State* L) { return AddTo(L, CheckWaitGroup(L), -1); }

Progress FinishGroupWait(LuaGoroutine* goroutine) noexcept {
  Ref<WaitGroup> group = goroutine->TakeWaitObject<WaitGroup>();
  return group->FinishWait(goroutine);
}

int WaitGroupResumed(lua_State* L, int, lua_KContext) { return TrueOrTimeout(L, FinishGroupWait(CurrentGoroutine(L))); }

int WaitGroupWait(lua_State* L) {
  WaitGroup* group = CheckWaitGroup(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Progress progress = group->Wait(plan.goroutine, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, WaitGroupResumed);
  DropPlan(plan);
  return TrueOrTimeout(L, progress);
}

class DoneAtEnd final : public EndListener {
 public:
  explicit DoneAtEnd(WaitGroup* group) : group_(group) {}
  void GoroutineEnded(Goroutine*) override { (void)group_->Add(-1); }

 private:
  const Ref<WaitGroup> group_;
};

void StartCounted(LuaGoroutine* parent, WaitGroup* group) noexcept {
  parent->scratch().child->end_listener = MakeRef<DoneAtEnd>(group);
  StartChild(parent);
}

int WaitGroupGo(lua_State* L) {
  WaitGroup* group = CheckWaitGroup(L);
  int function = 2;
  Context* context = CheckFunctionBehindContext(L, &function);
  LuaGoroutine* child = MakeChild(L, lua_gettop(L) - function, {.context = context});
  bool wanted = AreResultsWanted(L);
  if (wanted) PushHandle(L, child, HandleView::kFull);
  AddTo(L, group, 1);
  StartCounted(CurrentGoroutine(L), group);
  return wanted ? 1 : 0;
}

// -- mutex --

Lock* CheckMutex(lua_State* L) { return CheckHandleAs<Lock>(L, 1, HandleKind::kMutex); }

int NewMutex(lua_State* L) { return PushNew<Lock>(L); }

// Pushes the result of an acquisition, or raises.
int LockResult(lua_State* L, Lock::Outcome outcome) {
  switch (outcome) {
    case Lock::Outcome::kAcquired: lua_pushboolean(L, 1); return 1;
    case Lock::Outcome::kAbandoned:
      lua_pushboolean(L, 1);
      lua_pushliteral(L, "abandoned");
      return 2;
    case Lock::Outcome::kTimedOut:
      lua_pushboolean(L, 0);
      PushTimeoutText(L);
      return 2;
    case Lock::Outcome::kWouldBlock: lua_pushboolean(L, 0); return 1;
    case Lock::Outcome::kAlreadyHeld: return luaL_error(L, "deadlock: this goroutine already holds the mutex");
    case Lock::Outcome::kCancelled: RaiseCancelled(L);
    default: Unreachable();
  }
}

}  // namespace

Lock::Outcome FinishAcquire(LuaGoroutine* goroutine) noexcept {
  Ref<Lock> lock = goroutine->TakeWaitObject<Lock>();
  return lock->FinishAcquire(goroutine);
}

int CloseMutex(lua_State* L) {
  PostStores(L);
  Handle* handle = HandleInUserdata(L, 1, nullptr);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine && handle && handle->handle_kind() == HandleKind::kMutex) (void)static_cast<Lock*>(handle)->Release(goroutine);
  return 0;
}

namespace {

int MutexLockResumed(lua_State* L, int, lua_KContext) { return LockResult(L, FinishAcquire(CurrentGoroutine(L))); }

int MutexLockIt(lua_State* L) {
  Lock* lock = CheckMutex(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Lock::Outcome outcome = lock->Acquire(plan.goroutine, timeout);
  if (outcome == Lock::Outcome::kWaiting) return Park(L, plan, MutexLockResumed);
  DropPlan(plan);
  return LockResult(L, outcome);
}

int MutexTryLock(lua_State* L) {
  Lock* lock = CheckMutex(L);
  Lock::Outcome outcome = lock->TryAcquire(CheckCurrent(L, "a mutex"));
  if (outcome == Lock::Outcome::kAlreadyHeld) outcome = Lock::Outcome::kWouldBlock;
  return LockResult(L, outcome);
}

int MutexUnlock(lua_State* L) {
  if (CheckMutex(L)->Release(CheckCurrent(L, "a mutex")) == Lock::Outcome::kNotHeld) return luaL_error(L, "unlock of unlocked mutex");
  return 0;
}

// with(f, ...): [1] mutex, to be closed; [2] f; [3...] arguments.
int WithDone(lua_State* L, int, lua_KContext) { return lua_gettop(L) - 1; }

int WithLocked(lua_State* L, Lock::Outcome outcome) {
  if (outcome != Lock::Outcome::kAcquired && outcome != Lock::Outcome::kAbandoned) return LockResult(L, outcome);
  lua_toclose(L, 1);  // an error passes as it is, and message handlers see where it was raised
  ApplyPosts(L);
  lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, WithDone);
  return WithDone(L, LUA_OK, 0);
}

int WithResumed(lua_State* L, int, lua_KContext) { return WithLocked(L, FinishAcquire(CurrentGoroutine(L))); }

int MutexWith(lua_State* L) {
  Lock* lock = CheckMutex(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  WaitPlan plan = PlanWait(L);
  Lock::Outcome outcome = lock->Acquire(plan.goroutine, kForever);
  if (outcome == Lock::Outcome::kWaiting) return Park(L, plan, WithResumed);
  DropPlan(plan);
  return WithLocked(L, outcome);
}

// -- atomic integer --

AtomicInt* CheckAtomic(lua_State* L) { return CheckHandleAs<AtomicInt>(L, 1, HandleKind::kAtomic); }

int PushInteger(lua_State* L, uint64_t value) {
  lua_pushinteger(L, static_cast<lua_Integer>(value));
  return 1;
}

uint64_t CheckWord(lua_State* L, int argument) { return static_cast<uint64_t>(luaL_checkinteger(L, argument)); }

int NewAtomic(lua_State* L) { return PushNew<AtomicInt>(L, static_cast<int64_t>(lua_isnone(L, 1) ? 0 : luaL_checkinteger(L, 1))); }
int AtomicAdd(lua_State* L) {
  uint64_t delta = CheckWord(L, 2);
  return PushInteger(L, CheckAtomic(L)->value.fetch_add(delta) + delta);
}
int AtomicLoad(lua_State* L) { return PushInteger(L, CheckAtomic(L)->value.load()); }
int AtomicStore(lua_State* L) {
  CheckAtomic(L)->value.store(CheckWord(L, 2));
  return 0;
}
int AtomicSwap(lua_State* L) { return PushInteger(L, CheckAtomic(L)->value.exchange(CheckWord(L, 2))); }
int AtomicCompareAndSwap(lua_State* L) {
  uint64_t expected = CheckWord(L, 2);
  lua_pushboolean(L, CheckAtomic(L)->value.compare_exchange_strong(expected, CheckWord(L, 3)));
  return 1;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kSyncFunctions[] = {
    {"goroutine", "wait_group", NewWaitGroup, "", "wait_group", "", "", kNo, kNone, false, false, "1.0",
     "Makes a counter that goroutines can wait for."},
    {"wait_group.method", "add", Meets<WaitGroupAdd>, "n?: integer", "", "", "raises `negative WaitGroup counter`", kNo, kNone, false, false, "1.0",
     "Adds `n` (1) to the counter."},
    {"wait_group.method", "done", Meets<WaitGroupDone>, "", "", "", "raises `negative WaitGroup counter`", kNo, kNone, false, false, "1.0",
     "Takes one off the counter."},
    {"wait_group.method", "wait", Meets<WaitGroupWait>, SLOTH_TIMEOUT, "true | false, message: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until the counter is zero."},
    {"wait_group.method", "go", Meets<WaitGroupGo>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", "raises when f is not a function", kNo, kNone, true, false, "1.0",
     "Adds one, starts `f(...)` as a goroutine, and takes one off when that has ended."},
    {"goroutine", "mutex", NewMutex, "", "mutex", "", "", kNo, kNone, false, false, "1.0",
     "Makes a mutual exclusion lock, which serves those who wait in their order."},
    {"mutex.method", "lock", Meets<MutexLockIt>, SLOTH_TIMEOUT, "true | true, 'abandoned' | false, message: string", "ms", "raises when the caller holds it", kWaits, kNone, false, false, "1.0",
     "Waits for the mutex and takes it; `\"abandoned\"` says that its last holder ended without giving it back."},
    {"mutex.method", "unlock", Meets<MutexUnlock>, "", "", "", "raises `unlock of unlocked mutex`", kNo, kNone, false, false, "1.0",
     "Gives the mutex back."},
    {"mutex.method", "try_lock", Meets<MutexTryLock>, "", "true | true, 'abandoned' | false", "", "", kNo, kNone, false, false, "1.0",
     "Takes the mutex if nobody holds it."},
    {"mutex.method", "with", Meets<MutexWith>, "f: function, ...: any", "...: any", "", "raises what f raises", kWaits, kNone, true, false, "1.0",
     "Calls `f(...)` while holding the mutex and returns its results."},
    {"goroutine", "atomic_int", NewAtomic, "v?: integer", "atomic_int", "", "", kNo, kNone, false, false, "1.0",
     "Makes an integer of 64 bits that goroutines on all islands can change."},
    {"atomic_int.method", "add", Meets<AtomicAdd>, "d: integer", "integer", "", "", kNo, kNone, false, false, "1.0",
     "Adds `d` and returns the new value."},
    {"atomic_int.method", "load", Meets<AtomicLoad>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "The value."},
    {"atomic_int.method", "store", Meets<AtomicStore>, "v: integer", "", "", "", kNo, kNone, false, false, "1.0",
     "Sets the value."},
    {"atomic_int.method", "swap", Meets<AtomicSwap>, "v: integer", "integer", "", "", kNo, kNone, false, false, "1.0",
     "Sets the value and returns the one before."},
    {"atomic_int.method", "compare_and_swap", Meets<AtomicCompareAndSwap>, "old: integer, new: integer", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Sets the value to `new` if it is `old`; tells whether it was."},
};
SLOTH_REGISTRY_COUNT(Sync);

}  // namespace sloth

// Readers-writer mutexes.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/lib_sync.h"
#include "lua/registry_tables.h"
#include "sync/rw_lock.h"

namespace sloth {
namespace {

using Access = RwLock::Access;
using Held = RwLock::Outcome;

RwLock* CheckRwMutex(lua_State* L) { return CheckHandleAs<RwLock>(L, 1, HandleKind::kRwMutex); }

int NewRwMutex(lua_State* L) { return PushNew<RwLock>(L); }

template <Access kAccess>
Held FinishLockWait(LuaGoroutine* goroutine) noexcept {
  Ref<RwLock> lock = goroutine->TakeWaitObject<RwLock>();
  return lock->FinishAcquire(goroutine, kAccess);
}

// Pushes the result of an acquisition, or raises.
template <Access kAccess>
int LockResult(lua_State* L, Held held) {
  switch (held) {
    case Held::kAcquired: lua_pushboolean(L, 1); return 1;
    case Held::kAbandoned:
      lua_pushboolean(L, 1);
      lua_pushliteral(L, "abandoned");
      return 2;
    case Held::kTimedOut:
      lua_pushboolean(L, 0);
      PushTimeoutText(L);
      return 2;
    case Held::kWouldBlock: lua_pushboolean(L, 0); return 1;
    case Held::kWritesAlready:
      if (kAccess == Access::kWrite) return luaL_error(L, "deadlock: this goroutine already holds the rwmutex");
      return luaL_error(L, "deadlock: this goroutine holds the rwmutex for writing: unlock it before rlock");
    case Held::kReadsAlready:
      return luaL_error(L, "deadlock: this goroutine holds the rwmutex for reading: runlock it before lock");
    case Held::kCancelled: RaiseCancelled(L);
    default: Unreachable();
  }
}

template <Access kAccess>
int LockResumed(lua_State* L, int, lua_KContext) {
  return LockResult<kAccess>(L, FinishLockWait<kAccess>(CurrentGoroutine(L)));
}

template <Access kAccess>
int LockIt(lua_State* L) {
  RwLock* lock = CheckRwMutex(L);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Held held = lock->Acquire(plan.goroutine, kAccess, timeout);
  if (held == Held::kWaiting) return Park(L, plan, LockResumed<kAccess>);
  DropPlan(plan);
  return LockResult<kAccess>(L, held);
}

template <Access kAccess>
int TryLock(lua_State* L) {
  Held held = CheckRwMutex(L)->TryAcquire(CheckCurrent(L, "an rwmutex"), kAccess);
  if (held == Held::kWritesAlready || held == Held::kReadsAlready) held = Held::kWouldBlock;
  return LockResult<kAccess>(L, held);
}

int Unlock(lua_State* L) {
  switch (CheckRwMutex(L)->GiveBack(CheckCurrent(L, "an rwmutex"), Access::kWrite)) {
    case Held::kAcquired: return 0;
    case Held::kReadsAlready: return luaL_error(L, "unlock of unlocked rwmutex: this goroutine reads, which runlock ends");
    default: return luaL_error(L, "unlock of unlocked rwmutex");
  }
}

int RUnlock(lua_State* L) {
  switch (CheckRwMutex(L)->GiveBack(CheckCurrent(L, "an rwmutex"), Access::kRead)) {
    case Held::kAcquired: return 0;
    case Held::kWritesAlready: return luaL_error(L, "runlock of unlocked rwmutex: this goroutine writes, which unlock ends");
    default: return luaL_error(L, "runlock of unlocked rwmutex");
  }
}

// with(f, ...): [1] rwmutex, to be closed; [2] f; [3...] arguments.
int WithDone(lua_State* L, int, lua_KContext) { return lua_gettop(L) - 1; }

template <Access kAccess>
int WithLocked(lua_State* L, Held held) {
  if (held != Held::kAcquired && held != Held::kAbandoned) return LockResult<kAccess>(L, held);
  lua_toclose(L, 1);  // an error passes as it is, and message handlers see where it was raised
  ApplyPosts(L);
  lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, WithDone);
  return WithDone(L, LUA_OK, 0);
}

template <Access kAccess>
int WithResumed(lua_State* L, int, lua_KContext) {
  return WithLocked<kAccess>(L, FinishLockWait<kAccess>(CurrentGoroutine(L)));
}

template <Access kAccess>
int With(lua_State* L) {
  RwLock* lock = CheckRwMutex(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  WaitPlan plan = PlanWait(L);
  Held held = lock->Acquire(plan.goroutine, kAccess, kForever);
  if (held == Held::kWaiting) return Park(L, plan, WithResumed<kAccess>);
  DropPlan(plan);
  return WithLocked<kAccess>(L, held);
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

int CloseRwMutex(lua_State* L) {
  PostStores(L);
  Handle* handle = HandleInUserdata(L, 1, nullptr);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine || !handle || handle->handle_kind() != HandleKind::kRwMutex) return 0;
  // A goroutine holds it in one of the two ways at most.
  auto* lock = static_cast<RwLock*>(handle);
  if (lock->GiveBack(goroutine, Access::kWrite) != Held::kAcquired) (void)lock->GiveBack(goroutine, Access::kRead);
  return 0;
}

extern const FunctionEntry kRwMutexFunctions[] = {
    {"goroutine", "rwmutex", NewRwMutex, "", "rwmutex", "", "", kNo, kNone, false, false, "1.0",
     "Makes a lock that many goroutines hold to read or one holds to write; it serves those who wait in their order."},
    {"rwmutex.method", "lock", Meets<LockIt<Access::kWrite>>, SLOTH_TIMEOUT, "true | true, 'abandoned' | false, message: string", "ms", "raises when the caller holds it", kWaits, kNone, false, false, "1.0",
     "Waits until nobody holds the lock and takes it to write; `\"abandoned\"` says that its last writer ended without giving it back."},
    {"rwmutex.method", "unlock", Meets<Unlock>, "", "", "", "raises `unlock of unlocked rwmutex`", kNo, kNone, false, false, "1.0",
     "Gives back the lock that the caller holds to write."},
    {"rwmutex.method", "try_lock", Meets<TryLock<Access::kWrite>>, "", "true | true, 'abandoned' | false", "", "", kNo, kNone, false, false, "1.0",
     "Takes the lock to write if nobody holds it."},
    {"rwmutex.method", "with", Meets<With<Access::kWrite>>, "f: function, ...: any", "...: any", "", "raises what f raises", kWaits, kNone, true, false, "1.0",
     "Calls `f(...)` while holding the lock to write and returns its results."},
    {"rwmutex.method", "rlock", Meets<LockIt<Access::kRead>>, SLOTH_TIMEOUT, "true | true, 'abandoned' | false, message: string", "ms", "raises when the caller holds it for writing", kWaits, kNone, false, false, "1.0",
     "Waits until nobody writes, and no writer waits, and takes the lock to read; who reads already may do so again."},
    {"rwmutex.method", "runlock", Meets<RUnlock>, "", "", "", "raises `runlock of unlocked rwmutex`", kNo, kNone, false, false, "1.0",
     "Gives back one lock that the caller holds to read."},
    {"rwmutex.method", "try_rlock", Meets<TryLock<Access::kRead>>, "", "true | true, 'abandoned' | false", "", "", kNo, kNone, false, false, "1.0",
     "Takes the lock to read if nobody writes and no writer waits."},
    {"rwmutex.method", "rwith", Meets<With<Access::kRead>>, "f: function, ...: any", "...: any", "", "raises what f raises", kWaits, kNone, true, false, "1.0",
     "Calls `f(...)` while holding the lock to read and returns its results."},
};
SLOTH_REGISTRY_COUNT(RwMutex);

}  // namespace sloth

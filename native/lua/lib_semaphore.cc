// Semaphores.
#include "lua/blocking.h"
#include "lua/lib_sync.h"
#include "lua/registry_tables.h"
#include "sync/semaphore.h"

namespace sloth {
namespace {

Semaphore* CheckSemaphore(lua_State* L) { return CheckHandleAs<Semaphore>(L, 1, HandleKind::kSemaphore); }

// The number of permits at `argument`, which must be possible to have.
int64_t CheckPermits(lua_State* L, int argument, Semaphore* semaphore) {
  int64_t amount = CheckCountOrOne(L, argument);
  if (amount > semaphore->capacity()) {
    luaL_error(L, "semaphore: acquire of %I would wait for ever: the capacity is %I", static_cast<LUAI_UACINT>(amount),
               static_cast<LUAI_UACINT>(semaphore->capacity()));
  }
  return amount;
}

int NewSemaphore(lua_State* L) { return PushNew<Semaphore>(L, CheckCount(L, 1, 1)); }

Progress FinishPermitWait(LuaGoroutine* goroutine) noexcept {
  Ref<Semaphore> semaphore = goroutine->TakeWaitObject<Semaphore>();
  return semaphore->FinishAcquire(goroutine);
}

int AcquireResumed(lua_State* L, int, lua_KContext) { return TrueOrTimeout(L, FinishPermitWait(CurrentGoroutine(L))); }

int Acquire(lua_State* L) {
  Semaphore* semaphore = CheckSemaphore(L);
  // acquire({timeout =}): the number may be left out before what cannot be one.
  bool counted = lua_type(L, 2) != LUA_TTABLE && lua_type(L, 2) != LUA_TUSERDATA;
  int64_t amount = counted ? CheckPermits(L, 2, semaphore) : 1;
  WaitLimit timeout = CheckTimeout(L, counted ? 3 : 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Progress progress = semaphore->Acquire(plan.goroutine, amount, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, AcquireResumed);
  DropPlan(plan);
  return TrueOrTimeout(L, progress);
}

int TryAcquire(lua_State* L) {
  Semaphore* semaphore = CheckSemaphore(L);
  lua_pushboolean(L, semaphore->TryAcquire(CheckPermits(L, 2, semaphore)));
  return 1;
}

int GiveBack(lua_State* L) {
  Semaphore* semaphore = CheckSemaphore(L);
  if (!semaphore->GiveBack(CheckCountOrOne(L, 2))) return luaL_error(L, "semaphore: release without acquire");
  return 0;
}

int Available(lua_State* L) {
  lua_pushinteger(L, CheckSemaphore(L)->available());
  return 1;
}

int Capacity(lua_State* L) {
  lua_pushinteger(L, CheckSemaphore(L)->capacity());
  return 1;
}

// with(f, ...): [1] semaphore, [2] guard, to be closed; [3] f; [4...] arguments.
int WithDone(lua_State* L, int, lua_KContext) { return lua_gettop(L) - 2; }

int WithPermit(lua_State* L, Progress progress) {
  if (progress != Progress::kDone) return TrueOrTimeout(L, progress);
  CheckGuard(L, 2, HandleKind::kSemaphore)->closed = false;
  ApplyPosts(L);
  lua_callk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, WithDone);
  return WithDone(L, LUA_OK, 0);
}

int WithResumed(lua_State* L, int, lua_KContext) { return WithPermit(L, FinishPermitWait(CurrentGoroutine(L))); }

int With(lua_State* L) {
  Semaphore* semaphore = CheckSemaphore(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  // Made before there is anything to give back, for making it may raise; closed until then.
  PushNew<Guard>(L, semaphore, 0);
  lua_insert(L, 2);
  lua_toclose(L, 2);
  WaitPlan plan = PlanWait(L);
  Progress progress = semaphore->Acquire(plan.goroutine, 1, kForever);
  if (progress == Progress::kWaiting) return Park(L, plan, WithResumed);
  DropPlan(plan);
  return WithPermit(L, progress);
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kSemaphoreFunctions[] = {
    {"goroutine", "semaphore", NewSemaphore, "n: integer", "semaphore", "", "raises when n is less than 1", kNo, kNone, false, false, "1.0",
     "Makes a semaphore with `n` permits, which serves those who wait in their order."},
    {"semaphore.method", "acquire", Meets<Acquire>, "k?: integer, timeout?: number", "true | false, message: string", "ms", "raises when k is more than the capacity", kWaits, kNone, false, false, "1.0",
     "Waits until `k` (1) permits are free and takes them."},
    {"semaphore.method", "try_acquire", Meets<TryAcquire>, "k?: integer", "boolean", "", "raises when k is more than the capacity", kNo, kNone, false, false, "1.0",
     "Takes `k` (1) permits if they are free and nobody waits."},
    {"semaphore.method", "release", Meets<GiveBack>, "k?: integer", "", "", "raises `semaphore: release without acquire`", kNo, kNone, false, false, "1.0",
     "Gives `k` (1) permits back, whoever took them."},
    {"semaphore.method", "with", Meets<With>, "f: function, ...: any", "...: any", "", "raises what f raises", kWaits, kNone, true, false, "1.0",
     "Calls `f(...)` while holding one permit and returns its results."},
    {"semaphore.method", "available", Meets<Available>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many permits are free."},
    {"semaphore.method", "capacity", Meets<Capacity>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many permits there are."},
};
SLOTH_REGISTRY_COUNT(Semaphore);

}  // namespace sloth

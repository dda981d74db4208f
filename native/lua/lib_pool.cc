// Pools of goroutines, by name: making them, giving them jobs, waiting for them.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/lib_pool.h"
#include "lua/pool_options.h"
#include "lua/registry_tables.h"
#include "lua/spawn.h"

namespace sloth {

LuaGoroutine* CheckPoolCaller(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "pools cannot be used here: no goroutine runs");
  return goroutine;
}

namespace {

// Lower room: the pool of that name in goroutine->scratch().holding; null when there is none.
Pool* FindPool(LuaGoroutine* goroutine, const char* name) noexcept {
  Ref<Pool> pool = goroutine->lua_run()->pools.Find(name);
  Pool* result = pool.get();
  goroutine->scratch().holding = std::move(pool);
  return result;
}

}  // namespace

Pool* PoolAt(lua_State* L, LuaGoroutine* goroutine) { return FindPool(goroutine, luaL_checkstring(L, 1)); }

int PoolNotFound(lua_State* L) {
  lua_pushfstring(L, "pool not found: %s", lua_tostring(L, 1));
  return 2;
}

namespace {

void MakePool(LuaGoroutine* goroutine, const char* name, const PoolOptions& options) noexcept {
  goroutine->lua_run()->pools.Set(name, MakeRef<Pool>(goroutine->world()->scheduler, name, options));
}

// Lower room: tells of failures nobody looked at, once.
void ReportFailures(LuaGoroutine* goroutine, Pool* pool) noexcept { ReportPool(goroutine->world(), goroutine->lua_run(), pool); }

Progress FinishWait(LuaGoroutine* goroutine) noexcept {
  Ref<Pool> pool = goroutine->TakeWaitObject<Pool>();
  Progress progress = pool->FinishWait(goroutine);
  goroutine->scratch().holding = std::move(pool);
  return progress;
}

// -- create --

int CreateNow(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  goroutine->scratch().holding = nullptr;
  MakePool(goroutine, lua_tostring(L, 1), *static_cast<PoolOptions*>(lua_touserdata(L, 2)));
  lua_pushboolean(L, 1);
  return 1;
}

int CreateResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (FinishWait(goroutine) == Progress::kCancelled) RaiseCancelled(L);
  ReportFailures(goroutine, static_cast<Pool*>(goroutine->scratch().holding.get()));
  return CreateNow(L);
}

int Create(lua_State* L) {
  luaL_checkstring(L, 1);
  PoolOptions options = CheckPoolOptions(L, 2, "pool_create");
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  lua_settop(L, 1);
  *static_cast<PoolOptions*>(lua_newuserdatauv(L, sizeof(PoolOptions), 0)) = options;
  Pool* old = PoolAt(L, goroutine);
  if (!old) return CreateNow(L);
  // An existing pool of that name is finished and closed first.
  WaitPlan plan = PlanWait(L);
  old->Close();
  if (old->Wait(goroutine, kForever) == Progress::kWaiting) return Park(L, plan, CreateResumed);
  DropPlan(plan);
  ReportFailures(goroutine, old);
  return CreateNow(L);
}

// -- submit --

// Lower room: the job is in the goroutine's `child` slot, where it stays until it is known whether the pool takes it.
Progress StartSubmit(LuaGoroutine* goroutine, Pool* pool, Context* context) noexcept {
  auto* job = static_cast<LuaGoroutine*>(goroutine->scratch().child.get());
  job->results_judged = pool->options().breaker.has_value();
  BindToContext(job);
  return pool->Submit(goroutine, goroutine->scratch().child, context);
}

Progress FinishSubmit(LuaGoroutine* goroutine) noexcept {
  Ref<Pool> pool = goroutine->TakeWaitObject<Pool>();
  return pool->FinishSubmit(goroutine);
}

// Lower room: what becomes of the job, whose number is returned.
uint64_t SettleSubmit(lua_State* L, LuaGoroutine* goroutine, Progress progress) noexcept {
  auto* job = static_cast<LuaGoroutine*>(goroutine->scratch().child.get());
  uint64_t id = job->id();
  goroutine->scratch().holding = nullptr;
  if (progress == Progress::kDone) {
    auto& counters = goroutine->world()->scheduler->counters();
    (job->home ? counters.shared : counters.parallel).fetch_add(1, std::memory_order_relaxed);
    goroutine->scratch().child = nullptr;
  } else {
    DropChild(L, goroutine);
  }
  return id;
}

int SubmitResult(lua_State* L, LuaGoroutine* goroutine, Progress progress) {
  uint64_t id = SettleSubmit(L, goroutine, progress);
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  if (progress == Progress::kNoMemory) return luaL_error(L, "not enough memory");
  if (progress == Progress::kDone) {
    lua_pushinteger(L, static_cast<lua_Integer>(id));
    return 1;
  }
  lua_pushnil(L);
  if (progress == Progress::kTimedOut) {
    PushTimeoutText(L);
  } else {
    lua_pushstring(L, progress == Progress::kFull ? "pool queue is full" : "pool is closed");
  }
  return 2;
}

int SubmitResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return SubmitResult(L, goroutine, FinishSubmit(goroutine));
}

int Submit(lua_State* L) {
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  luaL_checkstring(L, 1);
  int function = 2;
  Context* context = CheckFunctionBehindContext(L, &function);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return PoolNotFound(L);
  }
  if (pool->closed()) {
    goroutine->scratch().holding = nullptr;
    lua_pushnil(L);
    lua_pushliteral(L, "pool is closed");
    return 2;
  }
  bool may_wait = pool->options().queue != INT64_MAX && !pool->options().refuses_when_full;
  MakeChild(L, lua_gettop(L) - function, {.uncaught = UncaughtRule::kBelongsToRun, .context = context});
  WaitPlan plan = {goroutine, false};
  if (may_wait) plan = PlanWait(L);
  pool = PoolAt(L, goroutine);  // making the job may have used the slot
  Progress progress = StartSubmit(goroutine, pool, context);
  if (progress == Progress::kWaiting) {
    goroutine->scratch().holding = nullptr;  // the wait holds it now
    return Park(L, plan, SubmitResumed);
  }
  DropPlan(plan);
  return SubmitResult(L, goroutine, progress);
}

// -- wait --

int WaitResult(lua_State* L, LuaGoroutine* goroutine, Progress progress) {
  goroutine->scratch().holding = nullptr;
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  lua_pushboolean(L, progress == Progress::kDone);
  if (progress == Progress::kDone) return 1;
  PushTimeoutText(L);
  return 2;
}

int WaitResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return WaitResult(L, goroutine, FinishWait(goroutine));
}

int WaitForPool(lua_State* L) {
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushboolean(L, 0);
    return PoolNotFound(L);
  }
  WaitPlan plan = PlanWait(L);
  Progress progress = pool->Wait(goroutine, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, WaitResumed);
  DropPlan(plan);
  return WaitResult(L, goroutine, progress);
}

// -- close --

int CloseResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  Progress progress = FinishWait(goroutine);
  if (progress == Progress::kDone) ReportFailures(goroutine, static_cast<Pool*>(goroutine->scratch().holding.get()));
  return WaitResult(L, goroutine, progress);
}

int ClosePool(lua_State* L) {
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool || pool->closed()) {
    lua_pushboolean(L, 0);
    return 1;
  }
  WaitPlan plan = PlanWait(L);
  pool->Close();
  Progress progress = pool->Wait(goroutine, kForever);
  if (progress == Progress::kWaiting) return Park(L, plan, CloseResumed);
  DropPlan(plan);
  ReportFailures(goroutine, pool);
  return WaitResult(L, goroutine, progress);
}

constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

void ReportPool(World* world, LuaRun* run, Pool* pool) {
  Pool::Failures failures = pool->UnaskedFailures();
  if (failures.unasked == 0) return;
  pool->AskForAll();
  std::string text = "pool '" + pool->name() + "': " + std::to_string(failures.failed) + " of " + std::to_string(failures.ended) +
                     " jobs failed, first: " + failures.first + "\n";
  world->err->Write(text.data(), text.size());
  run->CountUncaught();
}

extern const FunctionEntry kPoolFunctions[] = {
    {"goroutine", "pool_create", Meets<Create>,
     "name: string, options?: {workers?: (integer | integer[] | {min: integer, max: integer}), queue?: number, on_full?: 'block' | 'error', submit_timeout?: number, "
     "rate_limit?: number, circuit_breaker?: {failure_threshold?: integer, recovery_timeout?: (string | number), half_open_requests?: integer}, keep_results?: number}",
     "true", "", "raises for options of the wrong type or range and unknown ones", kWaits, kNone, false, false, "1.0",
     "Makes a pool that runs at most `workers` jobs at once; one of that name is finished and closed first."},
    {"goroutine", "pool_submit", Meets<Submit>, "name: string, f: function, ...: any || name: string, ctx: context, f: function, ...: any", "id: integer | nil, message: string", "", "raises when f is not a function", kWaits, kNone, true, false, "1.0",
     "Gives a pool the job `f(...)`; waits while its queue is full."},
    {"goroutine", "pool_wait", Meets<WaitForPool>, "name: string, " SLOTH_TIMEOUT, "true | false, message: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until all jobs that were submitted have ended; the pool stays open."},
    {"goroutine", "pool_close", Meets<ClosePool>, "name: string", "boolean", "", "", kWaits, kNone, false, false, "1.0",
     "Finishes what was submitted and closes the pool."},
};
SLOTH_REGISTRY_COUNT(Pool);

}  // namespace sloth

// Pools of goroutines, by name.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/registry_tables.h"
#include "lua/spawn.h"
#include "sync/pool.h"

namespace sloth {
namespace {

LuaGoroutine* CheckCurrent(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "pools cannot be used here: no goroutine runs");
  return goroutine;
}

// Lower room: the pool of that name in goroutine->scratch().holding; null when there is none.
Pool* FindPool(LuaGoroutine* goroutine, const char* name) noexcept {
  Ref<Pool> pool = goroutine->lua_run()->pools.Find(name);
  Pool* result = pool.get();
  goroutine->scratch().holding = std::move(pool);
  return result;
}

Pool* PoolAt(lua_State* L, LuaGoroutine* goroutine) { return FindPool(goroutine, luaL_checkstring(L, 1)); }

void MakePool(LuaGoroutine* goroutine, const char* name, int64_t workers) noexcept {
  goroutine->lua_run()->pools.Set(name, MakeRef<Pool>(goroutine->world()->scheduler, name, workers));
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

constexpr lua_Integer kDefaultWorkers = 4;

lua_Integer CheckOptions(lua_State* L) {
  if (lua_isnoneornil(L, 2)) return kDefaultWorkers;
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    if (lua_type(L, -2) != LUA_TSTRING || std::string_view(lua_tostring(L, -2)) != "workers") {
      luaL_error(L, "pool_create: option '%s' is not supported", luaL_tolstring(L, -2, nullptr));
    }
    lua_pop(L, 1);
  }
  if (lua_getfield(L, 2, "workers") == LUA_TNIL) return kDefaultWorkers;
  int exact = 0;
  lua_Integer workers = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &exact) : 0;
  if (!exact || workers < 1) luaL_error(L, "pool_create: workers must be an integer of at least 1, got %s", luaL_tolstring(L, -1, nullptr));
  return workers;
}

int CreateNow(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  goroutine->scratch().holding = nullptr;
  MakePool(goroutine, lua_tostring(L, 1), lua_tointeger(L, 2));
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
  lua_Integer workers = CheckOptions(L);
  LuaGoroutine* goroutine = CheckCurrent(L);
  lua_settop(L, 1);
  lua_pushinteger(L, workers);
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

int NotFound(lua_State* L) {
  lua_pushfstring(L, "pool not found: %s", lua_tostring(L, 1));
  return 2;
}

bool SubmitJob(LuaGoroutine* parent, Pool* pool, bool* no_memory) noexcept {
  Ref<Goroutine> job = std::move(parent->scratch().child);
  BindToContext(job.get());
  auto& counters = parent->world()->scheduler->counters();
  bool home = static_cast<LuaGoroutine*>(job.get())->home;
  (home ? counters.shared : counters.parallel).fetch_add(1, std::memory_order_relaxed);
  return pool->Submit(std::move(job), parent, no_memory);
}

int Submit(lua_State* L) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  luaL_checkstring(L, 1);
  int function = 2;
  Context* context = CheckFunctionBehindContext(L, &function);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return NotFound(L);
  }
  if (!pool->closed()) {
    LuaGoroutine* job = MakeChild(L, lua_gettop(L) - function, {.uncaught = UncaughtRule::kBelongsToRun, .context = context});
    auto id = static_cast<lua_Integer>(job->id());
    bool no_memory = false;
    pool = static_cast<Pool*>(goroutine->scratch().holding.get());
    if (SubmitJob(goroutine, pool, &no_memory)) {
      goroutine->scratch().holding = nullptr;
      lua_pushinteger(L, id);
      return 1;
    }
    if (no_memory) return luaL_error(L, "not enough memory");
  }
  goroutine->scratch().holding = nullptr;
  lua_pushnil(L);
  lua_pushliteral(L, "pool is closed");
  return 2;
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
  LuaGoroutine* goroutine = CheckCurrent(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushboolean(L, 0);
    return NotFound(L);
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
  LuaGoroutine* goroutine = CheckCurrent(L);
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

// -- stats --

void SetCount(lua_State* L, const char* name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

struct Counts {
  int64_t workers, active, queued, completed, failed;
};

Counts ReadCounts(Pool* pool) noexcept {
  PoolStatistics statistics = pool->Statistics(true);
  return {statistics.workers, statistics.active, statistics.queued, statistics.completed, statistics.failed};
}

int Stats(lua_State* L) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return NotFound(L);
  }
  Counts counts = ReadCounts(pool);
  goroutine->scratch().holding = nullptr;
  lua_createtable(L, 0, 6);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "name");
  SetCount(L, "workers", counts.workers);
  SetCount(L, "active", counts.active);
  SetCount(L, "queued", counts.queued);
  SetCount(L, "completed", counts.completed);
  SetCount(L, "failed", counts.failed);
  return 1;
}

constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

void ReportPool(World* world, LuaRun* run, Pool* pool) {
  PoolStatistics statistics = pool->Statistics(false);
  if (statistics.asked || statistics.first_failure.empty()) return;
  (void)pool->Statistics(true);
  std::string text = "pool '" + pool->name() + "': " + std::to_string(statistics.failed) + " of " +
                     std::to_string(statistics.failed + statistics.completed) + " jobs failed, first: " + statistics.first_failure + "\n";
  world->err->Write(text.data(), text.size());
  run->CountUncaught();
}

extern const FunctionEntry kPoolFunctions[] = {
    {"goroutine", "pool_create", Create, "name: string, options?: {workers?: integer}", "true", "", "raises for workers < 1 and unknown options", kWaits, kNone, false, false, "1.0",
     "Makes a pool that runs at most `workers` jobs at once; one of that name is finished and closed first."},
    {"goroutine", "pool_submit", Submit, "name: string, f: function, ...: any || name: string, ctx: context, f: function, ...: any", "id: integer | nil, message: string", "", "raises when f is not a function", MaySwitch::kNo, kNone, true, false, "1.0",
     "Gives a pool the job `f(...)`."},
    {"goroutine", "pool_wait", WaitForPool, "name: string, " SLOTH_TIMEOUT, "true | false, message: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until all jobs that were submitted have ended; the pool stays open."},
    {"goroutine", "pool_close", ClosePool, "name: string", "boolean", "", "", kWaits, kNone, false, false, "1.0",
     "Finishes what was submitted and closes the pool."},
    {"goroutine", "pool_stats", Stats, "name: string", "{name: string, workers: integer, active: integer, queued: integer, completed: integer, failed: integer} | nil, message: string", "", "", MaySwitch::kNo, kNone, false, false, "1.0",
     "What a pool has done and has yet to do; also after it was closed."},
};
SLOTH_REGISTRY_COUNT(Pool);

}  // namespace sloth

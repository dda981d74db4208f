// Pools of goroutines: the results of single jobs, statistics, size.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/lib_pool.h"
#include "lua/outcome.h"
#include "lua/pool_options.h"
#include "lua/registry_tables.h"
#include "sync/join.h"

namespace sloth {
namespace {

// -- one job --

// Stack: [1] name, [2] id, [3] timeout or context, [4] handle of the job's goroutine.
int JobResult(lua_State* L, LuaGoroutine* goroutine, Progress progress) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  if (progress == Progress::kTimedOut) {
    lua_pushboolean(L, 0);
    PushTimeoutText(L, "timeout exceeded");
    lua_pushliteral(L, "timeout");
    return 3;
  }
  // The pool may have been replaced meanwhile; then it has told of its failures.
  if (Pool* pool = PoolAt(L, goroutine)) pool->AskFor(static_cast<uint64_t>(lua_tointeger(L, 2)));
  goroutine->scratch().holding = nullptr;
  return PushOutcome(L, CheckHandleAs<Goroutine>(L, 4, HandleKind::kGoroutine));
}

Progress FinishJobWait(LuaGoroutine* goroutine) noexcept {
  Progress progress = FinishJoin(goroutine);
  goroutine->TakeWaitObject<Goroutine>();
  return progress;
}

int JobResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return JobResult(L, goroutine, FinishJobWait(goroutine));
}

enum class FoundJob : uint8_t { kNone, kAlive, kEnded };

// Lower room: looks for the job; a living one in the `child` slot, an ended one's outcome in `holding`.
FoundJob FindJob(LuaGoroutine* goroutine, Pool* pool, uint64_t id) noexcept {
  Pool::Found found = pool->Find(id);
  if (found.alive) {
    goroutine->scratch().child = std::move(found.alive);
    return FoundJob::kAlive;
  }
  if (!found.ended) return FoundJob::kNone;
  pool->AskFor(id);
  goroutine->scratch().holding = std::move(found.ended);
  return FoundJob::kEnded;
}

int JobNotFound(lua_State* L, LuaGoroutine* goroutine, Pool* pool, lua_Integer id) {
  bool forgets = pool->forgets();
  int64_t kept = pool->options().kept_results;
  goroutine->scratch().holding = nullptr;
  lua_pushnil(L);
  if (forgets) {
    lua_pushfstring(L, "job not found: %I (the pool keeps the results of the last %I jobs)", static_cast<LUAI_UACINT>(id), static_cast<LUAI_UACINT>(kept));
  } else {
    lua_pushfstring(L, "job not found: %I", static_cast<LUAI_UACINT>(id));
  }
  return 2;
}

int Result(lua_State* L) {
  luaL_checkstring(L, 1);
  lua_Integer id = luaL_checkinteger(L, 2);
  WaitLimit timeout = CheckTimeout(L, 3, kMillisecond);
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return PoolNotFound(L);
  }
  lua_settop(L, 3);
  switch (FindJob(goroutine, pool, static_cast<uint64_t>(id))) {
    case FoundJob::kNone: return JobNotFound(L, goroutine, pool, id);
    case FoundJob::kEnded: {
      int count = PushOutcome(L, static_cast<KeptOutcome*>(goroutine->scratch().holding.get())->outcome);
      goroutine->scratch().holding = nullptr;
      return count;
    }
    case FoundJob::kAlive: break;
  }
  PushHandle(L, goroutine->scratch().child.get(), HandleView::kFull);
  goroutine->scratch().child = nullptr;
  auto* job = CheckHandleAs<Goroutine>(L, 4, HandleKind::kGoroutine);
  if (job == goroutine) return luaL_argerror(L, 2, "a job cannot wait for its own result");
  WaitPlan plan = PlanWait(L);
  Progress progress = Join(goroutine, job, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, JobResumed);
  DropPlan(plan);
  return JobResult(L, goroutine, progress);
}

// -- stats and size --

void SetCount(lua_State* L, const char* name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

PoolStatistics ReadStatistics(Pool* pool) noexcept {
  pool->AskForAll();
  return pool->Statistics();
}

int Stats(lua_State* L) {
  static const char* const kStates[] = {"closed", "open", "half-open"};
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return PoolNotFound(L);
  }
  PoolStatistics statistics = ReadStatistics(pool);
  goroutine->scratch().holding = nullptr;
  lua_createtable(L, 0, 10);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "name");
  SetCount(L, "workers", statistics.workers);
  SetCount(L, "active", statistics.active);
  SetCount(L, "queued", statistics.queued);
  SetCount(L, "waiting", statistics.waiting);
  SetCount(L, "completed", statistics.completed);
  SetCount(L, "failed", statistics.failed);
  lua_pushboolean(L, statistics.closed);
  lua_setfield(L, -2, "closed");
  if (statistics.circuit) {
    lua_pushstring(L, kStates[static_cast<int>(*statistics.circuit)]);
    lua_setfield(L, -2, "circuit");
  }
  return 1;
}

void ResizePool(Pool* pool, int64_t least, int64_t most) noexcept { pool->Resize(least, most); }

int Resize(lua_State* L) {
  luaL_checkstring(L, 1);
  luaL_checkany(L, 2);
  int64_t least = 0, most = 0;
  CheckWorkers(L, 2, "pool_resize", &least, &most);
  LuaGoroutine* goroutine = CheckPoolCaller(L);
  Pool* pool = PoolAt(L, goroutine);
  if (!pool) {
    lua_pushnil(L);
    return PoolNotFound(L);
  }
  ResizePool(pool, least, most);
  goroutine->scratch().holding = nullptr;
  lua_pushboolean(L, 1);
  return 1;
}

constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kPoolJobsFunctions[] = {
    {"goroutine", "pool_result", Meets<Result>, "name: string, id: integer, " SLOTH_TIMEOUT, "true, ...: any | false, error: any, kind: string | nil, message: string", "ms", "raises for a job that asks for itself", kWaits, kNone, false, false, "1.0",
     "Waits for one job to end and returns its results or its error, as `goroutine.await` does."},
    {"goroutine", "pool_resize", Meets<Resize>, "name: string, workers: integer | integer[] | {min: integer, max: integer}", "true | nil, message: string", "", "raises for workers < 1", MaySwitch::kNo, kNone, false, false, "1.0",
     "Changes how many jobs of a pool run at once; jobs that run go on."},
    {"goroutine", "pool_stats", Meets<Stats>, "name: string",
     "{name: string, workers: integer, active: integer, queued: integer, waiting: integer, completed: integer, failed: integer, closed: boolean, circuit?: string} | nil, message: string",
     "", "", MaySwitch::kNo, kNone, false, false, "1.0",
     "What a pool has done and has yet to do; also after it was closed."},
};
SLOTH_REGISTRY_COUNT(PoolJobs);

}  // namespace sloth

// Waiting for goroutines: await and its forms, and timeout.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/lib_goroutine.h"
#include "lua/outcome.h"
#include "lua/registry_tables.h"
#include "sched/scheduler.h"
#include "sync/join.h"
#include "sync/pool.h"

namespace sloth {
namespace {

Goroutine* TargetAt(lua_State* L, int index) { return CheckHandleAs<Goroutine>(L, index, HandleKind::kGoroutine); }

Progress Finish(LuaGoroutine* goroutine) noexcept {
  Progress progress = FinishJoin(goroutine);
  goroutine->TakeWaitObject<Goroutine>();
  return progress;
}

int TimeoutExceeded(lua_State* L) {
  lua_pushboolean(L, 0);
  PushTimeoutText(L, "timeout exceeded");
  lua_pushliteral(L, "timeout");
  return 3;
}

int AwaitResult(lua_State* L, Progress progress) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  if (progress == Progress::kTimedOut) return TimeoutExceeded(L);
  return PushOutcome(L, TargetAt(L, 1));
}

int AwaitResumed(lua_State* L, int, lua_KContext) { return AwaitResult(L, Finish(CurrentGoroutine(L))); }

int Await(lua_State* L) {
  Goroutine* target = TargetAt(L, 1);
  WaitLimit timeout = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  if (target == plan.goroutine) {
    DropPlan(plan);
    return luaL_argerror(L, 1, "a goroutine cannot await itself");
  }
  Progress progress = Join(plan.goroutine, target, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, AwaitResumed);
  DropPlan(plan);
  return AwaitResult(L, progress);
}

// The same as a method, under a name of its own in tracebacks.
int AwaitMethod(lua_State* L) { return Await(L); }

// -- await_all --

// Stack: [1] list, [2] context or something else, [3] absolute deadline, [4] results. `next` is the index to look at.
int AwaitRest(lua_State* L, lua_Integer next);

void PushEntry(lua_State* L, Goroutine* target, Progress progress) {
  lua_createtable(L, 0, 3);
  if (progress == Progress::kTimedOut) {
    target->Unask();
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "success");
    PushTimeoutText(L, "timeout exceeded");
    lua_setfield(L, -2, "error");
    return;
  }
  bool success = target->outcome().kind == OutcomeKind::kDone;
  lua_pushboolean(L, success);
  lua_setfield(L, -2, "success");
  if (!success) {
    PushOutcomeError(L, target);
    lua_setfield(L, -2, "error");
    return;
  }
  int entry = lua_gettop(L);
  int count = UnpackResults(L, target->outcome().results);
  lua_createtable(L, count, 0);
  lua_insert(L, entry + 1);
  for (int i = count; i >= 1; i--) lua_rawseti(L, entry + 1, i);
  lua_rawgeti(L, entry + 1, 1);
  lua_setfield(L, entry, "value");
  lua_setfield(L, entry, "values");
}

int AwaitAllResumed(lua_State* L, int, lua_KContext index) {
  Progress progress = Finish(CurrentGoroutine(L));
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  lua_settop(L, 4);
  lua_rawgeti(L, 1, index);
  PushEntry(L, TargetAt(L, 5), progress);
  lua_rawseti(L, 4, index);
  return AwaitRest(L, index + 1);
}

int AwaitRest(lua_State* L, lua_Integer next) {
  auto count = static_cast<lua_Integer>(lua_rawlen(L, 1));
  auto deadline = static_cast<int64_t>(lua_tointeger(L, 3));
  for (lua_Integer i = next; i <= count; i++) {
    lua_settop(L, 4);
    lua_rawgeti(L, 1, i);
    WaitPlan plan = PlanWait(L);
    WaitLimit limit(kForever, ContextAt(L, 2));
    if (deadline != kForever) {
      limit.timeout_ns = deadline - plan.goroutine->world()->scheduler->clock()->Now();
      if (limit.timeout_ns < 0) limit.timeout_ns = 0;
    }
    Progress progress = Join(plan.goroutine, TargetAt(L, 5), limit);
    if (progress == Progress::kWaiting) return Park(L, plan, AwaitAllResumed, static_cast<lua_KContext>(i));
    DropPlan(plan);
    PushEntry(L, TargetAt(L, 5), progress);
    lua_rawseti(L, 4, i);
  }
  lua_settop(L, 4);
  return 1;
}

int AwaitList(lua_State* L, int64_t unit) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t timeout = CheckTimeout(L, 2, unit).timeout_ns;
  auto count = static_cast<lua_Integer>(lua_rawlen(L, 1));
  LuaGoroutine* self = CurrentGoroutine(L);
  // The list is copied: changing it while it is awaited changes nothing.
  lua_settop(L, 2);
  lua_createtable(L, count < 100000 ? static_cast<int>(count) : 0, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    Handle* handle = HandleInUserdata(L, -1, nullptr);
    if (!handle || handle->handle_kind() != HandleKind::kGoroutine) {
      return luaL_error(L, "list index %I: a goroutine handle was expected, got %s", static_cast<LUAI_UACINT>(i), luaL_typename(L, -1));
    }
    if (handle == self) return luaL_error(L, "list index %I: a goroutine cannot await itself", static_cast<LUAI_UACINT>(i));
    static_cast<Goroutine*>(handle)->Ask();  // all from now on, though they are joined one after the other
    lua_rawseti(L, 3, i);
  }
  lua_replace(L, 1);
  Clock* clock = IslandOf(L)->world()->scheduler->clock();
  lua_pushinteger(L, timeout == kForever ? kForever : DeadlineAfter(clock->Now(), timeout));
  lua_createtable(L, count < 100000 ? static_cast<int>(count) : 0, 0);
  return AwaitRest(L, 1);
}

int AwaitAll(lua_State* L) { return AwaitList(L, kMillisecond); }
int WaitAll(lua_State* L) { return AwaitList(L, kSecond); }

// -- timeout --

// Stack: [1] the context or something else, [2] the child. First it is waited for until its time or its context is over, then
// for as long as its cleanup may take.
enum class TimeoutPhase : lua_KContext { kRuns, kUnwinds };

bool EndedByContext(const Outcome& outcome, const Context* context) {
  bool cancelled = outcome.kind == OutcomeKind::kCancelled && outcome.failure->kind == FailureKind::kCancelled;
  return cancelled && context && context->ended();
}

int TimeoutResumed(lua_State* L, int, lua_KContext phase);

int64_t TimeToUnwind(LuaGoroutine* goroutine) { return goroutine->world()->scheduler->options().grace_ns + kSecond / 2; }

int TimeoutResult(lua_State* L, Progress progress, TimeoutPhase phase) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  Goroutine* child = TargetAt(L, 2);
  Context* context = ContextAt(L, 1);
  if (progress == Progress::kTimedOut && phase == TimeoutPhase::kRuns && CurrentGoroutine(L)->ended_by()) {
    WaitPlan plan = PlanWait(L);
    progress = Join(plan.goroutine, child, TimeToUnwind(plan.goroutine));
    if (progress == Progress::kWaiting) return Park(L, plan, TimeoutResumed, static_cast<lua_KContext>(TimeoutPhase::kUnwinds));
    DropPlan(plan);
  }
  // Not even its cleanup ended in time: it is stuck in C, or its handlers used up the grace.
  bool stuck = progress == Progress::kTimedOut;
  if (!stuck && !EndedByContext(child->outcome(), context)) return PushOutcomePlain(L, child);
  lua_pushboolean(L, 0);
  lua_pushstring(L, context && context->ended() ? context->error() : "timeout exceeded");
  return 2;
}

int TimeoutResumed(lua_State* L, int, lua_KContext phase) {
  return TimeoutResult(L, Finish(CurrentGoroutine(L)), static_cast<TimeoutPhase>(phase));
}

void StartWithDeadline(LuaGoroutine* parent, int64_t duration) noexcept {
  parent->scratch().child->StartDeadline(duration);
  StartChild(parent);
}

int Timeout(lua_State* L) {
  luaL_checkany(L, 1);
  WaitLimit limit = CheckTimeout(L, 1, kMillisecond);
  int function = 2;
  Context* context = CheckFunctionBehindContext(L, &function);
  if (context && limit.ender) return luaL_argerror(L, 2, "a context stands before it already: give one");
  if (context) lua_remove(L, 1);
  if (!context) context = ContextAt(L, 1);
  LuaGoroutine* self = CurrentGoroutine(L);
  if (self && self->engine) RaiseWouldBlock(L, "goroutine.timeout");
  LuaGoroutine* child = MakeChild(L, lua_gettop(L) - 2, {.uncaught = UncaughtRule::kReportAtEnd, .context = context});
  PushHandle(L, child, HandleView::kFull);
  WaitPlan plan = PlanWait(L);
  StartWithDeadline(self, limit.timeout_ns);
  int64_t longest = DeadlineAfter(limit.timeout_ns, TimeToUnwind(plan.goroutine));
  Progress progress = Join(plan.goroutine, child, {longest, context});
  if (progress == Progress::kWaiting) return Park(L, plan, TimeoutResumed, static_cast<lua_KContext>(TimeoutPhase::kRuns));
  DropPlan(plan);
  return TimeoutResult(L, progress, TimeoutPhase::kRuns);
}

// -- parallel --

// Lower room: a pool that nobody finds by name, in the goroutine's `holding` slot.
void MakeListPool(LuaGoroutine* self, int64_t limit) noexcept {
  PoolOptions options;
  options.least_workers = options.most_workers = limit;
  options.kept_results = 0;
  self->scratch().holding = MakeRef<Pool>(self->world()->scheduler, "goroutine.parallel", options);
}

// Lower room: gives the pool what MakeChild made and empties the slot.
bool SubmitChild(LuaGoroutine* self, Pool* pool) noexcept {
  Ref<Goroutine> child = std::move(self->scratch().child);
  BindToContext(child.get());
  return pool->Submit(self, child) == Progress::kDone;
}

// Starts every function of the list at `list`, at most `limit` at a time (0: all), and awaits them.
int StartList(lua_State* L, int list, lua_Integer limit, Context* context) {
  auto count = static_cast<lua_Integer>(lua_rawlen(L, list));
  LuaGoroutine* self = CurrentGoroutine(L);
  if (!self) return luaL_error(L, "no goroutine runs here");
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    if (!lua_isfunction(L, -1)) {
      return luaL_error(L, "list index %I: a function was expected, got %s", static_cast<LUAI_UACINT>(i), luaL_typename(L, -1));
    }
    lua_pop(L, 1);
  }
  lua_createtable(L, 0, 0);
  int handles = lua_gettop(L);
  if (limit > 0) {
    MakeListPool(self, limit);
    PushHandle(L, static_cast<Pool*>(self->scratch().holding.get()), HandleView::kFull);
    self->scratch().holding = nullptr;
  }
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    LuaGoroutine* child = MakeChild(L, 0, {.uncaught = UncaughtRule::kReportAtEnd, .context = context});
    PushHandle(L, child, HandleView::kFull);
    lua_rawseti(L, handles, i);
    if (limit == 0) {
      StartChild(self);
    } else if (!SubmitChild(self, CheckHandleAs<Pool>(L, handles + 1, HandleKind::kPool))) {
      return luaL_error(L, "not enough memory");
    }
  }
  lua_settop(L, handles);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return AwaitList(L, kMillisecond);
}

int Parallel(lua_State* L) {
  Context* context = ContextAt(L, 1);
  int first = context ? 2 : 1;
  if (lua_isfunction(L, first)) {
    SpawnAndPushHandle(L, first, {.place = SpawnPlace::kMustBeParallel, .context = context});
    return 1;
  }
  if (!lua_istable(L, first)) return luaL_typeerror(L, first, "function, list or {tasks =, max_concurrent =}");
  lua_settop(L, first);
  int tasks = first + 1;
  lua_getfield(L, first, "tasks");
  if (lua_isnil(L, tasks)) return StartList(L, first, 0, context);
  if (!lua_istable(L, tasks)) return luaL_error(L, "tasks: a list of functions was expected, got %s", luaL_typename(L, tasks));
  lua_Integer limit = 0;
  if (lua_getfield(L, first, "max_concurrent") != LUA_TNIL) {
    int exact = 0;
    limit = lua_tointegerx(L, -1, &exact);
    if (!exact || limit < 1) return luaL_error(L, "max_concurrent: an integer of at least 1 was expected");
  }
  lua_pop(L, 1);
  return StartList(L, tasks, limit, context);
}

constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kAwaitFunctions[] = {
    {"goroutine", "await", Meets<Await>, "h: goroutine, " SLOTH_TIMEOUT, "true, ...: any | false, error: any, kind: string", "ms", "raises when h is no goroutine handle", kWaits, kNone, false, false, "1.0",
     "Waits until a goroutine has ended and returns copies of its results."},
    {"goroutine.method", "await", Meets<AwaitMethod>, SLOTH_TIMEOUT, "true, ...: any | false, error: any, kind: string", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until the goroutine has ended and returns copies of its results."},
    {"goroutine", "await_all", Meets<AwaitAll>, "list: goroutine[], " SLOTH_TIMEOUT, "outcomes: {success: boolean, value?: any, values?: table, error?: any}[]", "ms", "raises for a non-handle with its index", kWaits, kNone, false, false, "1.0",
     "Waits for all goroutines of a list and returns their outcomes in the same order."},
    {"goroutine", "wait_all", Meets<WaitAll>, "list: goroutine[], " SLOTH_TIMEOUT, "outcomes: {success: boolean, value?: any, values?: table, error?: any}[]", "s", "raises for a non-handle with its index", kWaits, kNone, false, false, "1.0",
     "As `goroutine.await_all`, with the timeout in seconds."},
    {"go", "wait_all", Meets<WaitAll>, "list: goroutine[], " SLOTH_TIMEOUT, "outcomes: {success: boolean, value?: any, values?: table, error?: any}[]", "s", "raises for a non-handle with its index", kWaits, kNone, false, false, "1.0",
     "As `goroutine.await_all`, with the timeout in seconds."},
    {"goroutine", "timeout", Meets<Timeout>, SLOTH_DURATION ", f: function, ...: any || duration: number, ctx: context, f: function, ...: any", "true, ...: any | false, message: any", "ms", "raises when f is not a function", kWaits, kNone, true, false, "1.0",
     "Runs `f(...)` as a goroutine and stops it when the time is over."},
    {"goroutine", "parallel", Meets<Parallel>, "f: function, ...: any || ctx: context, f: function, ...: any || list: function[] || options: {tasks: function[], max_concurrent?: integer}", "handle: goroutine | outcomes: {success: boolean, value?: any, values?: table, error?: any}[]", "", "raises with the reason when f cannot be parallel", kWaits, kNone, true, false, "1.0",
     "Starts `f(...)` on an island of its own, or raises with the reason why it cannot; with a list of functions, runs them and returns as `goroutine.await_all`."},
};
SLOTH_REGISTRY_COUNT(Await);

}  // namespace sloth

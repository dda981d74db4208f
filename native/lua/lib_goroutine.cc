// Starting goroutines, and what they know of themselves.
#include <cmath>

#include "lua/blocking.h"
#include "lua/body.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/lib_goroutine.h"
#include "lua/registry_tables.h"
#include "lua/slices.h"
#include "lua/spawn.h"
#include "sched/scheduler.h"

namespace sloth {

namespace {

void MakeAndStart(lua_State* L, int function, SpawnRequest request, bool pushes_handle) {
  if (!request.context) request.context = CheckFunctionBehindContext(L, &function);
  LuaGoroutine* child = MakeChild(L, lua_gettop(L) - function, request);
  if (pushes_handle) PushHandle(L, child, HandleView::kFull);
  StartChild(CurrentGoroutine(L));
}

// The body of those that return a handle. Of a statement nobody will ever see it.
int SpawnAndReturn(lua_State* L, SpawnRequest request) {
  bool wanted = AreResultsWanted(L);
  MakeAndStart(L, 1, request, wanted);
  return wanted ? 1 : 0;
}

}  // namespace

void SpawnAndPushHandle(lua_State* L, int function, SpawnRequest request) { MakeAndStart(L, function, request, true); }

namespace {

lua_Integer CheckCount(lua_State* L, int argument, lua_Integer least, const char* what) {
  lua_Integer count = luaL_checkinteger(L, argument);
  if (count < least) {
    lua_pushfstring(L, "%s must be at least %d", what, static_cast<int>(least));
    luaL_argerror(L, argument, lua_tostring(L, -1));
  }
  return count;
}

int Spawn(lua_State* L) { return SpawnAndReturn(L, {}); }
int Async(lua_State* L) { return SpawnAndReturn(L, {.uncaught = UncaughtRule::kReportAtEnd}); }
int Shared(lua_State* L) { return SpawnAndReturn(L, {.place = SpawnPlace::kHome}); }

int SpawnMany(lua_State* L) {
  lua_Integer count = CheckCount(L, 1, 0, "the number of goroutines");
  int first = 2;
  Context* context = CheckFunctionBehindContext(L, &first);
  int top = lua_gettop(L);
  lua_createtable(L, count < 1000 ? static_cast<int>(count) : 1000, 0);
  int list = top + 1;
  for (lua_Integer id = 1; id <= count; id++) {
    luaL_checkstack(L, top + 8, "too many arguments");
    int function = lua_gettop(L) + 1;
    lua_pushvalue(L, first);
    lua_pushinteger(L, id);
    for (int i = first + 1; i <= top; i++) lua_pushvalue(L, i);
    SpawnAndPushHandle(L, function, {.context = context});
    lua_rawseti(L, list, id);
  }
  lua_settop(L, list);
  return 1;
}

int Explain(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  PushExplanation(L, 1);
  return 1;
}

int SleepMilliseconds(lua_State* L) { return SleepInUnits(L, kMillisecond); }

int Yielded(lua_State*, int, lua_KContext) { return 0; }
int Yield(lua_State* L) { return YieldToScheduler(L, Yielded); }

LuaGoroutine* CheckCurrent(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "no goroutine runs here");
  return goroutine;
}

int Id(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckCurrent(L)->id()));
  return 1;
}

int Count(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckCurrent(L)->run()->live()));
  return 1;
}

int Now(lua_State* L) {
  CountSlice(CurrentGoroutine(L), L);
  Clock* clock = IslandOf(L)->world()->scheduler->clock();
  lua_pushnumber(L, static_cast<lua_Number>(clock->Now()) / static_cast<lua_Number>(kMillisecond));
  return 1;
}

void SetCount(lua_State* L, const char* name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

int Stats(lua_State* L) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  Scheduler* scheduler = goroutine->world()->scheduler;
  const SchedulerCounters& counters = scheduler->counters();
  Run::StateCounts states = goroutine->run()->CountStates();
  lua_createtable(L, 0, 16);
  SetCount(L, "live", states.live);
  SetCount(L, "ready", states.ready);
  SetCount(L, "running", states.running);
  SetCount(L, "daemons", states.daemons);
  SetCount(L, "islands", counters.heaps);
  SetCount(L, "workers", scheduler->workers());
  SetCount(L, "spawned", counters.spawned);
  SetCount(L, "parallel", counters.parallel);
  SetCount(L, "shared", counters.shared);
  SetCount(L, "preemptions", counters.preemptions);
  SetCount(L, "steals", counters.steals);
  const SnapshotStore& snapshots = goroutine->world()->snapshots;
  SetCount(L, "cloned", snapshots.cloned);
  SetCount(L, "built", snapshots.built);
  SetCount(L, "refused_snapshots", snapshots.refused());
  lua_createtable(L, 0, 4);
  for (int i = 0; i < states.kinds; i++) SetCount(L, states.waiting_for[i], states.waiting[i]);
  lua_setfield(L, -2, "waiting");
  return 1;
}

int DeferFunction(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  if (MustRaise(CheckCurrent(L))) RaiseCancelled(L);
  Defer(L, 1);
  return 0;
}

// -- methods of a handle --

Goroutine* CheckTarget(lua_State* L) { return CheckHandleAs<Goroutine>(L, 1, HandleKind::kGoroutine); }

void CancelTarget(Goroutine* target, const char* reason) noexcept { target->Cancel(CancelKind::kCancelled, reason); }

int Cancel(lua_State* L) {
  Goroutine* target = CheckTarget(L);
  CancelTarget(target, luaL_optstring(L, 2, "cancelled by the program"));
  return 0;
}

int Status(lua_State* L) {
  Goroutine* target = CheckTarget(L);
  const char* text = "waiting";
  if (target->settled()) {
    switch (target->outcome().kind) {
      case OutcomeKind::kDone: text = "done"; break;
      case OutcomeKind::kFailed: text = "failed"; break;
      default: text = "cancelled"; break;
    }
    target->Ask();
  } else {
    switch (target->state()) {
      case GoState::kNew:
      case GoState::kReady: text = "ready"; break;
      case GoState::kRunning:
      case GoState::kWoken: text = "running"; break;
      default: break;
    }
  }
  lua_pushstring(L, text);
  return 1;
}

int TargetId(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckTarget(L)->id()));
  return 1;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kSpawnErrors[] = "raises when f is not a function, or without memory";

}  // namespace

extern const FunctionEntry kGoroutineFunctions[] = {
    {"goroutine", "spawn", Meets<Spawn>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "Starts `f(...)` as a goroutine; an error in it is printed when it happens."},
    {"go", "spawn", Meets<Spawn>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "Starts `f(...)` as a goroutine; an error in it is printed when it happens. `go(f, ...)` is the same."},
    {"goroutine", "spawn_many", Meets<SpawnMany>, "n: integer, f: function, ...: any || n: integer, ctx: context, f: function, ...: any", "goroutine[]", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "Starts `f(id, ...)` for each id from 1 to `n`."},
    {"goroutine", "async", Meets<Async>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "Starts `f(...)` as a goroutine whose result somebody will await."},
    {"goroutine", "create", Meets<Async>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "As `goroutine.async`."},
    {"go", "create", Meets<Async>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "As `goroutine.async`."},
    {"goroutine", "shared", Meets<Shared>, "f: function, ...: any || ctx: context, f: function, ...: any", "goroutine", "", kSpawnErrors, kNo, kNone, true, false, "1.0",
     "Starts `f(...)` as a goroutine on its parent's island."},
    {"goroutine", "explain", Explain, "f: function", "{parallel: boolean, reasons: {kind: string, name?: string, file?: string, line?: integer, message: string}[]}", "", "raises when f is not a function", kNo, kNone, false, false, "1.0",
     "Tells whether `f` would get an island of its own, and if not, why; the answer prints as text."},
    {"goroutine", "sleep", Meets<SleepMilliseconds>, SLOTH_DURATION, "nil | true | false, message: string", "ms", "raises for negative or NaN", MaySwitch::kYes, kNone, false, false, "1.0",
     "Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before."},
    {"goroutine", "yield", Meets<Yield>, "", "", "", "", MaySwitch::kYes, kNone, false, false, "1.0",
     "Lets other goroutines go first."},
    {"goroutine", "id", Id, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "The number of the running goroutine."},
    {"goroutine", "count", Meets<Count>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many goroutines keep this run alive; the library's own daemons do not."},
    {"goroutine", "now", Now, "", "number", "ms", "", kNo, kNone, false, false, "1.0",
     "The time of a clock that never goes back."},
    {"goroutine", "stats", Meets<Stats>, "", "table", "", "", kNo, kNone, false, false, "1.0",
     "Counts of the runtime: `live ready running daemons waiting islands workers spawned parallel shared preemptions steals cloned built refused_snapshots`."},
    {"_G", "defer", DeferFunction, "f: function", "", "", "raises when f is not a function", kNo, kNone, true, false, "1.0",
     "Calls `f` when the current goroutine ends, however it ends; the last one first."},
    {"goroutine.method", "cancel", Meets<Cancel>, "reason?: string", "", "", "", kNo, kNone, false, false, "1.0",
     "Asks the goroutine to stop: what it waits for raises in it, its handlers run."},
    {"goroutine.method", "status", Meets<Status>, "", "'ready' | 'running' | 'waiting' | 'done' | 'failed' | 'cancelled'", "", "", kNo, kNone, false, false, "1.0",
     "How far the goroutine is."},
    {"goroutine.method", "id", TargetId, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "The goroutine's number."},
};
SLOTH_REGISTRY_COUNT(Goroutine);

}  // namespace sloth

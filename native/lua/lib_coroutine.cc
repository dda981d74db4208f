// The coroutine library, with upstream's semantics, on goroutines: a yield that belongs to the scheduler passes through every
// level as a yield of theirs, and a cancellation ends them all.
#include "lua/cancellation.h"
#include "lua/internals.h"
#include "lua/registry_tables.h"
#include "lua/slices.h"

namespace sloth {
namespace {

lua_State* CheckCoroutine(lua_State* L) {
  lua_State* co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return co;
}

bool IsBody(lua_State* L) {
  LuaGoroutine* inside = ExtraOf(L)->inside;
  return inside && inside->state == L;
}

const char* StatusOf(lua_State* L, lua_State* co) {
  if (L == co) return "running";
  if (ExtraOf(co)->inside) return "normal";  // a goroutine runs or waits inside it
  switch (lua_status(co)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK: {
      lua_Debug activation;
      if (lua_getstack(co, 0, &activation)) return "normal";
      return lua_gettop(co) == 0 ? "dead" : "suspended";
    }
    default: return "dead";
  }
}

// -- resume --

enum class Step : uint8_t { kValues, kError, kSchedulerYield };

// What a level of coroutines changes while it runs, so that it can be put back. Owns nothing.
struct Level {
  LuaGoroutine* goroutine;
  bool unyieldable;
};

Level Enter(lua_State* L, lua_State* co) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  Level level{goroutine, !lua_isyieldable(L)};
  ExtraOf(co)->inside = goroutine;
  co->allowhook = 1;
  if (!goroutine) return level;
  MoveSlice(goroutine, L, co);
  goroutine->innermost.store(co, std::memory_order_relaxed);
  if (level.unyieldable) goroutine->unyieldable++;
  return level;
}

void Leave(lua_State* L, lua_State* co, const Level& level) {
  if (!level.goroutine) return;
  MoveSlice(level.goroutine, co, L);
  level.goroutine->innermost.store(L, std::memory_order_relaxed);
  if (level.unyieldable) level.goroutine->unyieldable--;
}

// Resumes `co` with `count` arguments already on it. On kValues the values are on L; on kError the error is on L.
Step Resume(lua_State* L, lua_State* co, int count, int* values) {
  Level level = Enter(L, co);
  int status = lua_resume(co, L, count, values);
  Leave(L, co, level);
  if (status == LUA_YIELD && level.goroutine && level.goroutine->yield != SchedulerYield::kNone) return Step::kSchedulerYield;
  ExtraOf(co)->inside = nullptr;
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return Step::kError;
  }
  if (!lua_checkstack(L, *values + 1)) {
    lua_pop(co, *values);
    lua_pushliteral(L, "too many results to resume");
    return Step::kError;
  }
  lua_xmove(co, L, *values);
  return Step::kValues;
}

// Closes a coroutine; its to-be-closed variables run here, where it cannot yield.
int Close(lua_State* L, lua_State* co) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  ExtraOf(co)->inside = goroutine;
  co->allowhook = 1;
  MoveSlice(goroutine, L, co);
  if (goroutine) {
    goroutine->innermost.store(co, std::memory_order_relaxed);
    goroutine->unyieldable++;
  }
  int status = lua_closethread(co, L);
  MoveSlice(goroutine, co, L);
  if (goroutine) {
    goroutine->innermost.store(L, std::memory_order_relaxed);
    goroutine->unyieldable--;
  }
  ExtraOf(co)->inside = nullptr;
  return status;
}

// False with a message on L when `co` cannot be resumed.
bool CanResume(lua_State* L, lua_State* co, int count) {
  const char* problem = nullptr;
  if (!lua_checkstack(co, count)) {
    problem = "too many arguments to resume";
  } else if (co == L || ExtraOf(co)->inside) {
    problem = "cannot resume non-suspended coroutine";
  } else if (lua_status(co) == LUA_OK && lua_gettop(co) == 0) {
    problem = "cannot resume dead coroutine";
  }
  if (problem) lua_pushstring(L, problem);
  return !problem;
}

int ResumeContinued(lua_State* L, int status, lua_KContext entry);

// After one step of coroutine.resume; [1] is the coroutine.
int ResumeStep(lua_State* L, lua_State* co, Step step, int values, lua_KContext entry) {
  if (step == Step::kSchedulerYield) return lua_yieldk(L, 0, entry, ResumeContinued);
  if (step == Step::kError) {
    LuaGoroutine* goroutine = CurrentGoroutine(L);
    // The cancellation ends the coroutine, too: its to-be-closed variables are closed before it travels on.
    if (goroutine && goroutine->cancelled() && lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD) Close(L, co);
  }
  RethrowIfCancelled(L, entry, step == Step::kError);
  lua_pushboolean(L, step == Step::kValues);
  int count = step == Step::kValues ? values : 1;
  lua_insert(L, -(count + 1));
  return count + 1;
}

int ResumeContinued(lua_State* L, int, lua_KContext entry) {
  lua_State* co = lua_tothread(L, 1);
  int values = 0;
  Step step = Resume(L, co, 0, &values);
  return ResumeStep(L, co, step, values, entry);
}

int CoResume(lua_State* L) {
  lua_State* co = CheckCoroutine(L);
  int count = lua_gettop(L) - 1;
  if (!CanResume(L, co, count)) {
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  lua_KContext entry = ProtectedEntry(CurrentGoroutine(L));
  lua_xmove(L, co, count);
  int values = 0;
  Step step = Resume(L, co, count, &values);
  return ResumeStep(L, co, step, values, entry);
}

// -- wrap --

int WrapContinued(lua_State* L, int status, lua_KContext entry);

int WrapStep(lua_State* L, lua_State* co, Step step, int values, lua_KContext entry) {
  if (step == Step::kSchedulerYield) return lua_yieldk(L, 0, entry, WrapContinued);
  if (step == Step::kValues) {
    RethrowIfCancelled(L, entry, false);
    return values;
  }
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {  // an error in the coroutine: close it
    status = Close(L, co);
    lua_xmove(co, L, 1);
    lua_remove(L, -2);
  }
  RethrowIfCancelled(L, entry, true);
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

int WrapContinued(lua_State* L, int, lua_KContext entry) {
  lua_State* co = lua_tothread(L, lua_upvalueindex(1));
  int values = 0;
  Step step = Resume(L, co, 0, &values);
  return WrapStep(L, co, step, values, entry);
}

int CallWrapped(lua_State* L) {
  lua_State* co = lua_tothread(L, lua_upvalueindex(1));
  int count = lua_gettop(L);
  lua_KContext entry = ProtectedEntry(CurrentGoroutine(L));
  if (!CanResume(L, co, count)) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
  }
  lua_xmove(L, co, count);
  int values = 0;
  Step step = Resume(L, co, count, &values);
  return WrapStep(L, co, step, values, entry);
}

int CoCreate(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State* co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

int CoWrap(lua_State* L) {
  CoCreate(L);
  lua_pushcclosure(L, CallWrapped, 1);
  return 1;
}

int CoYield(lua_State* L) {
  if (IsBody(L)) return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

int CoStatus(lua_State* L) {
  lua_State* co = CheckCoroutine(L);
  lua_pushstring(L, StatusOf(L, co));
  return 1;
}

int CoIsYieldable(lua_State* L) {
  lua_State* co = lua_isnone(L, 1) ? L : CheckCoroutine(L);
  lua_pushboolean(L, !IsBody(co) && lua_isyieldable(co));
  return 1;
}

int CoRunning(lua_State* L) {
  bool main = lua_pushthread(L) != 0 || IsBody(L);
  if (IsBody(L)) ExtraOf(L)->inside->thread_seen = true;
  lua_pushboolean(L, main);
  return 2;
}

int CoClose(lua_State* L) {
  lua_State* co = CheckCoroutine(L);
  const char* status = StatusOf(L, co);
  if (*status == 'r' || *status == 'n') return luaL_error(L, "cannot close a %s coroutine", status);
  lua_KContext entry = ProtectedEntry(CurrentGoroutine(L));
  int closed = Close(L, co);
  if (closed == LUA_OK) {
    RethrowIfCancelled(L, entry, false);
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  RethrowIfCancelled(L, entry, true);
  return 2;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kCoroutineFunctions[] = {
    {"coroutine", "create", CoCreate, "f: function", "thread", "", "", kNo, kNone, true, false, ""},
    {"coroutine", "resume", CoResume, "co: thread, ...: any", "true, ...: any | false, error: any", "", "", kNo, kNone, true, false, ""},
    {"coroutine", "wrap", CoWrap, "f: function", "function", "", "", kNo, kNone, true, false, ""},
    {"coroutine", "yield", CoYield, "...: any", "...: any", "", "raises outside a coroutine", kNo, kNone, false, false, ""},
    {"coroutine", "status", CoStatus, "co: thread", "string", "", "", kNo, kNone, false, false, ""},
    {"coroutine", "isyieldable", CoIsYieldable, "co?: thread", "boolean", "", "", kNo, kNone, false, false, ""},
    {"coroutine", "running", CoRunning, "", "thread, main: boolean", "", "", kNo, kNone, false, false, ""},
    {"coroutine", "close", CoClose, "co: thread", "true | false, error: any", "", "raises for a running or normal coroutine", kNo, kNone, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Coroutine);

}  // namespace sloth

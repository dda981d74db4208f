#include "lua/require.h"

#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/heap.h"
#include "lua/host_modules.h"
#include "lua/lib_sync.h"
#include "lua/library.h"
#include "lua/load.h"
#include "lua/module_tables.h"

namespace sloth {
namespace {

// Stack of Require: [1] name, [2] loaded table, [3] the lock of that name, [4] searchers, [5] messages so far.
constexpr int kName = 1;
constexpr int kLoaded = 2;
constexpr int kLock = 3;
constexpr int kSearchers = 4;
constexpr int kMessages = 5;

// Registry: a lock for each module a search was made for. Loading may wait, and a module's top level runs once.
const char kLocksKey = 0;

int LoaderDone(lua_State* L, int status, lua_KContext context);
int SearcherDone(lua_State* L, int status, lua_KContext index);

int SearchFrom(lua_State* L, lua_Integer index) {
  for (;; index++) {
    lua_settop(L, kMessages);
    if (lua_rawgeti(L, kSearchers, index) == LUA_TNIL) {
      return luaL_error(L, "module '%s' not found:%s", lua_tostring(L, kName), lua_tostring(L, kMessages));
    }
    lua_pushvalue(L, kName);
    lua_callk(L, 1, 2, static_cast<lua_KContext>(index), SearcherDone);
    if (lua_isfunction(L, -2)) return SearcherDone(L, LUA_OK, static_cast<lua_KContext>(index));
    if (lua_isstring(L, -2)) {
      lua_pop(L, 1);
      lua_pushvalue(L, kMessages);
      lua_pushliteral(L, "\n\t");
      lua_rotate(L, -3, 2);
      lua_concat(L, 3);
      lua_replace(L, kMessages);
    }
  }
}

int SearcherDone(lua_State* L, int, lua_KContext index) {
  if (!lua_isfunction(L, -2)) {
    if (lua_isstring(L, -2)) {
      lua_pop(L, 1);
      lua_pushvalue(L, kMessages);
      lua_pushliteral(L, "\n\t");
      lua_rotate(L, -3, 2);
      lua_concat(L, 3);
      lua_replace(L, kMessages);
    }
    return SearchFrom(L, static_cast<lua_Integer>(index) + 1);
  }
  // [-2] loader, [-1] its data; kept below the call for the second result.
  lua_rotate(L, -2, 1);        // data, loader
  lua_pushvalue(L, kName);
  lua_pushvalue(L, -3);        // data, loader, name, data
  lua_callk(L, 2, 1, 0, LoaderDone);
  return LoaderDone(L, LUA_OK, 0);
}

int LoaderDone(lua_State* L, int, lua_KContext) {
  // [-2] data, [-1] what the loader returned
  const char* name = lua_tostring(L, kName);
  if (!lua_isnil(L, -1)) {
    lua_setfield(L, kLoaded, name);
  } else {
    lua_pop(L, 1);
  }
  if (lua_getfield(L, kLoaded, name) == LUA_TNIL) {
    lua_pushboolean(L, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, kLoaded, name);
    lua_replace(L, -2);
  }
  lua_rotate(L, -2, 1);
  return 2;
}

// [1] name. Finds its file by package.path.
int SearchPath(lua_State* L) {
  lua_settop(L, 1);
  PushLibrary(L, "package");
  if (lua_getfield(L, 2, "path") != LUA_TSTRING) return luaL_error(L, "'package.path' must be a string");
  lua_getfield(L, 2, "searchpath");
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 3);
  lua_call(L, 2, 2);
  if (lua_isnil(L, -2)) return 1;  // the message
  lua_pop(L, 1);
  const char* path = lua_tostring(L, -1);
  if (LoadFile(L, path)) {
    lua_pushvalue(L, -2);
    return 2;
  }
  return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", lua_tostring(L, 1), path, lua_tostring(L, -1));
}

// [1] name, [2] what the host's resolver gave: the source, or nil.
int Resolved(lua_State* L, int, lua_KContext) {
  if (lua_isnil(L, 2)) return SearchPath(L);
  size_t length;
  if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "the resolver of modules gave a %s for '%s', not source text", luaL_typename(L, 2), lua_tostring(L, 1));
  const char* source = lua_tolstring(L, 2, &length);
  lua_pushfstring(L, "@%s", lua_tostring(L, 1));
  if (LoadText(L, source, length, lua_tostring(L, -1), Dialect::kLua, CodeOrigin::kWhole)) {
    lua_pushliteral(L, ":resolver:");
    return 2;
  }
  return luaL_error(L, "error loading module '%s':\n\t%s", lua_tostring(L, 1), lua_tostring(L, -1));
}

// package.searchers[2]: modules of the host, its resolver, files.
int SearchModule(lua_State* L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (SearchHostModule(L) == 2) return 2;
  lua_settop(L, 1);
  Handle* resolver = IslandOf(L)->world()->module_resolver.get();
  if (!resolver) return SearchPath(L);
  PushHandle(L, resolver, HandleView::kFull);
  lua_pushvalue(L, 1);
  lua_callk(L, 1, 1, 0, Resolved);
  return Resolved(L, LUA_OK, 0);
}

// Leaves the lock of the module at [kLock].
void PushLock(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kLocksKey) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kLocksKey);
  }
  lua_pushvalue(L, kName);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    PushNew<Lock>(L);
    lua_pushvalue(L, kName);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

int Search(lua_State* L, Lock::Outcome outcome) {
  if (outcome == Lock::Outcome::kCancelled) RaiseCancelled(L);
  // A module that requires itself while it loads is loaded again, as in Lua.
  if (outcome != Lock::Outcome::kAlreadyHeld) lua_toclose(L, kLock);
  lua_getfield(L, kLoaded, lua_tostring(L, kName));
  if (lua_toboolean(L, -1)) return 1;  // loaded while we waited
  lua_settop(L, kLock);
  PushLibrary(L, "package");
  if (lua_getfield(L, -1, "searchers") != LUA_TTABLE) return luaL_error(L, "'package.searchers' must be a table");
  lua_remove(L, -2);
  lua_pushliteral(L, "");
  return SearchFrom(L, 1);
}

// Whether the program itself brings the module of the host that is called so, in package.preload: then its own counts, also
// where code that names the module had made the host's appear.
bool PreloadStandsIn(lua_State* L, const char* name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushstring(L, name);
  bool preloaded = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 2);
  if (!preloaded) return false;
  PushLibrary(L, name);
  lua_getfield(L, kLoaded, name);
  bool untouched = lua_isnil(L, -1) || lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  if (!untouched) return false;
  lua_pushnil(L);
  lua_setfield(L, kLoaded, name);
  return true;
}

int LockResumed(lua_State* L, int, lua_KContext) { return Search(L, FinishAcquire(CurrentGoroutine(L))); }

}  // namespace

int Require(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (IslandOf(L)->world()->sandbox.Lacks(name)) return luaL_error(L, "module '%s' is not available here", name);
  bool of_host = ModulesOf(L).Find(name) != nullptr;
  if (!of_host || !PreloadStandsIn(L, name)) {
    lua_getfield(L, kLoaded, name);
    if (lua_toboolean(L, -1)) return 1;
    // Our own modules appear on first use.
    if (of_host || IsLibraryName(name)) {
      EnsureLibrary(L, name);
      lua_getfield(L, kLoaded, name);
      if (lua_toboolean(L, -1)) return 1;
    }
  }
  lua_settop(L, kLoaded);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "modules cannot be loaded here: no goroutine runs");
  PushLock(L);
  WaitPlan plan = PlanWait(L);
  Lock::Outcome outcome = CheckHandleAs<Lock>(L, kLock, HandleKind::kMutex)->Acquire(goroutine, kForever);
  if (outcome == Lock::Outcome::kWaiting) return Park(L, plan, LockResumed);
  DropPlan(plan);
  return Search(L, outcome);
}

void InstallSearchers(lua_State* L) {
  if (lua_getfield(L, -1, "searchers") == LUA_TTABLE) {
    lua_pushcfunction(L, SearchModule);
    lua_rawseti(L, -2, 2);
  }
  lua_pop(L, 1);
}

}  // namespace sloth

#include "lua/require.h"

#include "lua/cancellation.h"
#include "lua/heap.h"
#include "lua/library.h"
#include "lua/load.h"

namespace sloth {
namespace {

// Stack of Require: [1] name, [2] loaded table, [3] searchers, [4] messages so far.
constexpr int kName = 1;
constexpr int kLoaded = 2;
constexpr int kSearchers = 3;
constexpr int kMessages = 4;

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

// package.searchers[2].
int SearchLuaFile(lua_State* L) {
  luaL_checkstring(L, 1);
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

}  // namespace

int Require(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, kLoaded, name);
  if (lua_toboolean(L, -1)) return 1;
  // Our own modules appear on first use.
  if (IsLibraryName(name)) {
    EnsureLibrary(L, name);
    lua_getfield(L, kLoaded, name);
    if (lua_toboolean(L, -1)) return 1;
  }
  lua_settop(L, kLoaded);
  PushLibrary(L, "package");
  if (lua_getfield(L, -1, "searchers") != LUA_TTABLE) return luaL_error(L, "'package.searchers' must be a table");
  lua_remove(L, -2);
  lua_pushliteral(L, "");
  return SearchFrom(L, 1);
}

void InstallSearchers(lua_State* L) {
  if (lua_getfield(L, -1, "searchers") == LUA_TTABLE) {
    lua_pushcfunction(L, SearchLuaFile);
    lua_rawseti(L, -2, 2);
  }
  lua_pop(L, 1);
}

}  // namespace sloth

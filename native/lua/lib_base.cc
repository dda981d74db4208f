// Base functions that are ours: print goes to the runtime's sink; pcall, xpcall, load, dofile and require can wait and never
// keep a cancellation.
#include <cstring>

#include "lua/cancellation.h"
#include "lua/load.h"
#include "lua/registry_tables.h"
#include "lua/require.h"

namespace sloth {
namespace {

int Print(lua_State* L) {
  int count = lua_gettop(L);
  // All texts first: a __tostring may wait or fail, and a line is written whole.
  for (int i = 1; i <= count; i++) {
    luaL_tolstring(L, i, nullptr);
    lua_replace(L, i);
  }
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addchar(&buffer, '\t');
    lua_pushvalue(L, i);
    luaL_addvalue(&buffer);
  }
  luaL_addchar(&buffer, '\n');
  luaL_pushresult(&buffer);
  size_t length;
  const char* text = lua_tolstring(L, -1, &length);
  IslandOf(L)->world()->out->Write(text, length);
  return 0;
}

// -- pcall, xpcall --

int PcallDone(lua_State* L, int status, lua_KContext entry) {
  bool failed = status != LUA_OK && status != LUA_YIELD;
  RethrowIfCancelled(L, entry, failed);
  if (!failed) return lua_gettop(L);
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

int Pcall(lua_State* L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  lua_KContext entry = ProtectedEntry(CurrentGoroutine(L));
  return PcallDone(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, entry, PcallDone), entry);
}

// [1] function, [2] handler, [3] true, results...
int XpcallDone(lua_State* L, int status, lua_KContext entry) {
  bool failed = status != LUA_OK && status != LUA_YIELD;
  RethrowIfCancelled(L, entry, failed);
  if (!failed) return lua_gettop(L) - 2;
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

int Xpcall(lua_State* L) {
  int count = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  lua_KContext entry = ProtectedEntry(CurrentGoroutine(L));
  return XpcallDone(L, lua_pcallk(L, count - 2, LUA_MULTRET, 2, entry, XpcallDone), entry);
}

// -- load --

int FinishLoad(lua_State* L, bool loaded, int environment) {
  if (!loaded) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (environment) {
    lua_pushvalue(L, environment);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

bool TextAllowed(lua_State* L, const char* mode) {
  if (std::strchr(mode, 't')) return true;
  lua_pushfstring(L, "attempt to load a text chunk (mode is '%s')", mode);
  return false;
}

int LoadPiece(lua_State* L, int status, lua_KContext entry);

enum class Piece : uint8_t { kText, kEnd, kWrong };

// What the reader returned, at [7].
Piece PieceKind(lua_State* L) {
  if (lua_isnil(L, 7)) return Piece::kEnd;
  size_t length = 0;
  if (!lua_tolstring(L, 7, &length)) return Piece::kWrong;
  return length == 0 ? Piece::kEnd : Piece::kText;
}

// [1] reader, [2] chunk name, [3] mode, [4] environment, [5] has environment, [6] list of pieces.
int LoadNextPiece(lua_State* L, lua_KContext entry) {
  for (;;) {
    lua_settop(L, 6);
    lua_pushvalue(L, 1);
    int status = lua_pcallk(L, 0, 1, 0, entry, LoadPiece);
    if (status != LUA_OK || PieceKind(L) != Piece::kText) return LoadPiece(L, status, entry);
    RethrowIfCancelled(L, entry, false);  // the reader may be C, where nothing interrupts
    lua_rawseti(L, 6, static_cast<lua_Integer>(lua_rawlen(L, 6)) + 1);
  }
}

int LoadPiece(lua_State* L, int status, lua_KContext entry) {
  bool failed = status != LUA_OK && status != LUA_YIELD;
  RethrowIfCancelled(L, entry, failed);
  if (failed) return FinishLoad(L, false, 0);
  switch (PieceKind(L)) {
    case Piece::kText:
      lua_rawseti(L, 6, static_cast<lua_Integer>(lua_rawlen(L, 6)) + 1);
      return LoadNextPiece(L, entry);
    case Piece::kWrong:
      lua_pushnil(L);
      lua_pushliteral(L, "reader function must return a string");
      return 2;
    case Piece::kEnd: break;
  }
  luaL_Buffer buffer;
  lua_settop(L, 6);
  luaL_buffinit(L, &buffer);
  auto count = static_cast<lua_Integer>(lua_rawlen(L, 6));
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 6, i);
    luaL_addvalue(&buffer);
  }
  luaL_pushresult(&buffer);
  size_t length;
  const char* text = lua_tolstring(L, -1, &length);
  bool loaded = TextAllowed(L, lua_tostring(L, 3)) && LoadText(L, text, length, lua_tostring(L, 2), Dialect::kLua, CodeOrigin::kPieces);
  return FinishLoad(L, loaded, lua_toboolean(L, 5) ? 4 : 0);
}

int Load(lua_State* L) {
  bool has_environment = !lua_isnone(L, 4);
  const char* mode = luaL_optstring(L, 3, "bt");
  if (lua_isstring(L, 1)) {
    size_t length;
    const char* text = lua_tolstring(L, 1, &length);
    const char* name = luaL_optstring(L, 2, text);
    bool loaded = TextAllowed(L, mode) && LoadText(L, text, length, name, Dialect::kLua, CodeOrigin::kWhole);
    return FinishLoad(L, loaded, has_environment ? 4 : 0);
  }
  luaL_checktype(L, 1, LUA_TFUNCTION);
  const char* name = luaL_optstring(L, 2, "=(load)");
  lua_settop(L, 4);
  lua_pushstring(L, name);
  lua_replace(L, 2);
  lua_pushstring(L, mode);
  lua_replace(L, 3);
  lua_pushboolean(L, has_environment);
  lua_newtable(L);
  return LoadNextPiece(L, ProtectedEntry(CurrentGoroutine(L)));
}

int LoadFileFunction(lua_State* L) {
  const char* path = luaL_checkstring(L, 1);
  const char* mode = luaL_optstring(L, 2, "bt");
  bool has_environment = !lua_isnone(L, 3);
  bool loaded = TextAllowed(L, mode) && LoadFile(L, path);
  return FinishLoad(L, loaded, has_environment ? 3 : 0);
}

int DoFileDone(lua_State* L, int, lua_KContext) { return lua_gettop(L) - 1; }

int DoFile(lua_State* L) {
  const char* path = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (!LoadFile(L, path)) return lua_error(L);
  lua_callk(L, 0, LUA_MULTRET, 0, DoFileDone);
  return DoFileDone(L, LUA_OK, 0);
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kBaseFunctions[] = {
    {"_G", "print", Print, "...: any", "", "", "", kNo, kNone, false, false, ""},
    {"_G", "pcall", Pcall, "f: function, ...: any", "true, ...: any | false, error: any", "", "", kNo, kNone, true, false, ""},
    {"_G", "xpcall", Xpcall, "f: function, handler: function, ...: any", "true, ...: any | false, ...: any", "", "", kNo, kNone, true, false, ""},
    {"_G", "load", Load, "chunk: string | function, name?: string, mode?: string, env?: any", "chunk: function | nil, message: string", "", "refuses bytecode", kNo, kNone, true, false, ""},
    {"_G", "loadfile", LoadFileFunction, "path: string, mode?: string, env?: any", "chunk: function | nil, message: string", "", "refuses bytecode", kNo, kNone, false, false, ""},
    {"_G", "dofile", DoFile, "path: string", "...: any", "", "raises what the file raises", kNo, kNone, true, false, ""},
    {"_G", "require", Require, "name: string", "module: any, data: any", "", "raises when no searcher finds it", kNo, kNone, true, false, ""},
};
SLOTH_REGISTRY_COUNT(Base);

}  // namespace sloth

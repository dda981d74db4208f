#include "lua/sync_call.h"

#include "lua/cancellation.h"
#include "lua/load.h"
#include "lua/pack_host.h"

namespace sloth {
namespace {

struct Order {
  const SyncCall* call;
  bool* syntax_error;
};

int PushArguments(lua_State* L, const SyncCall& call) {
  if (call.message) return UnpackFromHost(L, *call.message);
  luaL_checkstack(L, call.count + 1, "too many arguments");
  for (int i = 0; i < call.count; i++) PushSyncValue(L, call.arguments[i]);
  return call.count;
}

int CallOnTop(lua_State* L, const SyncCall& call) {
  lua_call(L, PushArguments(L, call), call.results);
  return lua_gettop(L);
}

int RunChunk(lua_State* L, const Order& order) {
  const SyncCall& call = *order.call;
  if (!LoadText(L, call.text, call.length, call.chunk_name, Dialect::kLua, CodeOrigin::kWhole)) {
    *order.syntax_error = true;
    return lua_error(L);
  }
  return CallOnTop(L, call);
}

// Stack: [1] what is looped over.
int Entries(lua_State* L) {
  lua_settop(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") == LUA_TNIL) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
      luaL_checkstack(L, 4, "too many entries");
      lua_pushvalue(L, -2);
    }
    return lua_gettop(L) - 1;
  }
  lua_pushvalue(L, 1);
  lua_call(L, 1, 3);
  // [2] iterator, [3] state, [4] control
  for (;;) {
    luaL_checkstack(L, 6, "too many entries");
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 4);
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) break;
    lua_pushvalue(L, -2);
    lua_replace(L, 4);
  }
  lua_pop(L, 2);
  return lua_gettop(L) - 4;
}

// Stack: the arguments.
int Operate(lua_State* L, SyncCall::Kind kind) {
  switch (kind) {
    case SyncCall::kIndex:
      lua_settop(L, 2);
      lua_gettable(L, 1);
      return 1;
    case SyncCall::kRawIndex:
      lua_settop(L, 2);
      lua_istable(L, 1) ? lua_rawget(L, 1) : lua_gettable(L, 1);
      return 1;
    case SyncCall::kNewIndex:
      lua_settop(L, 3);
      lua_settable(L, 1);
      return 0;
    case SyncCall::kLength:
      lua_settop(L, 1);
      lua_len(L, 1);
      return 1;
    case SyncCall::kEntries: return Entries(L);
    case SyncCall::kText:
      lua_settop(L, 1);
      luaL_tolstring(L, 1, nullptr);
      return 1;
    default: Unreachable();
  }
}

int SetGlobal(lua_State* L, const SyncCall& call) {
  lua_pushglobaltable(L);
  lua_pushlstring(L, call.text, call.length);
  int count = PushArguments(L, call);
  if (count == 0) lua_pushnil(L);
  lua_settable(L, 1);
  return 0;
}

// The protected function: [1] the order.
int Obey(lua_State* L) {
  const Order& order = *static_cast<const Order*>(lua_touserdata(L, 1));
  const SyncCall& call = *order.call;
  lua_settop(L, 0);
  switch (call.kind) {
    case SyncCall::kReference:
      lua_rawgeti(L, LUA_REGISTRYINDEX, call.reference);
      return CallOnTop(L, call);
    case SyncCall::kGlobal:
    case SyncCall::kGetGlobal:
      lua_pushglobaltable(L);
      lua_pushlstring(L, call.text, call.length);
      lua_gettable(L, 1);
      lua_remove(L, 1);
      return call.kind == SyncCall::kGlobal ? CallOnTop(L, call) : 1;
    case SyncCall::kChunk: return RunChunk(L, order);
    case SyncCall::kSetGlobal: return SetGlobal(L, call);
    default: PushArguments(L, call); return Operate(L, call.kind);
  }
}

// Whether its function and arguments can be pushed without allocating.
bool IsPlain(const SyncCall& call) {
  if (call.kind != SyncCall::kReference || call.message) return false;
  for (int i = 0; i < call.count; i++) {
    if (call.arguments[i].kind == SyncKind::kString) return false;
  }
  return true;
}

}  // namespace

bool RunSyncCall(lua_State* L, const SyncCall& call, bool* syntax_error) noexcept {
  if (!lua_checkstack(L, call.count + 4)) {
    // Room for one value there always is.
    lua_pushnil(L);
    return false;
  }
  int handler = lua_gettop(L) + 1;
  lua_pushcfunction(L, BodyMessageHandler);
  int status;
  if (IsPlain(call)) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, call.reference);
    for (int i = 0; i < call.count; i++) PushSyncValue(L, call.arguments[i]);
    status = lua_pcall(L, call.count, call.results, handler);
  } else {
    Order order{&call, syntax_error};
    lua_pushcfunction(L, Obey);
    lua_pushlightuserdata(L, &order);
    status = lua_pcall(L, 1, LUA_MULTRET, handler);
  }
  lua_remove(L, handler);
  return status == LUA_OK;
}

}  // namespace sloth

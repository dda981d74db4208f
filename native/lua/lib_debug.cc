// The functions of debug that differ from Lua's. The program's hooks and the interrupt share Lua's one hook, and the interrupt
// never shows; the registry, whose entries this code trusts, is not given away.
#include "lua/lib_debug.h"

#include "lua/internals.h"
#include "lua/island.h"
#include "lua/registry_tables.h"
#include "lua/slices.h"

namespace sloth {
namespace {

// Registry: {function, mask, count, state, instructions until it is called} of each state with a hook, by the state.
const char kHooksKey = 0;

const char* const kEventNames[] = {"call", "return", "line", "count", "tail call"};

// Pushes the table of hooks, or returns false and pushes nothing.
bool PushHooks(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kHooksKey) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

// Pushes the entry for `state`; false (nothing pushed) when it has no hook.
bool PushHookOf(lua_State* L, lua_State* state) {
  if (!PushHooks(L)) return false;
  lua_rawgetp(L, -1, state);
  lua_remove(L, -2);
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

int MaskOf(const char* text, int count) {
  int mask = 0;
  for (; *text; text++) {
    if (*text == 'c') mask |= LUA_MASKCALL;
    if (*text == 'r') mask |= LUA_MASKRET;
    if (*text == 'l') mask |= LUA_MASKLINE;
  }
  return count > 0 ? mask | LUA_MASKCOUNT : mask;
}

// The optional first argument that names a state.
lua_State* StateArgument(lua_State* L, int* shift) {
  *shift = lua_isthread(L, 1) ? 1 : 0;
  return *shift ? lua_tothread(L, 1) : L;
}

int SetHook(lua_State* L) {
  int shift;
  lua_State* state = StateArgument(L, &shift);
  if (state != L && ExtraOf(state)->inside) return luaL_error(L, "cannot set a hook on a coroutine in which a goroutine runs or waits");
  lua_settop(L, shift + 3);
  CountSlice(CurrentGoroutine(L), L);
  IslandOf(L)->has_hooks = true;
  if (!PushHooks(L)) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kHooksKey);
  }
  int hooks = lua_gettop(L);
  if (lua_isnoneornil(L, shift + 1)) {
    lua_sethook(state, nullptr, 0, 0);
    lua_pushnil(L);
  } else {
    luaL_checktype(L, shift + 1, LUA_TFUNCTION);
    const char* mask = luaL_checkstring(L, shift + 2);
    int count = static_cast<int>(luaL_optinteger(L, shift + 3, 0));
    lua_createtable(L, 5, 0);
    lua_pushvalue(L, shift + 1);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, mask);
    lua_rawseti(L, -2, 2);
    lua_pushinteger(L, count);
    lua_rawseti(L, -2, 3);
    if (state == L) {
      lua_pushthread(L);
    } else {
      lua_pushvalue(L, 1);
    }
    lua_rawseti(L, -2, 4);  // keeps the state: its address is the key
    lua_pushinteger(L, count);
    lua_rawseti(L, -2, 5);
    lua_sethook(state, CallUserHook, MaskOf(mask, count), count);
  }
  lua_rawsetp(L, hooks, state);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (state == L && goroutine && goroutine->turns()) RestoreHook(L);  // counts beside it
  return 0;
}

int GetHook(lua_State* L) {
  int shift;
  lua_State* state = StateArgument(L, &shift);
  if (!PushHookOf(L, state)) {
    luaL_pushfail(L);
    return 1;
  }
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  lua_rawgeti(L, -3, 3);
  return 3;
}

int GetRegistry(lua_State* L) {
  return luaL_error(L, "debug.getregistry is not available: Lua's registry holds what the runtime itself relies on");
}

// [top] the entry of L's hook. Whether its count is over; begins the next one.
bool CountDown(lua_State* L) {
  lua_rawgeti(L, -1, 5);
  lua_Integer left = lua_tointeger(L, -1) - 1;
  lua_pop(L, 1);
  bool over = left <= 0;
  if (over) lua_rawgeti(L, -1, 3);
  if (!over) lua_pushinteger(L, left);
  lua_rawseti(L, -2, 5);
  return over;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

UserHook UserHookOf(lua_State* L) {
  UserHook hook;
  LuaIsland* island = IslandOf(L);
  if (!island->has_hooks) return hook;
  // Not on L's stack: it may rest in the middle of an instruction.
  lua_State* main = island->main_state();
  if (!lua_checkstack(main, 6) || !PushHookOf(main, L)) return hook;
  lua_rawgeti(main, -1, 2);
  lua_rawgeti(main, -2, 3);
  hook.count = static_cast<int>(lua_tointeger(main, -1));
  hook.mask = MaskOf(lua_tostring(main, -2), hook.count);
  lua_pop(main, 3);
  return hook;
}

void CallUserHook(lua_State* L, lua_Debug* activation) {
  if (!PushHookOf(L, L)) return;
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (activation->event == LUA_HOOKCOUNT && goroutine && goroutine->turns() && !CountDown(L)) {
    lua_pop(L, 1);
    return;
  }
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
  lua_pushstring(L, kEventNames[activation->event]);
  if (activation->currentline >= 0) {
    lua_pushinteger(L, activation->currentline);
  } else {
    lua_pushnil(L);
  }
  lua_call(L, 2, 0);
}

void RestoreUserHook(lua_State* L) {
  if (!lua_checkstack(L, 6) || !PushHookOf(L, L)) {
    lua_sethook(L, nullptr, 0, 0);
    return;
  }
  lua_rawgeti(L, -1, 2);
  lua_rawgeti(L, -2, 3);
  int count = static_cast<int>(lua_tointeger(L, -1));
  lua_sethook(L, CallUserHook, MaskOf(lua_tostring(L, -2), count), count);
  lua_pop(L, 3);
}

extern const FunctionEntry kDebugFunctions[] = {
    {"debug", "sethook", SetHook, "thread?: thread, hook?: function, mask?: string, count?: integer", "", "", "raises for a state in which a goroutine runs or waits", kNo, kNone, true, false, ""},
    {"debug", "gethook", GetHook, "thread?: thread", "hook: function, mask: string, count: integer", "", "", kNo, kNone, false, false, ""},
    {"debug", "getregistry", GetRegistry, "", "", "", "raises: the registry belongs to the runtime", kNo, kNone, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Debug);

}  // namespace sloth

// Objects of JavaScript as the programs of a synchronous engine see them: userdata whose fields, elements and methods are the
// object's own. Each access asks the object, on its thread; elsewhere it raises.
#include "lua/handles.h"
#include "lua/pack_host.h"
#include "lua/sync_host.h"
#include "sync/host_port.h"

namespace sloth {
namespace {

const HostObject* CheckObject(lua_State* L) {
  return static_cast<const HostObject*>(CheckHandle(L, 1, HandleKind::kHostObject));
}

int Ask(lua_State* L, HostTarget::Kind kind) {
  const HostObject* object = CheckObject(L);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine || !goroutine->engine) {
    return luaL_error(L, "an object of JavaScript (%s) can be used on the JavaScript thread only", object->name.c_str());
  }
  int count = CallHostHere(L, goroutine->engine, {kind, object->id, object->name.c_str()});
  if (count >= 0) return count;
  count = UnpackFromHost(L, goroutine->scratch().received);
  goroutine->scratch().received = Value();
  return count == 1 ? lua_error(L) : luaL_error(L, "%s", goroutine->scratch().text.c_str());
}

int Index(lua_State* L) { return Ask(L, HostTarget::kIndex); }
int NewIndex(lua_State* L) { return Ask(L, HostTarget::kNewIndex); }
int Length(lua_State* L) { return Ask(L, HostTarget::kLength); }

int ToString(lua_State* L) {
  const HostObject* object = CheckObject(L);
  lua_pushfstring(L, "JavaScript object: %s", object->name.c_str());
  return 1;
}

// The iterator behind pairs: [1] the list of keys and values in turn; upvalue 1: how many of them were given out.
int NextEntry(lua_State* L) {
  auto given = lua_tointeger(L, lua_upvalueindex(1));
  lua_pushinteger(L, given + 2);
  lua_replace(L, lua_upvalueindex(1));
  lua_rawgeti(L, 1, given + 1);
  lua_rawgeti(L, 1, given + 2);
  return 2;
}

// The keys are those it had when the loop began.
int Pairs(lua_State* L) {
  lua_settop(L, 1);
  int count = Ask(L, HostTarget::kEntries);
  lua_createtable(L, count, 0);
  lua_insert(L, -count - 1);
  for (int i = count; i > 0; i--) lua_rawseti(L, -i - 1, i);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, NextEntry, 1);
  lua_insert(L, -2);
  lua_pushnil(L);
  return 3;
}

}  // namespace

void CompleteObjectMetatable(lua_State* L) {
  constexpr luaL_Reg kMetamethods[] = {{"__index", Index}, {"__newindex", NewIndex}, {"__len", Length},
                                       {"__pairs", Pairs}, {"__tostring", ToString}, {nullptr, nullptr}};
  luaL_setfuncs(L, kMetamethods, 0);
}

}  // namespace sloth

#include "lua/sync_host.h"

#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/pack_host.h"
#include "lua/sync_engine.h"
#include "sync/host_port.h"

namespace sloth {

namespace {

// What of the host the value at `index` stands for, if it does.
bool TryReadHost(lua_State* L, int index, SyncValue* value) {
  Handle* handle = nullptr;
  if (lua_type(L, index) == LUA_TUSERDATA) {
    handle = HandleInUserdata(L, index, nullptr);
  } else if (lua_tocfunction(L, index) == CallHostFunction && lua_checkstack(L, 1) && lua_getupvalue(L, index, 1)) {
    handle = HandleInUserdata(L, -1, nullptr);
    lua_pop(L, 1);
  }
  if (!handle) return false;
  switch (handle->handle_kind()) {
    case HandleKind::kHostFunction: value->id = static_cast<HostFunction*>(handle)->id; break;
    case HandleKind::kHostObject: value->id = static_cast<HostObject*>(handle)->id; break;
    case HandleKind::kHostError: value->id = static_cast<HostError*>(handle)->id; break;
    default: return false;
  }
  value->kind = SyncKind::kHost;
  return true;
}

}  // namespace

SyncValue ReadSyncValue(lua_State* L, int index) noexcept {
  SyncValue value;
  switch (lua_type(L, index)) {
    case LUA_TNIL: value.kind = SyncKind::kNil; break;
    case LUA_TBOOLEAN: value.kind = lua_toboolean(L, index) ? SyncKind::kTrue : SyncKind::kFalse; break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        value.kind = SyncKind::kInteger;
        value.integer = lua_tointeger(L, index);
      } else {
        value.kind = SyncKind::kFloat;
        value.number = lua_tonumber(L, index);
      }
      break;
    case LUA_TSTRING:
      value.kind = SyncKind::kString;
      value.text = lua_tolstring(L, index, &value.length);
      break;
    case LUA_TTABLE:
      value.kind = SyncKind::kOther;
      value.object = StaysInLua(L, index) ? lua_topointer(L, index) : nullptr;
      break;
    case LUA_TUSERDATA:
    case LUA_TFUNCTION:
      if (TryReadHost(L, index, &value)) break;
      [[fallthrough]];
    default:
      value.kind = SyncKind::kOther;
      value.object = lua_topointer(L, index);
      break;
  }
  return value;
}

void PushSyncValue(lua_State* L, const SyncValue& value) {
  switch (value.kind) {
    case SyncKind::kFalse: return lua_pushboolean(L, 0);
    case SyncKind::kTrue: return lua_pushboolean(L, 1);
    case SyncKind::kInteger: return lua_pushinteger(L, value.integer);
    case SyncKind::kFloat: return lua_pushnumber(L, value.number);
    case SyncKind::kString: lua_pushlstring(L, value.text, value.length); return;
    case SyncKind::kReference: lua_rawgeti(L, LUA_REGISTRYINDEX, value.reference); return;
    case SyncKind::kNil:
    case SyncKind::kHost:
    case SyncKind::kOther: return lua_pushnil(L);
  }
}

namespace {

// Lower room.
HostAnswer Ask(lua_State* L, SyncEngine* engine, const HostTarget& target, int count, SyncValue* value) noexcept {
  Scratch& scratch = CurrentGoroutine(L)->scratch();
  HostReply reply{{}, &scratch.received, &scratch.text};
  HostAnswer answer = engine->host()->Call(L, target, 1, count, &reply);
  *value = reply.value;
  return answer;
}

int PushMessage(lua_State* L, LuaGoroutine* goroutine) {
  lua_settop(L, 0);
  int count = UnpackFromHost(L, goroutine->scratch().received);
  goroutine->scratch().received = Value();
  return count;
}

}  // namespace

int CallHostHere(lua_State* L, SyncEngine* engine, const HostTarget& target) {
  SyncValue value;
  HostAnswer answer = Ask(L, engine, target, lua_gettop(L), &value);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  engine->guest()->NoticeDeadline();
  if (MustRaise(goroutine)) RaiseCancelled(L);
  switch (answer) {
    case HostAnswer::kNothing: return 0;
    case HostAnswer::kValue:
      luaL_checkstack(L, 1, nullptr);
      PushSyncValue(L, value);
      return 1;
    case HostAnswer::kValues: return PushMessage(L, goroutine);
    case HostAnswer::kThrew:
      if (goroutine->scratch().received.is_nil()) goroutine->scratch().text = "the host function threw";
      return -1;
    case HostAnswer::kRefused: return luaL_error(L, "%s", goroutine->scratch().text.c_str());
  }
  Unreachable();
}

}  // namespace sloth

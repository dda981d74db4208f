// Errors of JavaScript as Lua sees them: userdata with fields, whose text is the message.
#include "lua/handles.h"
#include "lua/pack_host.h"
#include "sync/host_port.h"

namespace sloth {
namespace {

// The error at `index`, or null.
const HostError* ErrorAt(lua_State* L, int index) {
  Handle* handle = HandleInUserdata(L, index, nullptr);
  return handle && handle->handle_kind() == HandleKind::kHostError ? static_cast<HostError*>(handle) : nullptr;
}

void PushText(lua_State* L, const HostError* error) { lua_pushlstring(L, error->text.data(), error->text.size()); }

int ErrorIndex(lua_State* L) {
  const HostError* error = ErrorAt(L, 1);
  if (!error) return luaL_error(L, "not a live error");
  lua_settop(L, 2);
  if (UnpackFromHost(L, error->fields) != 1) return 0;
  lua_pushvalue(L, 2);
  lua_rawget(L, 3);
  return 1;
}

int ErrorToString(lua_State* L) {
  const HostError* error = ErrorAt(L, 1);
  if (!error) return luaL_error(L, "not a live error");
  PushText(L, error);
  return 1;
}

int ErrorConcat(lua_State* L) {
  lua_settop(L, 2);
  for (int i = 1; i <= 2; i++) {
    if (const HostError* error = ErrorAt(L, i)) {
      PushText(L, error);
      lua_replace(L, i);
    } else if (!lua_isstring(L, i)) {
      return luaL_error(L, "attempt to concatenate a %s value with an error", luaL_typename(L, i));
    }
  }
  lua_concat(L, 2);
  return 1;
}

}  // namespace

void CompleteErrorMetatable(lua_State* L) {
  lua_pushcfunction(L, ErrorIndex);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, ErrorToString);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, ErrorConcat);
  lua_setfield(L, -2, "__concat");
}

bool IsSameHostThing(const Handle* a, const Handle* b) {
  if (a->handle_kind() != b->handle_kind()) return false;
  if (a->handle_kind() == HandleKind::kHostObject) return static_cast<const HostObject*>(a)->id == static_cast<const HostObject*>(b)->id;
  if (a->handle_kind() != HandleKind::kHostError) return false;
  return static_cast<const HostError*>(a)->id == static_cast<const HostError*>(b)->id;
}

}  // namespace sloth

#include "lua/host_modules.h"

#include "lua/pack_host.h"

namespace sloth {
namespace {

// Lower room: the module of that name in the `holding` slot; null when there is none.
const HostModule* FindModule(LuaGoroutine* goroutine, const char* name) noexcept {
  Ref<RefCounted> module = goroutine->world()->modules.Find(name);
  auto* found = static_cast<const HostModule*>(module.get());
  goroutine->scratch().holding = std::move(module);
  return found;
}

// The loader: called with the module's name.
int LoadHostModule(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  const HostModule* module = goroutine ? FindModule(goroutine, luaL_checkstring(L, 1)) : nullptr;
  if (!module) return luaL_error(L, "the host defines no module of that name");
  lua_settop(L, 0);
  int count = UnpackFromHost(L, module->fields);
  goroutine->scratch().holding = nullptr;
  lua_createtable(L, 0, count / 2);
  lua_insert(L, 1);
  for (int i = count; i > 0; i -= 2) lua_rawset(L, 1);
  return 1;
}

}  // namespace

int SearchHostModule(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  bool found = goroutine && FindModule(goroutine, name);
  if (goroutine) goroutine->scratch().holding = nullptr;
  if (!found) {
    lua_pushfstring(L, "no module '%s' of the host", name);
    return 1;
  }
  lua_pushcfunction(L, LoadHostModule);
  lua_pushliteral(L, ":host:");
  return 2;
}

}  // namespace sloth

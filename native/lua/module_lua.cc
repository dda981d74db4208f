#include "lua/module_lua.h"

#include <cstring>

#include "lua/handles.h"
#include "lua/internals.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/prelude.h"

namespace sloth {
namespace {

// The module whose Lua part runs.
const Module* OwnModule(lua_State* L) {
  Handle* handle = HandleInUserdata(L, lua_upvalueindex(1), nullptr);
  // debug.setupvalue may have changed it.
  if (!handle || handle->handle_kind() != HandleKind::kModule) luaL_error(L, "not a function of a module");
  return static_cast<const Module*>(handle);
}

// host(name), as the files use it.
int HostNamed(lua_State* L) {
  const ModuleFunction* function = OwnModule(L)->Find(luaL_checkstring(L, 1));
  if (!function || !function->host) return luaL_error(L, "the host gave no function '%s'", lua_tostring(L, 1));
  PushModuleFunction(L, function);
  return 1;
}

// class(name): the same table each time it is asked for on this island.
int ClassNamed(lua_State* L) {
  const char* name = OwnModule(L)->ClassName(luaL_checkstring(L, 1));
  if (PushEnteredLibrary(L, name)) return 1;
  lua_newtable(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  EnterLibrary(L, name);
  return 1;
}

const Ref<Code>& CodeOfModule(lua_State* L, const Module* module) {
  if (const Ref<Code>* known = module->code()) return *known;
  lua_pushfstring(L, "=[library %s.lua]", module->name().c_str());
  const std::string& source = module->source();
  if (luaL_loadbufferx(L, source.data(), source.size(), lua_tostring(L, -1), "t") != LUA_OK) lua_error(L);
  AttachCode(L, -1, CodeOrigin::kLibrary);
  const Ref<Code>& code = module->Publish(CodeOf(clLvalue(s2v(L->top.p - 1))->p, nullptr));
  lua_pop(L, 2);
  return code;
}

}  // namespace

void PushModuleLua(lua_State* L, const Module* module) {
  luaL_checkstack(L, 12, "too many calls");
  PushPreludeTable(L);
  lua_pushfstring(L, "module %s", module->name().c_str());
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) == LUA_TTABLE) {
    lua_replace(L, -3);
    lua_pop(L, 1);
    return;
  }
  lua_pop(L, 1);
  PushFunctionOf(L, CodeOfModule(L, module), 0);
  lua_pushcfunction(L, PreludeLibrary);
  for (lua_CFunction helper : {HostNamed, ClassNamed}) {
    PushHandle(L, const_cast<Module*>(module), HandleView::kFull);
    lua_pushcclosure(L, helper, 1);
  }
  lua_call(L, 3, 1);
  if (!lua_istable(L, -1)) luaL_error(L, "the Lua part of module '%s' returned no table", module->name().c_str());
  lua_pushvalue(L, -1);
  lua_insert(L, -4);   // functions, prelude table, key, functions
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

}  // namespace sloth

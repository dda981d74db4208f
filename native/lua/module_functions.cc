// Calling the functions of modules.
#include "lua/handles.h"
#include "lua/host_call.h"
#include "lua/internals.h"
#include "lua/module_lua.h"
#include "lua/module_tables.h"
#include "lua/prelude.h"

namespace sloth {
namespace {

const Module* ModuleIn(const Handle* handle) noexcept {
  return handle && handle->handle_kind() == HandleKind::kModule ? static_cast<const Module*>(handle) : nullptr;
}

// The function that runs: its upvalues, which debug.setupvalue may have changed, say which.
const ModuleFunction* RunningFunction(lua_State* L) {
  const Module* module = ModuleIn(HandleInUserdata(L, lua_upvalueindex(1), nullptr));
  const ModuleFunction* function = module ? module->At(lua_tointeger(L, lua_upvalueindex(2))) : nullptr;
  if (!function) luaL_error(L, "not a function of a module");
  return function;
}

// Pushes what stands at an argument, for messages.
void PushGot(lua_State* L, int argument, bool integer_wanted) {
  if (lua_type(L, argument) == LUA_TNUMBER && integer_wanted) {
    lua_pushfstring(L, "%s", luaL_tolstring(L, argument, nullptr));
    return;
  }
  Handle* handle = HandleInUserdata(L, argument, nullptr);
  if (handle) {
    lua_pushstring(L, HandleKindName(handle->handle_kind()));
  } else {
    lua_pushstring(L, luaL_typename(L, argument));
  }
}

int RaiseMisuse(lua_State* L, const ModuleFunction* function, int argument, const ArgumentRule& rule) {
  luaL_checkstack(L, 8, "too many arguments");
  PushGot(L, argument, (rule.types & ArgumentRule::kInteger) != 0);
  PushProgramPlace(L);
  const char* dot = *function->entry.module ? "." : "";
  lua_pushfstring(L, "%sbad argument #%d to '%s%s%s' (%s expected, got %s)", lua_tostring(L, -1), argument,
                  function->entry.module, dot, function->entry.name, rule.expected.c_str(), lua_tostring(L, -2));
  return lua_error(L);
}

bool Fits(lua_State* L, int argument, const ArgumentRule& rule) {
  int type = lua_type(L, argument);
  if (type == LUA_TNONE) return rule.optional || rule.rest;
  if (type == LUA_TNIL && rule.optional) return true;
  if (!(rule.types & (1u << type))) return false;
  if (type != LUA_TNUMBER || !(rule.types & ArgumentRule::kInteger)) return true;
  int is_integer;
  (void)lua_tointegerx(L, argument, &is_integer);
  return is_integer != 0;
}

void CheckArguments(lua_State* L, const ModuleFunction* function) {
  if (!function->checked) return;
  int count = lua_gettop(L);
  const std::vector<ArgumentRule>& rules = function->rules;
  for (int i = 0; i < static_cast<int>(rules.size()) || i < count; i++) {
    bool behind = i >= static_cast<int>(rules.size());
    if (behind && (rules.empty() || !rules.back().rest)) return;  // more than it takes, as Lua allows
    const ArgumentRule& rule = behind ? rules.back() : rules[i];
    if (!Fits(L, i + 1, rule)) RaiseMisuse(L, function, i + 1, rule);
  }
}

int Returned(lua_State* L, int, lua_KContext) { return lua_gettop(L); }

int CallFunction(lua_State* L, const ModuleFunction* function) {
  CheckArguments(L, function);
  if (function->host) return CallHost(L, function->host.get(), HostFailure::kText);
  PushModuleLua(L, function->module);
  lua_getfield(L, -1, function->name.c_str());
  lua_remove(L, -2);
  if (!lua_isfunction(L, -1)) return luaL_error(L, "module '%s' has no code for '%s'", function->entry.module, function->entry.name);
  lua_insert(L, 1);
  lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, Returned);
  return Returned(L, LUA_OK, 0);
}

}  // namespace

int CallModuleFunction(lua_State* L) { return CallFunction(L, RunningFunction(L)); }

int CallModuleTable(lua_State* L) {
  const ModuleFunction* function = RunningFunction(L);
  if (lua_gettop(L) > 0) lua_remove(L, 1);  // the module itself
  return CallFunction(L, function);
}

const ModuleFunction* ModuleFunctionOf(const CClosure* closure) noexcept {
  bool is_one = (closure->f == CallModuleFunction || closure->f == CallModuleTable) && closure->nupvalues == 2;
  if (!is_one || !ttisfulluserdata(&closure->upvalue[0]) || !ttisinteger(&closure->upvalue[1])) return nullptr;
  const Udata* userdata = uvalue(&closure->upvalue[0]);
  HandleView view;
  const Module* module = ModuleIn(HandleInBlock(getudatamem(userdata), userdata->len, &view));
  return module ? module->At(ivalue(&closure->upvalue[1])) : nullptr;
}

void PushModuleFunction(lua_State* L, const ModuleFunction* function) {
  PushHandle(L, const_cast<Module*>(function->module), HandleView::kFull);
  lua_pushinteger(L, function->module->IndexOf(function));
  lua_pushcclosure(L, CallModuleFunction, 2);
}

}  // namespace sloth

#include "lua/module_tables.h"

#include <cstring>

#include "lua/heap.h"
#include "lua/internals.h"
#include "lua/island.h"
#include "lua/library.h"
#include "lua/module_lua.h"
#include "lua/pack_host.h"
#include "lua/pack_library.h"

namespace sloth {
namespace {

// Fields of functions: only `error` has any.
int IndexFunction(lua_State* L) {
  lua_settop(L, 2);
  const FunctionEntry* error = FindFunction(LUA_GNAME, "error");
  lua_CFunction function = lua_tocfunction(L, 1);
  if (function && function == FunctionNamed(error->module, error->name)) {
    PushLibrary(L, kErrorModule);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  }
  if (lua_type(L, 2) == LUA_TSTRING) return luaL_error(L, "attempt to index a function value (field '%s')", lua_tostring(L, 2));
  return luaL_error(L, "attempt to index a function value");
}

// `error.try` and its kin: functions get a metatable that answers for `error`, unless the program gave them one.
void GiveErrorFields(lua_State* L) {
  lua_pushcfunction(L, IndexFunction);
  if (!lua_getmetatable(L, -1)) {
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    EnterLibrary(L, "error.meta");
    lua_setmetatable(L, -2);
  } else {
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

// Whether a function is no field of its module's table: the Lua part's own, a call of the table, or in one of its constants (`a.b`).
bool IsElsewhere(const ModuleFunction& function) noexcept {
  return function.internal || function.calls_module || function.name.find('.') != std::string::npos;
}

// Sets a field of the table on top unless it has one of that name.
void SetFunction(lua_State* L, const ModuleFunction& function, const char* field) {
  if (lua_getfield(L, -1, field) == LUA_TNIL) {
    PushModuleFunction(L, &function);
    lua_setfield(L, -3, field);
  }
  lua_pop(L, 1);
}

// The functions of a module that the table on top does not have yet; those called `a.b` into the constant `a`.
void SetFunctions(lua_State* L, const Module* module) {
  for (const ModuleFunction& function : module->functions()) {
    if (function.internal || function.calls_module) continue;
    size_t dot = function.name.find('.');
    if (dot == std::string::npos) {
      SetFunction(L, function, function.name.c_str());
      continue;
    }
    lua_pushlstring(L, function.name.data(), dot);
    if (lua_rawget(L, -2) == LUA_TTABLE) SetFunction(L, function, function.name.c_str() + dot + 1);
    lua_pop(L, 1);
  }
}

// The constants of a module that the table on top does not have yet.
void SetConstants(lua_State* L, const Module* module) {
  int table = lua_gettop(L);
  for (int i = UnpackFromHost(L, module->constants()); i > 0; i -= 2) {
    lua_pushvalue(L, -2);
    bool is_free = lua_rawget(L, table) == LUA_TNIL;
    lua_pop(L, 1);
    if (is_free) {
      lua_rawset(L, table);
    } else {
      lua_pop(L, 2);
    }
  }
}

void SetCall(lua_State* L, const Module* module) {
  for (const ModuleFunction& function : module->functions()) {
    if (!function.calls_module) continue;
    lua_createtable(L, 0, 1);
    PushHandle(L, const_cast<Module*>(module), HandleView::kFull);
    lua_pushinteger(L, module->IndexOf(&function));
    lua_pushcclosure(L, CallModuleTable, 2);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
  }
}

}  // namespace

const ModuleCatalogue& ModulesOf(lua_State* L) {
  static const ModuleCatalogue none;
  LuaIsland* island = IslandOf(L);
  return island ? island->world()->catalogue : none;
}

void PushModuleTable(lua_State* L, const Module* module) {
  luaL_checkstack(L, 12, "too many modules");
  lua_createtable(L, 0, static_cast<int>(module->functions().size()));
  SetConstants(L, module);
  SetFunctions(L, module);
  SetCall(L, module);
  if (module->name() == kErrorModule) GiveErrorFields(L);
}

void ExtendLibrary(lua_State* L, const char* library) {
  const Module* module = ModulesOf(L).Find(library);
  if (!module) return;
  luaL_checkstack(L, 12, "too many modules");
  SetConstants(L, module);
  SetFunctions(L, module);
}

bool PushModuleClass(lua_State* L, const char* name) {
  const char* dot = std::strrchr(name, '.');
  const Module* module = dot ? ModulesOf(L).Find(std::string_view(name, static_cast<size_t>(dot - name))) : nullptr;
  if (!module) return false;
  PushModuleLua(L, module);
  lua_pop(L, 1);
  return PushEnteredLibrary(L, name);
}

void EnsureModules(lua_State* L, ModuleCatalogue::Bits bits) {
  const std::vector<Ref<Module>>& all = ModulesOf(L).all();
  for (size_t i = 0; i < all.size(); i++) {
    bool wanted = (bits & ModuleCatalogue::kEvery) != 0;
    wanted |= i < ModuleCatalogue::kSingle ? (bits >> i & 1) != 0 : (bits & ModuleCatalogue::kOthers) != 0;
    if (wanted) EnsureLibrary(L, all[i]->name().c_str());
  }
}

bool IsModuleField(const void* value, const char* library, const char* field) noexcept {
  const auto* held = static_cast<const TValue*>(value);
  const ModuleFunction* function = ttisCclosure(held) ? ModuleFunctionOf(clCvalue(held)) : nullptr;
  return function && function->module->name() == library && function->name == field;
}

void VisitModuleChanges(const Module* module, const void* table, void (*visit)(void* context, const char* field),
                        void* context) noexcept {
  const auto* fields = static_cast<const Table*>(table);
  size_t same = 0;
  for (int i = 0; !isdummy(fields) && i < sizenode(fields); i++) {
    const Node* node = gnode(fields, i);
    if (isempty(gval(node)) || !keyisshrstr(node)) continue;
    const char* field = getstr(keystrval(node));
    if (IsModuleField(gval(node), module->name().c_str(), field)) {
      same++;
    } else if (!module->HasConstant(field)) {
      visit(context, field);
    }
  }
  size_t functions = 0;
  for (const ModuleFunction& function : module->functions()) functions += !IsElsewhere(function);
  if (same == functions) return;
  for (const ModuleFunction& function : module->functions()) {
    if (IsElsewhere(function)) continue;
    bool found = false;
    for (int i = 0; !found && !isdummy(fields) && i < sizenode(fields); i++) {
      const Node* node = gnode(fields, i);
      found = !isempty(gval(node)) && keyisshrstr(node) && function.name == getstr(keystrval(node));
    }
    if (!found) visit(context, function.name.c_str());
  }
}

}  // namespace sloth

#include "lua/analysis/heap_read.h"

#include <cstring>

#include "lua/analysis/library_model.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/pack_library.h"
#include "lua/prelude.h"

namespace sloth {

namespace {

const TValue* Field(lua_State* L, const Table* table, const char* name) {
  return RawField(L, table, name, std::strlen(name));
}

bool AreSameUserdata(const TValue* a, const TValue* b) {
  return ttisfulluserdata(a) && ttisfulluserdata(b) && uvalue(a) == uvalue(b);
}

}  // namespace

const FunctionEntry* EntryOf(const TValue* value) {
  if (ttislcf(value)) {
    const FunctionEntry* known = FindFunction(fvalue(value));
    return known ? known : EntryOfInternal(fvalue(value));
  }
  if (!ttisCclosure(value)) return nullptr;
  const ModuleFunction* of_module = ModuleFunctionOf(clCvalue(value));
  return of_module ? &of_module->entry : FindFunction(clCvalue(value)->f);
}

bool StartsOne(const CallInfo* info) {
  const FunctionEntry* entry = EntryOf(s2v(info->func.p));
  LibraryModel model = entry ? ModelOf(entry) : LibraryModel::kStranger;
  if (model != LibraryModel::kSpawnsList) return model == LibraryModel::kSpawns || model == LibraryModel::kSpawnsBehind;
  // A function, perhaps behind a context, and no list of them.
  const StackValue* first = info->func.p + 1;
  return ttisfunction(s2v(first)) || (ttisfulluserdata(s2v(first)) && ttisfunction(s2v(first + 1)));
}

bool IsFunctionNamed(const TValue* value, const char* module, const TString* name) {
  const FunctionEntry* entry = EntryOf(value);
  if (!entry || TextOf(name) != entry->name) return false;
  if (std::strcmp(entry->module, module) == 0) return true;
  // One C function may stand in several libraries.
  const FunctionEntry* named = FindFunction(module, getstr(name));
  return named && named->function && named->function == entry->function;
}

bool IsOriginal(lua_State* L, const char* library, const char* name) {
  const Table* table = GlobalsOf(L);
  if (std::strcmp(library, LUA_GNAME) != 0) {
    const TValue* value = Field(L, table, library);
    if (ttisnil(value)) return true;  // not built yet on this island
    if (!ttistable(value)) return false;
    table = hvalue(value);
  }
  const FunctionEntry* entry = EntryOf(Field(L, table, name));
  return entry && std::strcmp(entry->module, library) == 0 && std::strcmp(entry->name, name) == 0;
}

bool IsModuleLoaded(lua_State* L, const std::string& name) {
  const Table* loaded = LoadedModules(L);
  if (loaded && !ttisnil(RawField(L, loaded, name.data(), name.size()))) return true;
  return IsRuntimeModule(L, name);
}

const FunctionEntry* FindFunctionFor(lua_State* L, const char* module, const char* name) {
  const Module* found = ModulesOf(L).Find(module);
  const ModuleFunction* function = found ? found->Find(name) : nullptr;
  return function && !function->internal ? &function->entry : FindFunction(module, name);
}

bool IsRuntimeModule(lua_State* L, std::string_view name) {
  if (ModulesOf(L).Find(name)) return true;
  size_t count = 0;
  const FunctionEntry* entries = AllFunctions(&count);
  for (size_t i = 0; i < count; i++) {
    if (entries[i].module && name == entries[i].module) return true;
  }
  return false;
}

Table* LoadedModules(lua_State* L) {
  const TValue* loaded = Field(L, hvalue(&G(L)->l_registry), LUA_LOADED_TABLE);
  return ttistable(loaded) ? hvalue(loaded) : nullptr;
}

bool IsPreloaded(lua_State* L, std::string_view name) {
  const TValue* preload = Field(L, hvalue(&G(L)->l_registry), LUA_PRELOAD_TABLE);
  return ttistable(preload) && !ttisnil(RawField(L, hvalue(preload), name.data(), name.size()));
}

Handle* HandleOf(const TValue* userdata) {
  HandleView view;
  return HandleInBlock(getudatamem(uvalue(userdata)), uvalue(userdata)->len, &view);
}

bool IoIsRedirected(lua_State* L) {
  const Table* registry = hvalue(&G(L)->l_registry);
  const Table* io = FindLibraryTable(L, "io");
  if (!io) return false;
  const TValue* input = Field(L, registry, "_IO_input");
  const TValue* output = Field(L, registry, "_IO_output");
  const TValue* standard_input = Field(L, io, "stdin");
  const TValue* standard_output = Field(L, io, "stdout");
  return !AreSameUserdata(input, standard_input) || !AreSameUserdata(output, standard_output);
}

}  // namespace sloth

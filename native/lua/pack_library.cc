#include "lua/pack_library.h"

#include <cstring>

#include "lua/handles.h"
#include "lua/module_tables.h"
#include "lua/registry.h"

namespace sloth {

namespace {

bool SameText(const TString* string, const char* text, size_t length) {
  return tsslen(string) == length && std::memcmp(getstr(string), text, length) == 0;
}

const TValue kNil = {{}, LUA_VNIL};

Table* TableOf(const LibraryTable& library) { return static_cast<Table*>(const_cast<void*>(library.table)); }

bool IsFunction(const TValue* value, const void* function) noexcept {
  if (ttisCclosure(value)) return clCvalue(value) == function;
  return ttislcf(value) && reinterpret_cast<const void*>(fvalue(value)) == function;
}

// Looks through the library tables for a C closure or, by its address, a light C function.
bool FindInLibraries(lua_State* L, const void* function, LibraryFunction* found) noexcept {
  LuaIsland* island = IslandOf(L);
  if (!island) return false;
  for (const LibraryTable& library : island->libraries) {
    const Table* table = TableOf(library);
    for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
      const Node* node = gnode(table, i);
      if (!keyisshrstr(node) || !IsFunction(gval(node), function)) continue;
      *found = {library.name, getstr(keystrval(node))};
      return true;
    }
  }
  return false;
}

}  // namespace

const TValue* RawField(lua_State* L, const Table* table, const char* name, size_t length) noexcept {
  if (isdummy(table)) return &kNil;
  unsigned int hash = luaS_hash(name, length, G(L)->seed);
  const Node* node = gnode(table, lmod(hash, sizenode(table)));
  while (true) {
    bool is_string = keytt(node) == ctb(LUA_VSHRSTR) || keytt(node) == ctb(LUA_VLNGSTR);
    if (is_string && SameText(keystrval(node), name, length)) return gval(node);
    if (gnext(node) == 0) return &kNil;
    node += gnext(node);
  }
}

Table* GlobalsOf(lua_State* L) noexcept {
  return hvalue(&hvalue(&G(L)->l_registry)->array[LUA_RIDX_GLOBALS - 1]);
}

Table* FindLibraryTable(lua_State* L, const char* name) noexcept {
  if (std::strcmp(name, LUA_GNAME) == 0) return GlobalsOf(L);
  if (std::strcmp(name, "package.loaded") == 0) {
    const TValue* loaded = RawField(L, hvalue(&G(L)->l_registry), LUA_LOADED_TABLE, std::strlen(LUA_LOADED_TABLE));
    return ttistable(loaded) ? hvalue(loaded) : nullptr;
  }
  LuaIsland* island = IslandOf(L);
  if (!island) return nullptr;
  for (const LibraryTable& library : island->libraries) {
    if (std::strcmp(library.name, name) == 0) return TableOf(library);
  }
  return nullptr;
}

Handle* HandleOf(const TValue* value, HandleView* view) noexcept {
  if (ttisCclosure(value) && StandsForHandle(clCvalue(value)->f)) value = &clCvalue(value)->upvalue[0];
  if (!ttisfulluserdata(value)) return nullptr;
  Udata* userdata = uvalue(value);
  return HandleInBlock(getudatamem(userdata), userdata->len, view);
}

bool FindLibraryFunction(lua_State* L, const CClosure* closure, LibraryFunction* found) noexcept {
  if (const ModuleFunction* function = ModuleFunctionOf(closure)) {
    *found = {function->entry.module, function->entry.name};
    return true;
  }
  if (const FunctionEntry* entry = FindFunction(closure->f)) {
    *found = {entry->module, entry->name};
    return true;
  }
  return FindInLibraries(L, closure, found);
}

bool IsInLibraryTable(lua_State* L, lua_CFunction function) noexcept {
  LibraryFunction found;
  return FindInLibraries(L, reinterpret_cast<const void*>(function), &found);
}

}  // namespace sloth

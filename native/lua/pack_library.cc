#include "lua/pack_library.h"

#include <cstring>

#include "lua/library.h"
#include "lua/registry.h"

namespace sloth {

namespace {

bool SameText(const TString* string, const char* text, size_t length) {
  return tsslen(string) == length && std::memcmp(getstr(string), text, length) == 0;
}

const TValue* NilValue() {
  static const TValue nil = {{}, LUA_VNIL};
  return &nil;
}

Table* LoadedTable(lua_State* L) noexcept {
  const TValue* loaded = RawField(L, hvalue(&G(L)->l_registry), LUA_LOADED_TABLE, std::strlen(LUA_LOADED_TABLE));
  return ttistable(loaded) ? hvalue(loaded) : nullptr;
}

bool HasName(lua_State* L, const TValue* value, const char* name) noexcept {
  if (!ttistable(value)) return false;
  const char* own = LibraryNameOf(L, hvalue(value));
  return own && std::strcmp(own, name) == 0;
}

// Walks "a.b.c" from package.loaded.
Table* FindByPath(lua_State* L, Table* loaded, const char* path) noexcept {
  Table* table = loaded;
  while (true) {
    const char* dot = std::strchr(path, '.');
    const TValue* value = RawField(L, table, path, dot ? static_cast<size_t>(dot - path) : std::strlen(path));
    if (!ttistable(value)) return nullptr;
    table = hvalue(value);
    if (!dot) return table;
    path = dot + 1;
  }
}

bool IsFunction(const TValue* value, const void* function) noexcept {
  if (ttisCclosure(value)) return clCvalue(value) == function;
  return ttislcf(value) && reinterpret_cast<const void*>(fvalue(value)) == function;
}

// Looks through the library tables below package.loaded for a C closure or, by its address, a light C function.
bool FindInLoaded(lua_State* L, const void* function, LibraryFunction* found) noexcept {
  Table* loaded = LoadedTable(L);
  if (!loaded || isdummy(loaded)) return false;
  for (int i = 0; i < sizenode(loaded); i++) {
    const TValue* value = gval(gnode(loaded, i));
    if (!ttistable(value) || isdummy(hvalue(value))) continue;
    const char* name = LibraryNameOf(L, hvalue(value));
    if (!name) continue;
    Table* library = hvalue(value);
    for (int k = 0; k < sizenode(library); k++) {
      Node* node = gnode(library, k);
      if (!keyisshrstr(node) || !IsFunction(gval(node), function)) continue;
      *found = {name, getstr(keystrval(node))};
      return true;
    }
  }
  return false;
}

}  // namespace

const TValue* RawField(lua_State* L, const Table* table, const char* name, size_t length) noexcept {
  if (isdummy(table)) return NilValue();
  unsigned int hash = luaS_hash(name, length, G(L)->seed);
  const Node* node = gnode(table, lmod(hash, sizenode(table)));
  while (true) {
    bool is_string = keytt(node) == ctb(LUA_VSHRSTR) || keytt(node) == ctb(LUA_VLNGSTR);
    if (is_string && SameText(keystrval(node), name, length)) return gval(node);
    if (gnext(node) == 0) return NilValue();
    node += gnext(node);
  }
}

Table* GlobalsOf(lua_State* L) noexcept {
  return hvalue(&hvalue(&G(L)->l_registry)->array[LUA_RIDX_GLOBALS - 1]);
}

Table* FindLibraryTable(lua_State* L, const char* name) noexcept {
  if (std::strcmp(name, LUA_GNAME) == 0) return GlobalsOf(L);
  if (std::strcmp(name, "string.meta") == 0) return G(L)->mt[LUA_TSTRING];
  Table* loaded = LoadedTable(L);
  if (!loaded) return nullptr;
  const TValue* value = RawField(L, loaded, name, std::strlen(name));
  if (HasName(L, value, name)) return hvalue(value);
  for (int i = 0; !isdummy(loaded) && i < sizenode(loaded); i++) {  // moved to another name by the program
    value = gval(gnode(loaded, i));
    if (HasName(L, value, name)) return hvalue(value);
  }
  return FindByPath(L, loaded, name);
}

bool FindLibraryFunction(lua_State* L, const CClosure* closure, LibraryFunction* found) noexcept {
  if (const FunctionEntry* entry = FindFunction(closure->f)) {
    *found = {entry->module, entry->name};
    return true;
  }
  return FindInLoaded(L, closure, found);
}

bool IsInLibraryTable(lua_State* L, lua_CFunction function) noexcept {
  LibraryFunction found;
  return FindInLoaded(L, reinterpret_cast<const void*>(function), &found);
}

}  // namespace sloth

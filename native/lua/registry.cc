#include "lua/registry.h"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lua/registry_tables.h"

namespace sloth {
namespace {

// Never destroyed: the library may be unloaded while threads still end.
struct Registry {
  std::vector<FunctionEntry> entries;
  std::unordered_map<std::string, size_t> by_name;
  std::unordered_map<void*, size_t> by_function;
  std::vector<lua_CFunction> learned;  // Lua's own, by entry
  std::unordered_map<std::string_view, std::vector<const FunctionEntry*>> by_module;
};

std::string Key(std::string_view module, std::string_view name) { return std::string(module) + "." + std::string(name); }

Registry* Build() {
  auto* registry = new Registry();
  for (const RegistryTable& table : kRegistryTables) {
    registry->entries.insert(registry->entries.end(), table.entries, table.entries + *table.count);
  }
  registry->learned.resize(registry->entries.size());
  for (size_t i = 0; i < registry->entries.size(); i++) {
    const FunctionEntry& entry = registry->entries[i];
    registry->by_module[entry.module].push_back(&entry);
    registry->by_name.emplace(Key(entry.module, entry.name), i);
    if (entry.function) registry->by_function.emplace(reinterpret_cast<void*>(entry.function), i);
  }
  return registry;
}

Registry* TheRegistry() {
  static Registry* const registry = Build();
  return registry;
}

// Notes the address of every C function in the table on top, whose library is `module`.
void LearnTable(lua_State* L, const char* module) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_iscfunction(L, -1) && lua_type(L, -2) == LUA_TSTRING) {
      auto found = TheRegistry()->by_name.find(Key(module, lua_tostring(L, -2)));
      if (found != TheRegistry()->by_name.end()) {
        lua_CFunction function = lua_tocfunction(L, -1);
        TheRegistry()->by_function.emplace(reinterpret_cast<void*>(function), found->second);
        if (!lua_getupvalue(L, -1, 1)) {
          TheRegistry()->learned[found->second] = function;
        } else {
          lua_pop(L, 1);
        }
      }
    }
    lua_pop(L, 1);
  }
}

std::once_flag learned;

}  // namespace

const FunctionEntry* AllFunctions(size_t* count) {
  *count = TheRegistry()->entries.size();
  return TheRegistry()->entries.data();
}

const FunctionEntry* const* FunctionsOfModule(const char* module, size_t* count) {
  auto found = TheRegistry()->by_module.find(module);
  bool known = found != TheRegistry()->by_module.end();
  *count = known ? found->second.size() : 0;
  return known ? found->second.data() : nullptr;
}

const FunctionEntry* FindFunction(lua_CFunction function) {
  auto found = TheRegistry()->by_function.find(reinterpret_cast<void*>(function));
  return found == TheRegistry()->by_function.end() ? nullptr : &TheRegistry()->entries[found->second];
}

const FunctionEntry* FindFunction(const char* module, const char* name) {
  auto found = TheRegistry()->by_name.find(Key(module, name));
  return found == TheRegistry()->by_name.end() ? nullptr : &TheRegistry()->entries[found->second];
}

lua_CFunction FunctionNamed(const char* module, const char* name) {
  const FunctionEntry* entry = FindFunction(module, name);
  if (!entry || entry->function) return entry ? entry->function : nullptr;
  return TheRegistry()->learned[entry - TheRegistry()->entries.data()];
}

void LearnStandardFunctions(lua_State* L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_istable(L, -1) && lua_type(L, -2) == LUA_TSTRING) LearnTable(L, lua_tostring(L, -2));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  // The methods of files, and what ipairs, pairs and gmatch return, are known by the functions that make them.
  if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TTABLE && lua_getfield(L, -1, "__index") == LUA_TTABLE) LearnTable(L, "file.method");
  lua_settop(L, 0);
}

void LearnStandardFunctionsOnce() {
  std::call_once(learned, [] {
    lua_State* L = luaL_newstate();
    if (!L) return;
    luaL_openlibs(L);
    LearnStandardFunctions(L);
    lua_close(L);
  });
}

}  // namespace sloth

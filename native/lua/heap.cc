#include "lua/heap.h"

#include <string_view>

#include "lua/handles.h"
#include "lua/lib_io.h"
#include "lua/lib_math.h"
#include "lua/lib_time.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/registry.h"
#include "lua/require.h"
#include "lua/sandbox.h"

namespace sloth {
namespace {

// Registry: the library tables of this island by name, whatever the program does to package.loaded.
const char kLibrariesKey = 0;

struct LibraryOpener {
  const char* name;
  lua_CFunction open;  // null: ours, made from the registry alone
};
constexpr LibraryOpener kOpeners[] = {
    {LUA_GNAME, luaopen_base},          {LUA_STRLIBNAME, luaopen_string}, {LUA_LOADLIBNAME, luaopen_package},
    {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},  {LUA_IOLIBNAME, luaopen_io},
    {LUA_OSLIBNAME, luaopen_os},        {LUA_MATHLIBNAME, luaopen_math},  {LUA_UTF8LIBNAME, luaopen_utf8},
    {LUA_DBLIBNAME, luaopen_debug},     {"goroutine", nullptr},           {"channel", nullptr},
    {"go", nullptr},                    {"log", nullptr},
};

void PushLibraries(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kLibrariesKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 16);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kLibrariesKey);
}

// Puts our functions of `module` into the table on top.
void InstallOurs(lua_State* L, const char* module) {
  size_t count;
  const FunctionEntry* const* entries = FunctionsOfModule(module, &count);
  for (size_t i = 0; i < count; i++) {
    if (!entries[i]->function) continue;
    lua_pushcfunction(L, entries[i]->function);
    lua_setfield(L, -2, entries[i]->name);
  }
}

int CallGo(lua_State* L) {
  lua_remove(L, 1);  // go(f, ...) is go.spawn(f, ...)
  const FunctionEntry* spawn = FindFunction("goroutine", "spawn");
  return spawn->function(L);
}

// Redirects io's standard streams to the runtime's sinks.
void RedirectStream(lua_State* L, int library, const char* field, FILE* file) {
  lua_getfield(L, library, field);
  if (auto* stream = static_cast<luaL_Stream*>(luaL_testudata(L, -1, LUA_FILEHANDLE))) stream->f = file;
  lua_pop(L, 1);
}

// Keeps upstream's functions that ours call, before ours take their places.
void SaveUpstream(lua_State* L, const char* name) {
  std::string_view library(name);
  if (library == "io") SaveUpstreamReads(L);
  if (library == "math") SaveUpstreamSeed(L);
  if (library == "os") SaveUpstreamTime(L);
}

void FinishLibrary(lua_State* L, const char* name) {
  std::string_view library(name);
  int table = lua_gettop(L);
  if (library == "io") {
    InstallReadMethod(L);
    World* world = IslandOf(L)->world();
    if (world->out_file) RedirectStream(L, table, "stdout", world->out_file);
    if (world->err_file) RedirectStream(L, table, "stderr", world->err_file);
  } else if (library == "math") {
    SeedFromIsland(L);
  } else if (library == "package") {
    InstallSearchers(L);
    const std::string& path = IslandOf(L)->world()->module_path;
    if (!path.empty()) {
      lua_pushlstring(L, path.data(), path.size());
      lua_setfield(L, table, "path");
    }
  } else if (library == "go") {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, CallGo);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
  }
}

}  // namespace

void EnterLibrary(lua_State* L, const char* name) {
  luaL_checkstack(L, 4, "too many libraries");
  PushLibraries(L);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  IslandOf(L)->libraries.push_back({name, lua_topointer(L, -1)});
}

bool PushEnteredLibrary(lua_State* L, const char* name) {
  luaL_checkstack(L, 4, "too many libraries");
  PushLibraries(L);
  bool found = lua_getfield(L, -1, name) == LUA_TTABLE;
  lua_remove(L, -2);
  if (!found) lua_pop(L, 1);
  return found;
}

namespace {

void SetLoaded(lua_State* L, const char* name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

// Pushes what a module of the host brings under that name, or nil.
void PushOfModules(lua_State* L, const char* name) {
  const Module* module = ModulesOf(L).Find(name);
  if (!module) {
    if (!PushModuleClass(L, name)) lua_pushnil(L);
    return;
  }
  PushModuleTable(L, module);
  SetLoaded(L, module->name().c_str());
  EnterLibrary(L, module->name().c_str());
}

}  // namespace

void PushLibrary(lua_State* L, const char* name) {
  luaL_checkstack(L, 8, "too many libraries");
  PushLibraries(L);
  if (lua_getfield(L, -1, name) == LUA_TTABLE) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1);
  std::string_view wanted(name);
  if (wanted == "package.loaded") {
    lua_pop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    return;
  }
  const LibraryOpener* opener = nullptr;
  for (const LibraryOpener& candidate : kOpeners) {
    if (wanted == candidate.name) opener = &candidate;
  }
  if (!opener) {
    lua_pop(L, 1);
    PushOfModules(L, name);
    return;
  }
  if (opener->open) {
    // Opening the package library sets its own require: ours, or the program's, stays.
    lua_pushglobaltable(L);
    lua_pushliteral(L, "require");
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    luaL_requiref(L, opener->name, opener->open, 0);
    lua_insert(L, -4);  // below globals, name, function
    lua_rawset(L, -3);
    lua_pop(L, 1);
  } else {
    lua_newtable(L);
    SetLoaded(L, name);
  }
  SaveUpstream(L, opener->name);
  InstallOurs(L, opener->name);
  FinishLibrary(L, opener->name);
  LearnPristineLibrary(L, opener->name, -1);
  if (!IslandOf(L)->pristine) ExtendLibrary(L, opener->name);
  ApplySandbox(L, opener->name);
  EnterLibrary(L, opener->name);
  lua_remove(L, -2);
}

void EnsureLibrary(lua_State* L, const char* name) {
  for (const LibraryTable& built : IslandOf(L)->libraries) {
    if (std::string_view(built.name) == name) return;
  }
  if (IslandOf(L)->world()->sandbox.Lacks(name)) return;
  PushLibrary(L, name);
  // A global the program made of that name stays.
  lua_pushglobaltable(L);
  lua_pushstring(L, name);
  if (lua_istable(L, -3) && lua_rawget(L, -2) == LUA_TNIL) {
    lua_pushstring(L, name);
    lua_pushvalue(L, -4);
    lua_rawset(L, -4);
  }
  lua_pop(L, 3);
}

const char* LibraryNameOf(lua_State* L, const void* table) {
  LuaIsland* island = IslandOf(L);
  if (!island) return nullptr;
  for (const LibraryTable& built : island->libraries) {
    if (built.table == table) return built.name;
  }
  return nullptr;
}

int LibraryIndex(const char* name) {
  for (int i = 0; i < static_cast<int>(sizeof kOpeners / sizeof *kOpeners); i++) {
    if (std::string_view(kOpeners[i].name) == name) return i;
  }
  return -1;
}

const char* LibraryAt(int index) {
  return index < static_cast<int>(sizeof kOpeners / sizeof *kOpeners) ? kOpeners[index].name : nullptr;
}

uint32_t AlwaysOpenLibraries() {
  static_assert(std::string_view(kOpeners[0].name) == LUA_GNAME && std::string_view(kOpeners[1].name) == LUA_STRLIBNAME);
  return 3;
}

bool IsLibraryName(const char* name) { return LibraryIndex(name) >= 0; }

void EnsureAllLibraries(lua_State* L) {
  IslandOf(L)->all_libraries = true;
  for (const LibraryOpener& opener : kOpeners) EnsureLibrary(L, opener.name);
}

void FinishClone(lua_State* L) {
  SeedFromIsland(L);
  if (ModulesOf(L).all().empty()) return;
  for (size_t i = 0; i < IslandOf(L)->libraries.size(); i++) {
    const char* name = IslandOf(L)->libraries[i].name;
    if (!ModulesOf(L).Find(name)) continue;
    PushLibrary(L, name);
    ExtendLibrary(L, name);
    ApplySandbox(L, name);
    lua_pop(L, 1);
  }
}

int BuildHeap(lua_State* L) {
  LuaIsland* island = IslandOf(L);
  EnsureLibrary(L, LUA_GNAME);
  EnsureLibrary(L, LUA_STRLIBNAME);
  // The program may give strings another metatable: this one stays.
  PushLibraries(L);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  island->libraries.push_back({"string.meta", lua_topointer(L, -1)});
  lua_setfield(L, -3, "string.meta");
  lua_pop(L, 2);
  if (island->all_libraries) EnsureAllLibraries(L);
  return 0;
}

}  // namespace sloth

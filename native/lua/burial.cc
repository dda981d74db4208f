#include "lua/burial.h"

#include <atomic>
#include <cstdio>
#include <cstring>

#include "lua/code_heap.h"
#include "lua/handles.h"
#include "lua/pack_library.h"

namespace sloth {
namespace {

std::atomic<lua_CFunction> stream_collector{nullptr};  // the same whoever writes it

// One of the three that every io library has, and that closing leaves open.
bool IsStandardStream(lua_State* main, Udata* userdata) {
  if (userdata->len != sizeof(luaL_Stream) || !userdata->metatable) return false;
  auto* stream = reinterpret_cast<const luaL_Stream*>(getudatamem(userdata));
  const World* world = IslandOf(main)->world();
  const FILE* file = stream->f;
  bool standard = file == stdin || file == stdout || file == stderr || file == world->out_file || file == world->err_file;
  if (!standard || !file) return false;
  const TValue* collect = luaH_getshortstr(userdata->metatable, G(main)->tmname[TM_GC]);
  return ttislcf(collect) && fvalue(collect) == stream_collector.load(std::memory_order_relaxed);
}

// The package library's list of the C libraries that were loaded.
bool IsEmptyListOfLibraries(lua_State* main, Table* table) {
  constexpr char kName[] = "_CLIBS";
  const TValue* list = RawField(main, hvalue(&G(main)->l_registry), kName, sizeof kName - 1);
  return ttistable(list) && hvalue(list) == table && luaH_getn(table) == 0;
}

bool IsHarmless(lua_State* main, GCObject* object) {
  if (CodeBlockIn(object) || IsOwnHandleObject(main, object)) return true;
  if (object->tt == LUA_VTABLE) return IsEmptyListOfLibraries(main, gco2t(object));
  return object->tt == LUA_VUSERDATA && IsStandardStream(main, gco2u(object));
}

}  // namespace

bool TryReleaseHeap(lua_State* main) {
  GCObject* const lists[] = {G(main)->finobj, G(main)->tobefnz};
  for (GCObject* list : lists) {
    for (GCObject* object = list; object; object = object->next) {
      if (!IsHarmless(main, object)) return false;
    }
  }
  for (GCObject* list : lists) {
    for (GCObject* object = list; object; object = object->next) {
      if (IsOwnHandleObject(main, object)) ReleaseHandleObject(object);
    }
  }
  ReleaseCode(main);
  return true;
}

void LearnStreamCollector(lua_State* L) {
  lua_getfield(L, -1, "__gc");
  stream_collector.store(lua_tocfunction(L, -1), std::memory_order_relaxed);
  lua_pop(L, 1);
}

}  // namespace sloth

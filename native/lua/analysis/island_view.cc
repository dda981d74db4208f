#include "lua/analysis/island_view.h"

#include "lua/analysis/chunk_facts.h"
#include "lua/code_heap.h"
#include "lua/internals.h"

namespace sloth {

__attribute__((weak)) void VisitIslandCodes(lua_State* L, void (*visit)(void* context, const Code* code),
                                            void* context) noexcept {
  const Table* cache = CodeCache(L);
  if (isdummy(cache)) return;
  for (int i = 0; i < sizenode(cache); i++) {
    const TValue* value = gval(gnode(cache, i));
    if (!ttisfulluserdata(value)) continue;
    const CodeBlock* block = CodeBlockIn(gcvalue(value));
    if (block && block->code) visit(context, block->code);
  }
}

__attribute__((weak)) uint64_t VersionOfIslandCodes(lua_State* L) noexcept {
  uint64_t version = 0;
  VisitIslandCodes(
      L,
      [](void* sum, const Code* code) {
        uint64_t mixed = code->facts ? code->facts->serial * 0x9e3779b97f4a7c15ULL : 1;
        *static_cast<uint64_t*>(sum) += (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9ULL;
      },
      &version);
  return version;
}

__attribute__((weak)) void VisitIslandThreads(lua_State* L, void (*visit)(void* context, lua_State* thread),
                                              void* context) noexcept {
  global_State* g = G(L);
  for (GCObject* object = g->allgc; object; object = object->next) {
    if (object->tt == LUA_VTHREAD && !isdead(g, object) && gco2th(object) != L) visit(context, gco2th(object));
  }
  if (g->mainthread != L) visit(context, g->mainthread);
}

__attribute__((weak)) bool IslandHasForeignCode(lua_State* L) noexcept {
  (void)L;
  return false;
}

__attribute__((weak)) size_t IslandCopyLimit(lua_State* L) noexcept {
  (void)L;
  return 256 * 1024;
}

}  // namespace sloth

#include "lua/analysis/island_view.h"

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

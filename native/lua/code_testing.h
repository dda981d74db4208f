// Functions and their code, as tests look at them. Included by tests only.
#pragma once

#include "lua/internals.h"
#include "lua/pack_testing.h"

namespace sloth::testing {

inline const Proto* ProtoAt(lua_State* L, int index) {
  return static_cast<const LClosure*>(lua_topointer(L, index))->p;
}

inline Ref<Code> CodeAt(lua_State* L, int index, uint32_t* function_index) {
  return Ref<Code>(const_cast<Code*>(CodeOf(ProtoAt(L, index), function_index)));
}

inline int PushOf(Heap& heap, const Ref<Code>& code, uint32_t index) {
  return heap.Protect([&](lua_State* L) {
    PushFunctionOf(L, code, index);
    return 1;
  });
}

inline int Load(Heap& heap, const std::string& text) {
  return heap.Protect([&](lua_State* L) {
    if (luaL_loadbuffer(L, text.data(), text.size(), "@program.lua") != LUA_OK) return lua_error(L);
    AttachCode(L, -1, CodeOrigin::kWhole);
    return 1;
  });
}

// Everything about `a` and its nested functions is as in `b`, but for the heaps they are in.
inline void CheckSame(const Proto* a, const Proto* b) {
  auto same_text = [](const TString* x, const TString* y) {
    return (!x && !y) || (x && y && std::string(getstr(x), tsslen(x)) == std::string(getstr(y), tsslen(y)));
  };
  CHECK(a->numparams == b->numparams);
  CHECK(a->is_vararg == b->is_vararg);
  CHECK(a->maxstacksize == b->maxstacksize);
  CHECK(a->linedefined == b->linedefined);
  CHECK(a->lastlinedefined == b->lastlinedefined);
  CHECK(same_text(a->source, b->source));
  REQUIRE(a->sizecode == b->sizecode);
  CHECK(std::memcmp(a->code, b->code, a->sizecode * sizeof(Instruction)) == 0);
  REQUIRE(a->sizelineinfo == b->sizelineinfo);
  for (int pc = 0; pc < a->sizelineinfo; pc++) CHECK(luaG_getfuncline(a, pc) == luaG_getfuncline(b, pc));
  REQUIRE(a->sizek == b->sizek);
  for (int i = 0; i < a->sizek - 1; i++) {
    REQUIRE(ttypetag(&a->k[i]) == ttypetag(&b->k[i]));
    if (ttisstring(&a->k[i])) CHECK(same_text(tsvalue(&a->k[i]), tsvalue(&b->k[i])));
    if (ttisinteger(&a->k[i])) CHECK(ivalue(&a->k[i]) == ivalue(&b->k[i]));
    if (ttisfloat(&a->k[i])) CHECK(fltvalue(&a->k[i]) == fltvalue(&b->k[i]));
  }
  REQUIRE(a->sizeupvalues == b->sizeupvalues);
  for (int i = 0; i < a->sizeupvalues; i++) {
    CHECK(same_text(a->upvalues[i].name, b->upvalues[i].name));
    CHECK(a->upvalues[i].instack == b->upvalues[i].instack);
    CHECK(a->upvalues[i].idx == b->upvalues[i].idx);
    CHECK(a->upvalues[i].kind == b->upvalues[i].kind);
  }
  REQUIRE(a->sizelocvars == b->sizelocvars);
  for (int i = 0; i < a->sizelocvars; i++) {
    CHECK(same_text(a->locvars[i].varname, b->locvars[i].varname));
    CHECK(a->locvars[i].startpc == b->locvars[i].startpc);
    CHECK(a->locvars[i].endpc == b->locvars[i].endpc);
  }
  REQUIRE(a->sizep == b->sizep);
  for (int i = 0; i < a->sizep; i++) CheckSame(a->p[i], b->p[i]);
}

// Whether every function of the tree has its code.
inline bool AllAttached(const Proto* proto) {
  for (int i = 0; i < proto->sizep; i++) {
    if (!AllAttached(proto->p[i])) return false;
  }
  return CodeOf(proto, nullptr) != nullptr;
}

}  // namespace sloth::testing

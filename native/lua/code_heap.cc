#include "lua/code_heap.h"

namespace sloth {

namespace {

const char kBlockTag = 0;   // its address marks our blocks
const char kHolderKey = 0;  // its address is the registry key of the holder

// Constants of the holder's prototype.
enum HolderConstant { kCache, kMetatable, kHolderConstants };

bool Release(CodeBlock* block) noexcept {
  const Code* code = block->code;
  block->code = nullptr;
  if (code) code->Release();
  return code != nullptr;
}

// __gc of the userdata, which no program can see: nobody else calls it.
int CollectCode(lua_State* L) {
  Release(BlockOf(uvalue(StackValue(L, 1))));
  return 0;
}

void PushMetatable(lua_State* L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, CollectCode);
  lua_setfield(L, -2, "__gc");
}

void PushCache(lua_State* L) {
  lua_createtable(L, 0, 4);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
}

// Makes the table on top a constant of the holder and pops it.
void MoveIntoHolder(lua_State* L, Proto* holder, HolderConstant constant) {
  setobj(L, &holder->k[constant], s2v(L->top.p - 1));
  luaC_barrier(L, holder, &holder->k[constant]);
  L->top.p--;
}

// Pushes a function that does nothing, whose constants will be the holder's.
Proto* PushHolder(lua_State* L) {
  LClosure* closure = luaF_newLclosure(L, 0);
  PushObject(L, obj2gco(closure));
  Proto* proto = luaF_newproto(L);
  closure->p = proto;
  luaC_objbarrier(L, closure, proto);
  proto->maxstacksize = 2;
  proto->code = luaM_newvector(L, 1, Instruction);
  proto->sizecode = 1;
  proto->code[0] = CREATE_ABCk(OP_RETURN0, 0, 1, 0, 0);
  proto->k = luaM_newvector(L, kHolderConstants, TValue);
  proto->sizek = kHolderConstants;
  for (int i = 0; i < kHolderConstants; i++) setnilvalue(&proto->k[i]);
  return proto;
}

// The holder of L's heap, or null.
Proto* Holder(lua_State* L) {
  TValue key;
  setpvalue(&key, const_cast<char*>(&kHolderKey));
  const TValue* value = luaH_get(hvalue(&G(L)->l_registry), &key);
  return ttisLclosure(value) ? clLvalue(value)->p : nullptr;
}

size_t ReleaseIn(GCObject* list) noexcept {
  size_t count = 0;
  for (GCObject* object = list; object; object = object->next) {
    CodeBlock* block = CodeBlockIn(object);
    if (block && Release(block)) count++;
  }
  return count;
}

}  // namespace

CodeBlock* CodeBlockIn(GCObject* object) {
  if (object->tt != LUA_VUSERDATA) return nullptr;
  Udata* userdata = gco2u(object);
  if (userdata->len != sizeof(CodeBlock)) return nullptr;
  CodeBlock* block = BlockOf(userdata);
  return block->tag == &kBlockTag ? block : nullptr;
}

void ReserveStack(lua_State* L, int slots) {
  if (!lua_checkstack(L, slots)) luaM_error(L);
}

void PrepareCode(lua_State* L) {
  if (Holder(L)) return;
  ReserveStack(L, 4);
  Proto* holder = PushHolder(L);
  PushMetatable(L);
  MoveIntoHolder(L, holder, kMetatable);
  PushCache(L);
  MoveIntoHolder(L, holder, kCache);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kHolderKey);
}

void KeepPrototypes(lua_State* L, const Code* code, const uint32_t* functions, uint32_t count) {
  PrepareCode(L);
  Proto* holder = Holder(L);
  holder->p = luaM_newvector(L, count, Proto*);
  for (uint32_t i = 0; i < count; i++) holder->p[i] = nullptr;
  holder->sizep = static_cast<int>(count);
  for (uint32_t i = 0; i < count; i++) {
    holder->p[i] = PushProtoOf(L, code, functions[i]);
    luaC_objbarrier(L, holder, holder->p[i]);
    L->top.p--;
  }
}

Table* CodeCache(lua_State* L) {
  PrepareCode(L);
  return hvalue(&Holder(L)->k[kCache]);
}

GCObject* CachedObject(Table* cache, const void* address) {
  TValue key;
  setpvalue(&key, const_cast<void*>(address));
  const TValue* value = luaH_get(cache, &key);
  return iscollectable(value) ? gcvalue(value) : nullptr;
}

void CacheObject(lua_State* L, Table* cache, const void* address, GCObject* object) {
  TValue key, value;
  setpvalue(&key, const_cast<void*>(address));
  setgcovalue(L, &value, object);
  luaH_set(L, cache, &key, &value);
  luaC_objbarrierback(L, obj2gco(cache), object);
}

Udata* PushUnboundCodeUserdata(lua_State* L) {
  auto* block = static_cast<CodeBlock*>(lua_newuserdatauv(L, sizeof(CodeBlock), 1));
  *block = {&kBlockTag, nullptr};
  setobj2s(L, L->top.p, &Holder(L)->k[kMetatable]);
  L->top.p++;
  lua_setmetatable(L, -2);
  return uvalue(s2v(L->top.p - 1));
}

void BindCodeUserdata(lua_State* L, Table* cache, Udata* userdata, TString* source) {
  if (source) {
    setsvalue(L, &userdata->uv[0].uv, source);
    luaC_objbarrierback(L, obj2gco(userdata), source);
  }
  CacheObject(L, cache, BlockOf(userdata)->code, obj2gco(userdata));
}

Udata* PushCodeUserdata(lua_State* L, Table* cache, const Code* code) {
  GCObject* cached = CachedObject(cache, code);
  if (cached && BlockOf(gco2u(cached))->code == code) {
    PushObject(L, cached);
    return gco2u(cached);
  }
  Udata* userdata = PushUnboundCodeUserdata(L);
  code->AddRef();
  BlockOf(userdata)->code = code;
  BindCodeUserdata(L, cache, userdata, luaS_newlstr(L, code->source.data(), code->source.size()));
  return userdata;
}

size_t ReleaseCode(lua_State* L) { return ReleaseIn(G(L)->finobj) + ReleaseIn(G(L)->tobefnz); }

const Code* CodeOf(const Proto* proto, uint32_t* function_index) {
  if (proto->sizek < 2) return nullptr;
  const TValue* last = &proto->k[proto->sizek - 1];
  if (!ttisfulluserdata(last)) return nullptr;  // no compiler makes such a constant
  const CodeBlock* block = CodeBlockIn(gcvalue(last));
  if (!block || !block->code) return nullptr;
  if (function_index) *function_index = static_cast<uint32_t>(ivalue(last - 1));
  return block->code;
}

}  // namespace sloth

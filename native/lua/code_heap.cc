#include "lua/code_heap.h"

namespace sloth {

namespace {

const char kBlockTag = 0;      // its address marks our blocks
const char kMetatableKey = 0;  // its address is the registry key of the metatable
const char kCacheKey = 0;      // its address is the registry key of the cache

bool Release(CodeBlock* block) noexcept {
  const Code* code = block->code;
  block->code = nullptr;
  if (code) code->Release();
  return code != nullptr;
}

// __gc of the userdata. A script may reach it through the debug library and call it with anything.
int CollectCode(lua_State* L) {
  if (lua_type(L, 1) != LUA_TUSERDATA || lua_islightuserdata(L, 1)) return 0;
  if (CodeBlock* block = CodeBlockIn(gcvalue(StackValue(L, 1)))) Release(block);
  return 0;
}

void PushMetatable(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kMetatableKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, CollectCode);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kMetatableKey);
}

void PushCache(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kCacheKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 4);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kCacheKey);
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
  ReserveStack(L, 4);
  PushMetatable(L);
  PushCache(L);
  lua_pop(L, 2);
}

Table* CodeCache(lua_State* L) {
  TValue key;
  setpvalue(&key, const_cast<char*>(&kCacheKey));
  const TValue* value = luaH_get(hvalue(&G(L)->l_registry), &key);
  if (ttistable(value)) return hvalue(value);
  PrepareCode(L);
  return hvalue(luaH_get(hvalue(&G(L)->l_registry), &key));
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
  PushMetatable(L);
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

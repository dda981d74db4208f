// How one Lua heap holds code: the userdata that counts as a reference, and the cache of prototypes. Shared
// by the files code*.cc and unpack*.cc; nobody else includes it.
//
// A weak-valued cache maps the address of a Code to its userdata and the address of a FunctionCode to its
// Proto. An entry's address is good while its value is alive, since every Proto holds the userdata and that
// holds the Code. Only complete Protos enter the cache. No program must see a Proto as a value, not even
// through the debug library; so cache and metatable are constants of a holder, a function in the registry
// that does nothing: constants are out of every program's reach.
#pragma once

#include "lua/code.h"
#include "lua/internals.h"

namespace sloth {

// The block of the userdata. A finalizer may have emptied `code`.
struct CodeBlock {
  const void* tag;
  const Code* code;  // counted; null when released
};

// The block of a userdata that is known to be ours.
inline CodeBlock* BlockOf(Udata* userdata) { return reinterpret_cast<CodeBlock*>(getudatamem(userdata)); }

// The block in `object` when it is a userdata of ours, else null. Never raises.
CodeBlock* CodeBlockIn(GCObject* object);

// The cache table of L's heap, made when there is none, as by PrepareCode. Raises only for memory.
Table* CodeCache(lua_State* L);

// Pushes a new userdata whose block holds no code yet; its finalizer is already armed. Raises only for
// memory.
Udata* PushUnboundCodeUserdata(lua_State* L);

// Makes `userdata`, whose block holds a code by now, the one of its heap, and lets it keep the chunk's name
// for the Protos still to be made. Raises only for memory.
void BindCodeUserdata(lua_State* L, Table* cache, Udata* userdata, TString* source);

// Pushes the one userdata of L's heap for `code`. Raises only for memory.
Udata* PushCodeUserdata(lua_State* L, Table* cache, const Code* code);

// Appends the two constants to `proto`, or replaces those of an earlier attempt. Raises only for memory.
void AppendCodeConstants(lua_State* L, Proto* proto, uint32_t function_index, Udata* userdata);

// Makes room for `slots` more stack slots of the running function. Raises only for memory, a stack at its
// limit included.
void ReserveStack(lua_State* L, int slots);

// Enters a collectable value under an address. Raises only for memory.
void CacheObject(lua_State* L, Table* cache, const void* address, GCObject* object);

// The cached object under an address, or null. Never raises.
GCObject* CachedObject(Table* cache, const void* address);

// The prototype of function `function_index` of `code` in L's heap, pushed onto the stack as a raw value that
// Lua code must never see. Raises only for memory.
Proto* PushProtoOf(lua_State* L, const Code* code, uint32_t function_index);

// Makes prototypes of functions of `code`, which stay as long as the heap: for pristine heaps. Raises only for memory.
void KeepPrototypes(lua_State* L, const Code* code, const uint32_t* functions, uint32_t count);

// The value at a stack index of the running function; no pseudo-index.
inline TValue* StackValue(lua_State* L, int index) {
  return index > 0 ? s2v(L->ci->func.p + index) : s2v(L->top.p + index);
}

// Pushes a value without a check of the stack's size: at most five may lie above what lua_checkstack granted.
inline void PushObject(lua_State* L, GCObject* object) {
  setgcovalue(L, s2v(L->top.p), object);
  L->top.p++;
}

}  // namespace sloth

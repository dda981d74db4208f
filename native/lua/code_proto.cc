#include <cstring>

#include "lua/code_heap.h"
#include "lua/code_libraries.h"

namespace sloth {

namespace {

// The end of the subtree of function `index` in preorder.
uint32_t SubtreeEnd(const Code& code, uint32_t index) {
  while (!code.functions[index].children.empty()) index = code.functions[index].children.back();
  return index + 1;
}

// The finished prototype of a function if this heap has it, else null.
Proto* CachedProto(Table* cache, const Code* code, uint32_t index) {
  GCObject* object = CachedObject(cache, &code->functions[index]);
  return object && CodeOf(gco2p(object), nullptr) == code ? gco2p(object) : nullptr;
}

TString* NewString(lua_State* L, Proto* proto, const std::string& text) {
  TString* string = luaS_newlstr(L, text.data(), text.size());
  luaC_objbarrier(L, proto, string);
  return string;
}

void FillConstants(lua_State* L, Proto* proto, const FunctionCode& function, uint32_t index,
                   Udata* userdata) {
  auto count = static_cast<int>(function.constants.size());
  int size = count + 2;
  proto->k = luaM_newvector(L, size, TValue);
  proto->sizek = size;
  for (int i = 0; i < size; i++) setnilvalue(&proto->k[i]);
  for (int i = 0; i < count; i++) {
    const CodeConstant& constant = function.constants[i];
    TValue* value = &proto->k[i];
    switch (constant.kind) {
      case CodeConstant::Kind::kNil: break;
      case CodeConstant::Kind::kFalse: setbfvalue(value); break;
      case CodeConstant::Kind::kTrue: setbtvalue(value); break;
      case CodeConstant::Kind::kInteger: setivalue(value, constant.integer); break;
      case CodeConstant::Kind::kFloat: setfltvalue(value, constant.number); break;
      case CodeConstant::Kind::kString: setsvalue(L, value, NewString(L, proto, constant.text)); break;
    }
  }
  setivalue(&proto->k[count], index);
  setuvalue(L, &proto->k[count + 1], userdata);
  luaC_objbarrier(L, proto, userdata);
}

void FillUpvalues(lua_State* L, Proto* proto, const FunctionCode& function) {
  auto count = static_cast<int>(function.upvalues.size());
  if (count == 0) return;
  proto->upvalues = luaM_newvector(L, count, Upvaldesc);
  proto->sizeupvalues = count;
  for (int i = 0; i < count; i++) {
    const CodeUpvalue& upvalue = function.upvalues[i];
    // Field by field: the bytes between them stay zero, as snapshots need it.
    proto->upvalues[i].name = nullptr;
    proto->upvalues[i].instack = static_cast<lu_byte>(upvalue.in_stack);
    proto->upvalues[i].idx = upvalue.index;
    proto->upvalues[i].kind = upvalue.kind;
  }
  for (int i = 0; i < count; i++) {
    const std::string& name = function.upvalues[i].name;
    if (!name.empty()) proto->upvalues[i].name = NewString(L, proto, name);
  }
}

void FillLocals(lua_State* L, Proto* proto, const FunctionCode& function) {
  auto count = static_cast<int>(function.locals.size());
  if (count == 0) return;
  proto->locvars = luaM_newvector(L, count, LocVar);
  proto->sizelocvars = count;
  for (int i = 0; i < count; i++) {
    proto->locvars[i] = {nullptr, function.locals[i].start_pc, function.locals[i].end_pc};
  }
  for (int i = 0; i < count; i++) proto->locvars[i].varname = NewString(L, proto, function.locals[i].name);
}

// What a heap points at for `items`, which is not empty: the items themselves where every heap may, else a copy.
template <typename T, typename From>
T* ShareArray(lua_State* L, std::span<const From> items) {
  static_assert(sizeof(T) == sizeof(From));
  if (IsSharedArray(items.data())) {
    G(L)->GCdebt += static_cast<l_mem>(items.size_bytes());  // Lua takes it off again when it frees the prototype
    return reinterpret_cast<T*>(const_cast<From*>(items.data()));
  }
  T* copy = luaM_newvector(L, items.size(), T);
  std::memcpy(static_cast<void*>(copy), items.data(), items.size_bytes());
  return copy;
}

void FillInstructions(lua_State* L, Proto* proto, const FunctionCode& function) {
  proto->code = ShareArray<Instruction>(L, function.instructions);
  proto->sizecode = static_cast<int>(function.instructions.size());
  if (!function.line_deltas.empty()) {
    proto->lineinfo = ShareArray<ls_byte>(L, function.line_deltas);
    proto->sizelineinfo = static_cast<int>(function.line_deltas.size());
  }
  if (!function.absolute_lines.empty()) {
    proto->abslineinfo = ShareArray<AbsLineInfo>(L, function.absolute_lines);
    proto->sizeabslineinfo = static_cast<int>(function.absolute_lines.size());
  }
}

// Moves the finished children, which lie below `proto` on the stack with the first one on top, into it, and
// leaves `proto` in their place.
void AdoptChildren(lua_State* L, Proto* proto, const FunctionCode& function) {
  auto count = static_cast<int>(function.children.size());
  if (count == 0) return;
  proto->p = luaM_newvector(L, count, Proto*);
  proto->sizep = count;
  for (int i = 0; i < count; i++) {
    proto->p[i] = gco2p(gcvalue(s2v(L->top.p - 2 - i)));
    luaC_objbarrier(L, proto, proto->p[i]);
  }
  L->top.p -= count + 1;
  PushObject(L, obj2gco(proto));
}

// Pushes the prototype of a function whose children are on the stack, taking those off.
Proto* PushNewProto(lua_State* L, Table* cache, const Code* code, uint32_t index, Udata* userdata) {
  const FunctionCode& function = code->functions[index];
  Proto* proto = luaF_newproto(L);
  PushObject(L, obj2gco(proto));
  proto->numparams = function.parameter_count;
  proto->is_vararg = function.is_vararg;
  proto->maxstacksize = function.max_stack;
  proto->linedefined = function.line_defined;
  proto->lastlinedefined = function.last_line;
  const TValue* source = &userdata->uv[0].uv;
  if (ttisstring(source)) {
    proto->source = tsvalue(source);
    luaC_objbarrier(L, proto, proto->source);
  }
  AdoptChildren(L, proto, function);
  FillInstructions(L, proto, function);
  FillUpvalues(L, proto, function);
  FillLocals(L, proto, function);
  FillConstants(L, proto, function, index, userdata);
  CacheObject(L, cache, &function, obj2gco(proto));
  return proto;
}

}  // namespace

Proto* PushProtoOf(lua_State* L, const Code* code, uint32_t function_index) {
  CHECK(function_index < code->functions.size());
  EnsureLibrariesOf(L, code->functions[function_index]);
  ReserveStack(L, 8);
  Table* cache = CodeCache(L);
  if (Proto* proto = CachedProto(cache, code, function_index)) {
    PushObject(L, obj2gco(proto));
    return proto;
  }
  Udata* userdata = PushCodeUserdata(L, cache, code);
  // Backwards through preorder, children are made before their parents and wait on the stack.
  for (uint32_t i = SubtreeEnd(*code, function_index); i-- > function_index;) {
    ReserveStack(L, 2);
    Proto* proto = CachedProto(cache, code, i);
    if (proto) {
      L->top.p -= code->functions[i].children.size();
      PushObject(L, obj2gco(proto));
    } else {
      PushNewProto(L, cache, code, i, userdata);
    }
  }
  Proto* proto = gco2p(gcvalue(s2v(L->top.p - 1)));
  setobjs2s(L, L->top.p - 2, L->top.p - 1);  // in place of the userdata
  L->top.p--;
  return proto;
}

void PushFunctionOf(lua_State* L, const Ref<Code>& code, uint32_t function_index) {
  Proto* proto = PushProtoOf(L, code.get(), function_index);
  LClosure* closure = luaF_newLclosure(L, proto->sizeupvalues);
  closure->p = proto;
  setclLvalue2s(L, L->top.p - 1, closure);  // in place of the prototype
  luaF_initupvals(L, closure);
  luaC_checkGC(L);
}

}  // namespace sloth

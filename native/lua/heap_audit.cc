#include "lua/heap_audit.h"

#include <cstring>

#include "lua/code_heap.h"

namespace sloth {
namespace {

// One walk; stops looking closely after the first problem.
class Audit {
 public:
  Audit(lua_State* main, const HeapBounds& bounds) : main_(main), global_(G(main)), bounds_(bounds) {}

  const char* Run() {
    Check(main_, sizeof(lua_State), "the main thread lies outside");
    Check(global_, sizeof(global_State), "the global state lies outside");
    Check(global_->strt.hash, static_cast<size_t>(global_->strt.size) * sizeof(TString*), "the table of strings lies outside");
    if (problem_) return problem_;
    Value(&global_->l_registry);
    for (const Table* metatable : global_->mt) Pointer(metatable);
    for (const TString* name : global_->tmname) Pointer(name);
    Pointer(global_->memerrmsg);
    for (const auto& row : global_->strcache) {
      for (const TString* string : row) Pointer(string);
    }
    Thread(main_);
    for (GCObject* list : {global_->allgc, global_->finobj, global_->tobefnz, global_->fixedgc}) {
      for (const GCObject* object = list; object && !problem_; object = object->next) Object(object);
    }
    return problem_;
  }

 private:
  void Report(const char* problem) {
    if (!problem_) problem_ = problem;
  }
  bool Check(const void* block, size_t size, const char* problem) {
    if (size == 0 || bounds_.owns(bounds_.context, block, size)) return true;
    Report(problem);
    return false;
  }
  // Arrays of code may be shared.
  void Array(const void* block, size_t size) {
    if (size > 0 && !IsSharedArray(block)) Check(block, size, "an array of a function's code lies outside");
  }
  void Pointer(const void* object) {
    if (object) Check(object, sizeof(GCObject), "a pointer to an object leads outside");
  }
  void Value(const TValue* value) {
    if (iscollectable(value)) Pointer(gcvalue(value));
  }

  void Object(const GCObject* object) {
    if (!Check(object, sizeof(GCObject), "a list of objects leads outside")) return;
    if (isdead(global_, object)) return;  // what it refers to may be gone
    auto* mutable_object = const_cast<GCObject*>(object);
    switch (object->tt) {
      case LUA_VSHRSTR:
      case LUA_VLNGSTR: return String(gco2ts(mutable_object));
      case LUA_VTABLE: return Fields(gco2t(mutable_object));
      case LUA_VUSERDATA: return Userdata(gco2u(mutable_object));
      case LUA_VLCL: return Closure(gco2lcl(mutable_object));
      case LUA_VCCL: {
        const CClosure* closure = gco2ccl(mutable_object);
        Check(closure, sizeCclosure(closure->nupvalues), "a C closure lies outside");
        for (int i = 0; i < closure->nupvalues; i++) Value(&closure->upvalue[i]);
        return;
      }
      case LUA_VUPVAL: {
        const UpVal* upvalue = gco2upv(mutable_object);
        if (Check(upvalue->v.p, sizeof(TValue), "an upvalue leads outside")) Value(upvalue->v.p);
        return;
      }
      case LUA_VPROTO: return Prototype(gco2p(mutable_object));
      case LUA_VTHREAD: return Thread(gco2th(mutable_object));
      default: return Report("an object has no type");
    }
  }

  void String(TString* string) {
    size_t length = tsslen(string);
    if (!Check(string, sizelstring(length), "a string lies outside")) return;
    if (getstr(string)[length] != '\0') return Report("a string has lost its end");
    if (string->tt == LUA_VLNGSTR) return;
    if (luaS_hash(getstr(string), length, global_->seed) != string->hash) return Report("a string has another text than its hash says");
    const TString* found = global_->strt.hash[lmod(string->hash, global_->strt.size)];
    while (found && found != string) {
      if (!Check(found, offsetof(TString, contents), "a chain of strings leads outside")) return;
      found = found->u.hnext;
    }
    if (!found) Report("a string is not found in its table");
  }

  void Fields(Table* table) {
    if (!Check(table, sizeof(Table), "a table lies outside")) return;
    Pointer(table->metatable);
    unsigned int array_size = luaH_realasize(table);
    if (!Check(table->array, array_size * sizeof(TValue), "the array of a table lies outside")) return;
    for (unsigned int i = 0; i < array_size; i++) Value(&table->array[i]);
    if (isdummy(table)) return;
    if (!Check(table->node, sizenode(table) * sizeof(Node), "the fields of a table lie outside")) return;
    for (int i = 0; i < sizenode(table); i++) {
      const Node* node = gnode(table, i);
      if (isempty(gval(node))) continue;  // its key may be dead
      Value(gval(node));
      TValue key;
      getnodekey(main_, &key, node);
      Value(&key);
      if (!problem_ && luaH_get(table, &key) != gval(node)) Report("a key is not found in its table");
    }
  }

  void Userdata(Udata* userdata) {
    if (!Check(userdata, sizeudata(userdata->nuvalue, userdata->len), "a userdata lies outside")) return;
    Pointer(userdata->metatable);
    for (int i = 0; i < userdata->nuvalue; i++) Value(&userdata->uv[i].uv);
  }

  void Closure(LClosure* closure) {
    if (!Check(closure, sizeLclosure(closure->nupvalues), "a closure lies outside")) return;
    Pointer(closure->p);
    for (int i = 0; i < closure->nupvalues; i++) Pointer(closure->upvals[i]);
  }

  void Prototype(Proto* proto) {
    if (!Check(proto, sizeof(Proto), "a prototype lies outside")) return;
    Pointer(proto->source);
    Array(proto->code, proto->sizecode * sizeof(Instruction));
    Array(proto->lineinfo, proto->sizelineinfo * sizeof(ls_byte));
    Array(proto->abslineinfo, proto->sizeabslineinfo * sizeof(AbsLineInfo));
    if (Check(proto->k, proto->sizek * sizeof(TValue), "constants lie outside")) {
      for (int i = 0; i < proto->sizek; i++) Value(&proto->k[i]);
    }
    if (Check(proto->p, proto->sizep * sizeof(Proto*), "nested prototypes lie outside")) {
      for (int i = 0; i < proto->sizep; i++) Pointer(proto->p[i]);
    }
    if (Check(proto->upvalues, proto->sizeupvalues * sizeof(Upvaldesc), "descriptions of upvalues lie outside")) {
      for (int i = 0; i < proto->sizeupvalues; i++) Pointer(proto->upvalues[i].name);
    }
    if (Check(proto->locvars, proto->sizelocvars * sizeof(LocVar), "descriptions of locals lie outside")) {
      for (int i = 0; i < proto->sizelocvars; i++) Pointer(proto->locvars[i].varname);
    }
  }

  void Thread(lua_State* thread) {
    if (!Check(thread, sizeof(lua_State), "a thread lies outside") || !thread->stack.p) return;
    if (G(thread) != global_) return Report("a thread belongs to another heap");
    if (!Check(thread->stack.p, (stacksize(thread) + EXTRA_STACK) * sizeof(union ::StackValue), "a stack lies outside")) return;
    for (StkId slot = thread->stack.p; slot < thread->top.p; slot++) Value(s2v(slot));
    for (const CallInfo* call = thread->base_ci.next; call; call = call->next) {
      if (!Check(call, sizeof(CallInfo), "a call's record lies outside")) return;
    }
    for (const UpVal* upvalue = thread->openupval; upvalue; upvalue = upvalue->u.open.next) {
      if (!Check(upvalue, sizeof(UpVal), "a list of upvalues leads outside")) return;
    }
  }

  lua_State* const main_;
  global_State* const global_;
  const HeapBounds& bounds_;
  const char* problem_ = nullptr;
};

bool HasStableHash(const Node* node) {
  switch (keytt(node)) {
    case LUA_VNUMINT:
    case LUA_VNUMFLT:
    case LUA_VFALSE:
    case LUA_VTRUE:
    case LUA_VLIGHTUSERDATA:  // addresses of the program itself
    case LUA_VLCF: return true;
    default: return keytt(node) == ctb(LUA_VSHRSTR) || keytt(node) == ctb(LUA_VLNGSTR);
  }
}

}  // namespace

const char* FindHeapProblem(lua_State* main, const HeapBounds& bounds) { return Audit(main, bounds).Run(); }

const char* FindPristineProblem(lua_State* main, const Code* code) {
  const global_State* global = G(main);
  for (const GCObject* list : {global->allgc, global->finobj, global->tobefnz, global->fixedgc}) {
    for (const GCObject* object = list; object; object = object->next) {
      auto* mutable_object = const_cast<GCObject*>(object);
      if (object->tt == LUA_VTABLE) {
        const Table* table = gco2t(mutable_object);
        for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
          const Node* node = gnode(table, i);
          if (!isempty(gval(node)) && !HasStableHash(node)) return "a table has a key that hashes by its address";
        }
      }
      if (object->tt == LUA_VUSERDATA) {
        const Udata* userdata = gco2u(mutable_object);
        bool is_stream = userdata->metatable && userdata->len == sizeof(luaL_Stream) && userdata->nuvalue == 0;
        bool is_random = !userdata->metatable && userdata->len == 4 * sizeof(uint64_t);
        const CodeBlock* block = CodeBlockIn(mutable_object);
        bool is_code = code && block && block->code == code;
        if (!is_stream && !is_random && !is_code) return "there is a userdata that may hold a reference";
      }
    }
  }
  return nullptr;
}

}  // namespace sloth

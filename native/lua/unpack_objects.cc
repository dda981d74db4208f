// Introduces objects: pushes or makes each value of a parcel where it is first named.
#include "lua/code_heap.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/unpack.h"
#include "lua/write_back.h"

namespace sloth {

// Leaves the value in `out` only: the caller stores it before it allocates again.
void Unpacker::Read(TValue* out) {
  switch (reader_.Tag()) {
    case PackTag::kNil: setnilvalue(out); return;
    case PackTag::kFalse: setbfvalue(out); return;
    case PackTag::kTrue: setbtvalue(out); return;
    case PackTag::kSmallInteger: setivalue(out, reader_.Fixed<int8_t>()); return;
    case PackTag::kInteger: setivalue(out, reader_.Fixed<int64_t>()); return;
    case PackTag::kFloat: setfltvalue(out, reader_.Fixed<double>()); return;
    case PackTag::kObject: *out = objects_[reader_.Varint()]; return;
    case PackTag::kString: ReadString(out); return;
    case PackTag::kTable: {
      Table* table = luaH_new(L_);
      sethvalue(L_, out, table);
      Introduce(out);
      Enqueue();
      return;
    }
    case PackTag::kFunction: ReadFunction(out); return;
    case PackTag::kLibraryTable: ReadLibraryTable(out); return;
    case PackTag::kLibraryFunction: ReadLibraryFunction(out); return;
    case PackTag::kCFunction: setfvalue(out, reader_.Fixed<lua_CFunction>()); return;
    case PackTag::kHandle: ReadHandle(out); return;
    case PackTag::kWrittenTable: ReadWrittenTable(out); return;
    case PackTag::kUpvalue: break;  // stands in records of functions only
  }
  Unreachable();
}

void Unpacker::ReadString(TValue* out) {
  size_t length = reader_.Varint();
  TString* string = luaS_newlstr(L_, reader_.Bytes(length), length);
  setsvalue(L_, out, string);
  Introduce(out);
}

void Unpacker::ReadFunction(TValue* out) {
  const auto* code = static_cast<const Code*>(parcel_->codes[reader_.Varint()].get());
  auto function_index = static_cast<uint32_t>(reader_.Varint());
  Proto* proto = PushProtoOf(L_, code, function_index);
  LClosure* closure = luaF_newLclosure(L_, proto->sizeupvalues);
  closure->p = proto;
  L_->top.p--;
  setclLvalue(L_, out, closure);
  Introduce(out);
  Enqueue();
}

// Pops the value on top into `out`.
void Unpacker::TakePushed(TValue* out) {
  setobj(L_, out, s2v(L_->top.p - 1));
  L_->top.p--;
  Introduce(out);
}

// Pushes a name as a C string that stays valid while it is on the stack.
void Unpacker::PushName() {
  size_t length = reader_.Varint();
  lua_pushlstring(L_, reader_.Bytes(length), length);
}

void Unpacker::ReadLibraryTable(TValue* out) {
  PushName();
  PushLibrary(L_, lua_tostring(L_, -1));
  lua_remove(L_, -2);
  TakePushed(out);
}

void Unpacker::ReadLibraryFunction(TValue* out) {
  PushName();
  PushName();
  PushLibrary(L_, lua_tostring(L_, -2));  // library, field, table
  if (lua_istable(L_, -1)) {
    lua_pushvalue(L_, -2);
    lua_rawget(L_, -2);
    lua_remove(L_, -2);
  }
  // What only the Lua part of a module sees is in no table.
  const Module* module = ModulesOf(L_).Find(lua_tostring(L_, -3));
  const ModuleFunction* function = module ? module->Find(lua_tostring(L_, -2)) : nullptr;
  if (function && !lua_iscfunction(L_, -1)) {
    PushModuleFunction(L_, function);
    lua_remove(L_, -2);
  }
  lua_replace(L_, -3);
  lua_pop(L_, 1);
  TakePushed(out);
}

void Unpacker::ReadHandle(TValue* out) {
  const HandleRef& reference = parcel_->handles[reader_.Varint()];
  PushHandle(L_, reference.handle.get(), reference.view);
  TakePushed(out);
}

void Unpacker::ReadWrittenTable(TValue* out) {
  PushStandIn(L_, static_cast<WriteBack*>(parcel_->handles[reader_.Varint()].handle.get()));
  TakePushed(out);
}

}  // namespace sloth

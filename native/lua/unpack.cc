#include "lua/unpack.h"

#include <algorithm>
#include <iterator>

#include "base/cruelty.h"
#include "lua/code_heap.h"
#include "lua/heap.h"
#include "lua/library.h"
#include "lua/pack.h"
#include "lua/snapshot.h"
#include "lua/pack_host.h"

namespace sloth {

namespace {

const TValue kAbsent = {{}, LUA_VABSTKEY};

constexpr int kWorkSlots = 12;  // what one value needs on the stack while it is made

void CollectIfCruel(lua_State* L) {
  if (IsCruel(Cruelty::kCollect)) lua_gc(L, LUA_GCCOLLECT);
}

// Pops the table of captured globals and fields and puts them where they belong. Only now, with every library
// function resolved, may the libraries change.
void SetCaptured(lua_State* L, const PackHeader& header) {
  int captured = lua_gettop(L);
  lua_Integer next = 1;
  lua_pushglobaltable(L);
  for (uint32_t i = 0; i < header.globals; i++) {
    lua_rawgeti(L, captured, next++);
    lua_rawgeti(L, captured, next++);
    lua_rawset(L, -3);
  }
  lua_settop(L, captured);
  for (uint32_t i = 0; i < header.fields; i++) {
    lua_rawgeti(L, captured, next++);
    PushLibrary(L, lua_tostring(L, -1));
    lua_rawgeti(L, captured, next++);
    lua_rawgeti(L, captured, next++);
    if (lua_istable(L, -3)) lua_rawset(L, -3);
    lua_settop(L, captured);
  }
  lua_settop(L, captured - 1);
}

}  // namespace

const PackHeader& Unpacker::Begin() {
  ReserveStack(L_, kWorkSlots);
  header_ = reader_.Fixed<PackHeader>();
  if (header_.objects <= kInlineObjects) {
    objects_ = inline_objects_;
    records_ = inline_records_;
    lua_pushnil(L_);
  } else {
    size_t record_bytes = header_.records * sizeof(uint32_t);
    objects_ = static_cast<TValue*>(lua_newuserdatauv(L_, header_.objects * sizeof(TValue) + record_bytes, 0));
    records_ = reinterpret_cast<uint32_t*>(objects_ + header_.objects);
  }
  return header_;
}

void Unpacker::PushRoot() {
  TValue value;
  Read(&value);
  setobj2s(L_, L_->top.p, &value);
  L_->top.p++;
}

void Unpacker::PushRootTable(uint32_t count) {
  lua_createtable(L_, static_cast<int>(count), 0);
  Table* table = hvalue(s2v(L_->top.p - 1));
  for (uint32_t i = 0; i < count; i++) {
    TValue value;
    Read(&value);
    setobj2t(L_, &table->array[i], &value);
    luaC_barrierback(L_, obj2gco(table), &value);
  }
}

void Unpacker::Finish() {
  for (uint32_t i = 0; i < record_count_; i++) {
    GCObject* object = gcvalue(&objects_[records_[i]]);
    switch (object->tt) {
      case LUA_VTABLE: ReadTableRecord(gco2t(object)); break;
      case LUA_VLCL: ReadFunctionRecord(gco2lcl(object)); break;
      case LUA_VUPVAL: ReadUpvalueRecord(gco2upv(object)); break;
      default: Unreachable();
    }
    luaC_checkGC(L_);
  }
}

void Unpacker::ReadTableRecord(Table* table) {
  TableShape shape = reader_.Shape();
  if (shape.array_size | shape.hash_size) luaH_resize(L_, table, shape.array_size, shape.hash_size);
  TValue value;
  if (shape.has_metatable) {
    Read(&value);
    if (ttistable(&value)) {
      table->metatable = hvalue(&value);
      luaC_objbarrier(L_, obj2gco(table), table->metatable);
    }
  }
  for (uint32_t i = 0; i < shape.array_size; i++) {
    Read(&value);
    setobj2t(L_, &table->array[i], &value);
    luaC_barrierback(L_, obj2gco(table), &value);
  }
  for (uint32_t i = 0; i < shape.hash_size; i++) {
    Read(&value);
    setobj2s(L_, L_->top.p, &value);
    L_->top.p++;  // the key, while the value is made
    Read(&value);
    // No key comes twice and the room is there, so this neither searches nor allocates.
    luaH_finishset(L_, table, s2v(L_->top.p - 1), &kAbsent, &value);
    luaC_barrierback(L_, obj2gco(table), &value);
    L_->top.p--;
  }
  invalidateTMcache(table);
}

void Unpacker::ReadFunctionRecord(LClosure* closure) {
  for (int i = 0; i < closure->nupvalues; i++) {
    UpVal* upvalue;
    if (reader_.Tag() == PackTag::kObject) {
      uint64_t number = reader_.Varint();
      GCObject* shared = gcvalue(&objects_[number]);
      upvalue = gco2upv(shared);
    } else {
      GCObject* fresh = luaC_newobj(L_, LUA_VUPVAL, sizeof(UpVal));
      upvalue = gco2upv(fresh);
      upvalue->v.p = &upvalue->u.value;
      setnilvalue(upvalue->v.p);
      TValue value;
      setgcovalue(L_, &value, obj2gco(upvalue));
      Introduce(&value);
      Enqueue();
    }
    closure->upvals[i] = upvalue;
    luaC_objbarrier(L_, closure, upvalue);
  }
}

void Unpacker::ReadUpvalueRecord(UpVal* upvalue) {
  TValue value;
  Read(&value);
  setobj(L_, upvalue->v.p, &value);
  luaC_barrier(L_, upvalue, &value);
}

int UnpackValues(lua_State* L, const Value& value) {
  ReserveStack(L, kWorkSlots);
  switch (value.kind()) {
    case ValueKind::kNil: lua_pushnil(L); return 1;
    case ValueKind::kFalse: lua_pushboolean(L, 0); return 1;
    case ValueKind::kTrue: lua_pushboolean(L, 1); return 1;
    case ValueKind::kInteger: lua_pushinteger(L, value.integer()); return 1;
    case ValueKind::kFloat: lua_pushnumber(L, value.number()); return 1;
    case ValueKind::kShortString: lua_pushlstring(L, value.text(), value.text_length()); return 1;
    case ValueKind::kHandle: PushHandle(L, value.handle(), value.view()); return 1;
    case ValueKind::kParcel: break;
  }
  if (value.parcel()->of_host) [[unlikely]] return UnpackFromHost(L, value);
  CollectIfCruel(L);
  Unpacker unpacker(L, value.parcel());
  auto count = static_cast<int>(unpacker.Begin().values);
  int bookkeeping = lua_gettop(L);
  ReserveStack(L, count + kWorkSlots);
  for (int i = 0; i < count; i++) unpacker.PushRoot();
  unpacker.Finish();
  lua_remove(L, bookkeeping);
  CollectIfCruel(L);
  return count;
}

SnapshotKey NeedsOfSpawn(const Value& value) noexcept {
  const PackHeader header = UnpackReader(value.parcel()).Fixed<PackHeader>();
  SnapshotKey key;
  key.libraries = header.libraries & kEveryLibrary ? kEveryLibrary : header.libraries & ~AlwaysOpenLibraries();
  key.kinds = header.kinds;
  static_assert(std::size(header.functions) == SnapshotKey::kMostFunctions);
  if (header.function_count > 0) key.code = static_cast<const Code*>(value.parcel()->codes[0].get());
  key.function_count = header.function_count;
  std::copy_n(header.functions, header.function_count, key.functions);
  return key;
}

int UnpackSpawn(lua_State* L, const Value& value) {
  CHECK(value.kind() == ValueKind::kParcel);
  CollectIfCruel(L);
  Unpacker unpacker(L, value.parcel());
  const PackHeader header = unpacker.Begin();
  int bookkeeping = lua_gettop(L);
  ReserveStack(L, static_cast<int>(header.values) + kWorkSlots);
  for (uint32_t i = 0; i < header.values; i++) unpacker.PushRoot();
  uint32_t captured_count = header.globals * 2 + header.fields * 3;
  if (captured_count) unpacker.PushRootTable(captured_count);
  unpacker.Finish();
  if (captured_count) SetCaptured(L, header);
  lua_remove(L, bookkeeping);
  CollectIfCruel(L);
  return static_cast<int>(header.values) - 1;
}

}  // namespace sloth

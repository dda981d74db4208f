// Writes the records of queued objects: what tables, Lua functions and upvalues contain.
#include "lua/pack_walk.h"

namespace sloth {

namespace {

struct ArrayCount {
  uint32_t last = 0;    // index of the last value that is not nil
  uint32_t filled = 0;  // how many are not nil
};

ArrayCount CountArray(const Table* table, uint32_t size) {
  ArrayCount count;
  for (uint32_t i = 0; i < size; i++) {
    if (isempty(&table->array[i])) continue;
    count.filled++;
    count.last = i + 1;
  }
  return count;
}

PackStep Field(lua_State* L, const Node* node) {
  PackStep step{PackStep::Kind::kField};
  getnodekey(L, &step.key, node);
  return step;
}

PackStep Element(uint32_t index) {
  PackStep step{PackStep::Kind::kField};
  setivalue(&step.key, index);
  return step;
}

}  // namespace

bool Packer::WriteRecord(uint32_t index) {
  GCObject* object = queue_[index].object;
  PackOrigin here{index, RootKind::kNone};
  if (TooLarge()) return RefuseSize();
  switch (object->tt) {
    case LUA_VTABLE: return WriteTable(gco2t(object), here);
    case LUA_VLCL: return WriteFunction(gco2lcl(object), here);
    case LUA_VUPVAL:
      return PackValue(gco2upv(object)->v.p, here) || FailedAt(here, {PackStep::Kind::kContent});
    default: Unreachable();
  }
}

bool Packer::WriteTable(const Table* table, const PackOrigin& here) {
  size_t place;
  if (!writer_.Skip(kTableShapeBytes, &place)) return NoMemory();
  TableShape shape{0, 0, table->metatable != nullptr};
  if (table->metatable && !WriteMetatable(table, here)) return false;
  uint32_t array_size = luaH_realasize(table);
  if (array_size) {
    ArrayCount count = CountArray(table, array_size);
    if (count.filled * 2ULL >= count.last) {
      shape.array_size = count.last;
      if (!WriteArray(table, count.last, here)) return false;
    } else {  // mostly holes
      shape.hash_size = count.filled;
      if (!WriteArrayEntries(table, count.last, here)) return false;
    }
  }
  if (!isdummy(table) && !WriteNodes(table, here, &shape.hash_size)) return false;
  writer_.PatchShape(place, shape);
  return true;
}

bool Packer::WriteMetatable(const Table* table, const PackOrigin& here) {
  Table* metatable = table->metatable;
  PackStep step{PackStep::Kind::kMetatable};
  if (!ttisnil(luaH_getshortstr(metatable, G(L_)->tmname[TM_GC]))) {
    return Refuse("a table with a finalizer cannot leave its island") || FailedAt(here, {});
  }
  if (!ttisnil(luaH_getshortstr(metatable, G(L_)->tmname[TM_MODE]))) {
    return Refuse("a weak table cannot leave its island") || FailedAt(here, {});
  }
  return PackTable(metatable, here) || FailedAt(here, step);
}

bool Packer::WriteArray(const Table* table, uint32_t size, const PackOrigin& here) {
  for (uint32_t i = 0; i < size; i++) {
    if (!PackValue(&table->array[i], here)) return FailedAt(here, Element(i + 1));
    if (TooLarge()) return RefuseSize();
  }
  return true;
}

bool Packer::WriteArrayEntries(const Table* table, uint32_t size, const PackOrigin& here) {
  for (uint32_t i = 0; i < size; i++) {
    if (isempty(&table->array[i])) continue;
    if (!writer_.Integer(i + 1)) return NoMemory();
    if (!PackValue(&table->array[i], here)) return FailedAt(here, Element(i + 1));
    if (TooLarge()) return RefuseSize();
  }
  return true;
}

bool Packer::WriteNodes(const Table* table, const PackOrigin& here, uint32_t* count) {
  const Node* end = gnode(table, sizenode(table));
  for (const Node* node = gnode(table, 0); node < end; node++) {
    if (isempty(gval(node))) continue;
    (*count)++;
    if (keyisshrstr(node)) {
      if (!PackString(keystrval(node))) return false;
    } else {
      TValue key;
      getnodekey(L_, &key, node);
      if (!PackValue(&key, here)) return FailedAt(here, {PackStep::Kind::kKey, key});
    }
    if (!PackValue(gval(node), here)) return FailedAt(here, Field(L_, node));
    if (TooLarge()) return RefuseSize();
  }
  return true;
}

bool Packer::WriteFunction(const LClosure* closure, const PackOrigin& here) {
  for (int i = 0; i < closure->nupvalues; i++) {
    UpVal* upvalue = closure->upvals[i];
    switch (Mentioned(upvalue)) {
      case Mention::kFailed: return false;
      case Mention::kAgain: break;
      case Mention::kFirst:
        if (!writer_.Tag(PackTag::kUpvalue)) return NoMemory();
        if (!Enqueue(obj2gco(upvalue), here)) return false;
    }
  }
  return true;
}

}  // namespace sloth

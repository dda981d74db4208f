#include "lua/analysis/abstract_heap.h"

#include "lua/analysis/heap_read.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

const char kNumberKeyMark = 0;
const char kAnyKeyMark = 0;

}  // namespace

bool ObjectSet::Has(ObjectId id) const {
  const ObjectId* all = items();
  for (uint32_t i = 0; i < size_; i++) {
    if (all[i] == id) return true;
  }
  return false;
}

bool ObjectSet::Equals(const ObjectSet& other) const {
  if (size_ != other.size_) return false;
  for (uint32_t i = 0; i < size_; i++) {
    if (!other.Has((*this)[i])) return false;
  }
  return true;
}

bool ObjectSet::Add(Arena* arena, ObjectId id) {
  if (Has(id)) return false;
  if (!large_ && size_ < kInline) {
    inline_[size_++] = id;
    return true;
  }
  if (!large_ || size_ == capacity_) {
    uint32_t capacity = large_ ? capacity_ * 2 : 8;
    ObjectId* items = arena->New<ObjectId>(capacity);
    for (uint32_t i = 0; i < size_; i++) items[i] = (*this)[i];
    large_ = items;
    capacity_ = capacity;
  }
  large_[size_++] = id;
  return true;
}

AbstractHeap::AbstractHeap(lua_State* L, Arena* arena) : L_(L), arena_(arena) {
  New(ObjectKind::kNone);
  New(ObjectKind::kLibraryValue);
  New(ObjectKind::kMessage);
  New(ObjectKind::kAnyCaptured);
  (*this)[New(ObjectKind::kCFunction)].model = LibraryModel::kNext;
  (*this)[New(ObjectKind::kCFunction)].model = LibraryModel::kIpairsStep;
}

ObjectId AbstractHeap::New(ObjectKind kind) {
  auto* object = arena_->New<AbstractObject>();
  object->kind = kind;
  objects_.Add(arena_, object);
  return static_cast<ObjectId>(objects_.size() - 1);
}

ObjectId AbstractHeap::Known(const void* pointer, bool* added) {
  uint32_t id;
  CHECK(ids_.TryFindOrAdd(pointer, static_cast<uint32_t>(objects_.size()), &id, added));
  if (*added) (*this)[New(ObjectKind::kNone)].pointer = pointer;
  return id;
}

ObjectId AbstractHeap::OfTable(Table* table) {
  bool added;
  ObjectId id = Known(table, &added);
  if (!added) return id;
  AbstractObject& object = (*this)[id];
  if (table == GlobalsOf(L_)) {
    object.kind = ObjectKind::kGlobals;
  } else {
    object.name = LibraryNameOf(L_, table);
    object.kind = object.name ? ObjectKind::kLibrary : ObjectKind::kTable;
  }
  return id;
}

ObjectId AbstractHeap::OfValue(const TValue* value) {
  if (ttistable(value)) return OfTable(hvalue(value));
  if (!iscollectable(value) && !ttislcf(value) && !ttislightuserdata(value)) return kNoObject;
  if (ttisstring(value)) return kNoObject;
  bool added;
  const void* pointer = ttislcf(value)             ? reinterpret_cast<const void*>(fvalue(value))
                        : ttislightuserdata(value) ? pvalue(value)
                                                   : static_cast<const void*>(gcvalue(value));
  if (!pointer) return kNoObject;
  ObjectId id = Known(pointer, &added);
  if (!added) return id;
  AbstractObject& object = (*this)[id];
  switch (ttypetag(value)) {
    case LUA_VLCL: object.kind = ObjectKind::kFunction; break;
    case LUA_VLCF:
    case LUA_VCCL:
      object.kind = ObjectKind::kCFunction;
      object.entry = EntryOf(value);
      object.model = object.entry ? ModelOf(object.entry) : LibraryModel::kStranger;
      if (ttisCclosure(value) && !object.entry && clCvalue(value)->nupvalues > 0) {
        const TValue* upvalue = &clCvalue(value)->upvalue[0];
        if (ttisfulluserdata(upvalue) && HandleOf(upvalue)) object.model = LibraryModel::kHost;
        if (ttisthread(upvalue)) object.kind = ObjectKind::kGenerator;
      }
      break;
    case LUA_VUSERDATA:
      object.kind = HandleOf(value) ? ObjectKind::kHandle : ObjectKind::kUncopyable;
      break;
    default: object.kind = ObjectKind::kUncopyable; break;
  }
  return id;
}

ObjectId AbstractHeap::OfMethod(const TString* name) {
  bool added;
  ObjectId id = Known(name, &added);  // no value's object is a string
  if (added) {
    (*this)[id].kind = ObjectKind::kMethod;
    (*this)[id].model = ModelOfMethod(TextOf(name));
  }
  return id;
}

ObjectId AbstractHeap::OfLibrary(const char* name) {
  bool added;
  ObjectId id = Known(name, &added);
  if (added) {
    (*this)[id].kind = ObjectKind::kLibrary;
    (*this)[id].name = name;
    (*this)[id].pointer = nullptr;
  }
  return id;
}

ObjectId AbstractHeap::OfEntry(const FunctionEntry* entry) {
  bool added;
  ObjectId id = Known(entry, &added);
  if (added) {
    (*this)[id].kind = ObjectKind::kCFunction;
    (*this)[id].entry = entry;
    (*this)[id].model = ModelOf(entry);
  }
  return id;
}

Contents* AbstractHeap::FindContents(ObjectId id, const TString* key) {
  for (Contents* contents = (*this)[id].contents; contents; contents = contents->next) {
    if (contents->key == key) return contents;
  }
  return nullptr;
}

ObjectSet* AbstractHeap::ContentsOf(ObjectId id, const TString* key) {
  if (Contents* found = FindContents(id, key)) return &found->values;
  auto* contents = arena_->New<Contents>();
  contents->key = key;
  contents->next = (*this)[id].contents;
  (*this)[id].contents = contents;
  return &contents->values;
}

const TString* AbstractHeap::NumberKey() { return reinterpret_cast<const TString*>(&kNumberKeyMark); }

const TString* AbstractHeap::AnyKey() { return reinterpret_cast<const TString*>(&kAnyKeyMark); }

}  // namespace sloth

// Reading and storing fields in a rehearsal.
#include "lua/analysis/heap_read.h"
#include "lua/analysis/rehearsal.h"
#include "lua/write_back.h"

namespace sloth {

bool Rehearsal::IsName(const TString* key) { return key != AbstractHeap::NumberKey() && key != AbstractHeap::AnyKey(); }

void Rehearsal::CopyContents(ObjectSet* out, ObjectId id, const TString* key) {
  for (Contents* contents = heap_[id].contents; contents; contents = contents->next) {
    bool matches = key == AbstractHeap::AnyKey() || contents->key == key || contents->key == AbstractHeap::AnyKey();
    // Two long strings may be one key at two addresses.
    if (IsName(key) && IsName(contents->key) && key->tt == LUA_VLNGSTR) matches |= TextOf(key) == TextOf(contents->key);
    if (matches) PutAll(out, contents->values);
  }
}

void Rehearsal::GetField(ObjectSet* out, ObjectId base, const TString* key, Site site) {
  if (TooMuchWork(site)) return;
  bool method = site.step && site.step->kind == StepKind::kGetField && site.step->method;
  switch (heap_[base].kind) {
    case ObjectKind::kTable: {
      Reads(base, Reading::kField, key, site);
      const TValue* value = FieldOf(heap_[base].table(), key);
      AddValue(out, value);
      CopyContents(out, base, key);
      if (isempty(value) || heap_changes_) GetThroughMetatables(out, base, key, site);
      return;
    }
    case ObjectKind::kOwnTable:
      CopyContents(out, base, key);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kGlobals: return GetGlobal(out, base, key, site);
    case ObjectKind::kLibrary: return GetLibraryField(out, base, key, site);
    case ObjectKind::kAnyCaptured: return GetOfAnyCaptured(out, key, site);
    case ObjectKind::kLibraryValue:
      CopyContents(out, base, key);
      return Put(out, method ? heap_.OfMethod(key) : kLibraryValue);
    case ObjectKind::kMessage: {
      CopyContents(out, base, key);
      if (elsewhere_->DefinesEvent(TM_INDEX)) Unknown("", site, "reads a field of a received value that may compute it");
      bool known = method && !elsewhere_->KnowsField(TextOf(key));
      if (known && IsHandleMethod(TextOf(key))) return Put(out, heap_.OfMethod(key));
      // What a string has under that name is added for every method call.
      if (known && IsStringMethod(TextOf(key))) return;
      return Put(out, kMessage);
    }
    case ObjectKind::kHandle:
    case ObjectKind::kUncopyable: return Put(out, heap_.OfMethod(key));
    case ObjectKind::kFunction:
    case ObjectKind::kCFunction:
    case ObjectKind::kOwnFunction:
      if (G(L_)->mt[LUA_TFUNCTION]) Put(out, heap_.OfMethod(key));
      return;
    default: return;
  }
}

void Rehearsal::GetElement(ObjectSet* out, ObjectId base, bool number, Site site) {
  if (TooMuchWork(site)) return;
  const TString* key = number ? AbstractHeap::NumberKey() : AbstractHeap::AnyKey();
  Reading reading = number ? Reading::kNumber : Reading::kAnything;
  switch (heap_[base].kind) {
    case ObjectKind::kTable:
      Reads(base, reading, nullptr, site);
      ListElements(base);
      PutAll(out, heap_[base].elements);
      CopyContents(out, base, key);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kOwnTable:
      CopyContents(out, base, key);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kGlobals: return Unknown("_G", site, "reads a global whose name is computed");
    case ObjectKind::kLibrary: return UseWholeLibrary(out, base, site);
    case ObjectKind::kAnyCaptured:
      Reads(base, reading, nullptr, site);
      Reads(base, Reading::kMetatable, nullptr, site);
      if (EventsOfAnyCaptured() & (1u << TM_INDEX)) {
        Unknown("", site, "reads a captured table that may compute its fields");
      }
      return Put(out, kAnyCaptured);
    case ObjectKind::kMessage:
      if (elsewhere_->DefinesEvent(TM_INDEX)) Unknown("", site, "reads a field of a received value that may compute it");
      [[fallthrough]];
    case ObjectKind::kLibraryValue:
      CopyContents(out, base, key);
      return Put(out, base);
    default: return;
  }
}

void Rehearsal::GetThroughMetatables(ObjectSet* out, ObjectId base, const TString* key, Site site) {
  ObjectSet index{};
  GetMetafield(&index, base, "__index", site);
  if (index.empty()) return;
  // Each table is asked once in a lookup, however many ways lead there.
  ObjectSet first{};
  ObjectSet* visited = visited_ ? visited_ : &first;
  if (!visited->Add(arena_, base)) return;
  depth_++;
  ObjectSet self{};
  Put(&self, base);
  const ObjectSet* sets[] = {&self, &nothing_};
  for (uint32_t i = 0; i < index.size(); i++) {
    visited_ = visited;
    if (IsFunction(index[i])) {
      ObjectSet ignored{};
      visited_ = nullptr;
      CallObject(index[i], {sets, 2, false}, {out, &ignored}, site);
    } else if (IsName(key)) {
      GetField(out, index[i], key, site);
    } else {
      GetElement(out, index[i], key == AbstractHeap::NumberKey(), site);
    }
  }
  visited_ = visited == &first ? nullptr : visited;
  depth_--;
}

void Rehearsal::ListElements(ObjectId id) {
  if (heap_[id].listed) return;
  heap_[id].listed = true;
  const Table* table = heap_[id].table();
  ObjectSet elements{};
  auto add = [&](const TValue* value) {
    ObjectId element = heap_.OfValue(value);
    if (element != kNoObject) Put(&elements, elements.size() < max_captured_ ? element : kAnyCaptured);
  };
  auto is_full = [&] { return elements.size() > max_captured_; };
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size && !is_full(); i++) {
    if (iscollectable(&table->array[i]) || ttislcf(&table->array[i])) add(&table->array[i]);
  }
  for (int i = 0; !isdummy(table) && i < sizenode(table) && !is_full(); i++) {
    const Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    TValue key;
    getnodekey(L_, &key, node);
    add(&key);
    add(gval(node));
  }
  heap_[id].elements = elements;
}

void Rehearsal::SetKey(ObjectId base, const TString* key, const ObjectSet& values, Site site) {
  if (TooMuchWork(site)) return;
  switch (heap_[base].kind) {
    case ObjectKind::kTable: {
      if (site.step && site.step->kind == StepKind::kSetField) {
        // `t.__index = t` where that is so already changes nothing.
        const TValue* value = FieldOf(heap_[base].table(), key);
        bool same_node = site.instance->facts->OperandsOf(*site.step)[0] == site.step->a;
        if (same_node && ttistable(value) && hvalue(value) == heap_[base].table()) return;
      }
      Stores(base, key, values, site);
      if (WriteBackBehind(L_, heap_[base].table())) return;  // as if the table itself were here
      return SetThroughMetatables(base, key, values, site);
    }
    case ObjectKind::kAnyCaptured:
    case ObjectKind::kLibrary: return Stores(base, key, values, site);
    case ObjectKind::kGlobals:
      if (!IsName(key)) return Unknown("_G", site, "assigns a global whose name is computed");
      return AssignsGlobal(base, key, values, site);
    case ObjectKind::kMessage:
      if (elsewhere_->DefinesEvent(TM_NEWINDEX)) Unknown("", site, "stores into a received value that may react");
      return FlowAll(heap_.ContentsOf(base, key), values);
    case ObjectKind::kLibraryValue: return FlowAll(heap_.ContentsOf(base, key), values);
    case ObjectKind::kOwnTable:
      FlowAll(heap_.ContentsOf(base, key), values);
      return SetThroughMetatables(base, key, values, site);
    default: return;
  }
}

void Rehearsal::SetThroughMetatables(ObjectId base, const TString* key, const ObjectSet& values, Site site) {
  ObjectSet handlers{};
  GetMetafield(&handlers, base, "__newindex", site);
  if (handlers.empty()) return;
  ObjectSet first{};
  ObjectSet* visited = visited_ ? visited_ : &first;
  if (!visited->Add(arena_, base)) return;
  depth_++;
  ObjectSet self{}, ignored{};
  Put(&self, base);
  const ObjectSet* sets[] = {&self, &nothing_, &values};
  for (uint32_t i = 0; i < handlers.size(); i++) {
    bool is_function = IsFunction(handlers[i]);
    visited_ = is_function ? nullptr : visited;
    if (is_function) {
      CallObject(handlers[i], {sets, 3, false}, {&ignored, &ignored}, site);
    } else {
      SetKey(handlers[i], key, values, site);
    }
  }
  visited_ = visited == &first ? nullptr : visited;
  depth_--;
}

// What leaves the goroutine is copied with all it reaches.
void Rehearsal::ReadDeeply(const ObjectSet& values, Site site) {
  if (values.empty() || heap_changes_) return;
  stamp_++;
  for (uint32_t i = 0; i < values.size(); i++) ReadObjectDeeply(values[i], site);
}

void Rehearsal::ReadObjectDeeply(ObjectId id, Site site) {
  AbstractObject& object = heap_[id];
  if (object.stamp == stamp_ || TooMuchWork(site)) return;
  object.stamp = stamp_;
  switch (object.kind) {
    case ObjectKind::kTable:
      Reads(id, Reading::kAnything, nullptr, site);
      if (object.table()->metatable) {
        Reads(id, Reading::kMetatable, nullptr, site);
        ReadObjectDeeply(heap_.OfTable(object.table()->metatable), site);
      }
      ListElements(id);
      for (uint32_t i = 0; i < object.elements.size(); i++) ReadObjectDeeply(object.elements[i], site);
      return;
    case ObjectKind::kAnyCaptured: return CopyAnyCaptured(site);
    case ObjectKind::kOwnTable:
    case ObjectKind::kLibraryValue:
    case ObjectKind::kMessage:
      for (Contents* contents = object.contents; contents; contents = contents->next) {
        for (uint32_t i = 0; i < contents->values.size(); i++) ReadObjectDeeply(contents->values[i], site);
      }
      for (uint32_t i = 0; i < object.metatables.size(); i++) ReadObjectDeeply(object.metatables[i], site);
      return;
    case ObjectKind::kFunction:
    case ObjectKind::kOwnFunction: return ReadFunctionDeeply(id, site);
    default: return;
  }
}

// A function that is copied brings the values of its upvalues along.
void Rehearsal::ReadFunctionDeeply(ObjectId function, Site site) {
  Instance* instance = InstanceOf(function);
  if (!instance) return;
  for (uint32_t i = 0; i < instance->facts->upvalue_variables.size(); i++) {
    UpvaluePlace place = PlaceOfUpvalue(instance, i);
    if (place.local) {
      for (uint32_t k = 0; k < place.local->size(); k++) ReadObjectDeeply((*place.local)[k], site);
      continue;
    }
    ReadsVariable(place.owner, place.index, site);
    ReadObjectDeeply(heap_.OfValue(place.upvalue->v.p), site);
  }
}

}  // namespace sloth

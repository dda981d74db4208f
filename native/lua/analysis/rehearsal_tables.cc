// Reading and storing fields in a rehearsal.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/rehearsal.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

// Sets of captured objects larger than this become "anything captured".
constexpr uint32_t kMaxCaptured = 32;
constexpr int kMaxDepth = 60;

const TValue* FieldOf(const Table* table, const TString* key) {
  return luaH_getstr(const_cast<Table*>(table), const_cast<TString*>(key));
}

bool IsName(const TString* key) { return key != AbstractHeap::NumberKey() && key != AbstractHeap::AnyKey(); }

}  // namespace

void Rehearsal::NoteTable(TableUse::Kind kind, const TString* name, Site site) {
  static const char kMarks[8] = {};
  const void* identity = kind == TableUse::Kind::kField ? static_cast<const void*>(name) : &kMarks[static_cast<int>(kind)];
  if (!IsNew(identity, kind == TableUse::Kind::kField ? 1 : 0)) return;
  NodeId base = kPlainNode;
  if (site.step) {
    bool is_call = site.step->kind == StepKind::kCall || site.step->kind == StepKind::kOperate;
    bool has_base = is_call ? site.step->operand_count > 0 : site.step->kind == StepKind::kGetField ||
                                                                 site.step->kind == StepKind::kGetElement;
    if (has_base) base = is_call ? site.instance->facts->OperandsOf(*site.step)[0] : site.step->a;
  }
  tables.Add(arena_, {kind, name, base, site});
}

void Rehearsal::CopyContents(ObjectSet* out, ObjectId id, const TString* key) {
  for (Contents* contents = heap_[id].contents; contents; contents = contents->next) {
    bool matches = key == AbstractHeap::AnyKey() || contents->key == key || contents->key == AbstractHeap::AnyKey();
    // Two long strings may be one key at two addresses.
    if (IsName(key) && IsName(contents->key) && key->tt == LUA_VLNGSTR) matches |= TextOf(key) == TextOf(contents->key);
    if (matches) PutAll(out, contents->values);
  }
}

void Rehearsal::GetField(ObjectSet* out, ObjectId base, const TString* key, Site site) {
  bool method = site.step && site.step->kind == StepKind::kGetField && site.step->method;
  switch (heap_[base].kind) {
    case ObjectKind::kTable: {
      NoteTable(TableUse::Kind::kField, key, site);
      const TValue* value = FieldOf(heap_[base].table(), key);
      if (!isempty(value)) return AddValue(out, value);
      return GetThroughMetatables(out, base, key, site);
    }
    case ObjectKind::kOwnTable:
      CopyContents(out, base, key);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kGlobals: return GetGlobal(out, key, site);
    case ObjectKind::kLibrary: return GetLibraryField(out, base, key, site);
    case ObjectKind::kAnyCaptured:
      NoteTable(TableUse::Kind::kField, key, site);
      return GetOfAnyCaptured(out, key);
    case ObjectKind::kLibraryValue:
      CopyContents(out, base, key);
      return Put(out, method ? heap_.OfMethod(key) : kLibraryValue);
    case ObjectKind::kMessage: {
      CopyContents(out, base, key);
      if (elsewhere_->DefinesEvent(TM_INDEX)) Unknown("", site, "reads a field of a received value that may compute it");
      bool of_library = method && IsLibraryMethod(TextOf(key)) && !elsewhere_->KnowsField(TextOf(key));
      return Put(out, of_library ? heap_.OfMethod(key) : kMessage);
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
  const TString* key = number ? AbstractHeap::NumberKey() : AbstractHeap::AnyKey();
  switch (heap_[base].kind) {
    case ObjectKind::kTable:
      NoteTable(number ? TableUse::Kind::kNumber : TableUse::Kind::kAnything, nullptr, site);
      ListElements(base);
      PutAll(out, heap_[base].elements);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kOwnTable:
      CopyContents(out, base, key);
      return GetThroughMetatables(out, base, key, site);
    case ObjectKind::kGlobals: return Unknown("_G", site, "reads a global whose name is computed");
    case ObjectKind::kLibrary: return UseWholeLibrary(out, base, site);
    case ObjectKind::kAnyCaptured:
      NoteTable(number ? TableUse::Kind::kNumber : TableUse::Kind::kAnything, nullptr, site);
      NoteTable(TableUse::Kind::kMetatable, nullptr, site);
      if (reach_->events & (1u << TM_INDEX)) Unknown("", site, "reads a captured table that may compute its fields");
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

// What every captured table has under a name.
void Rehearsal::GetOfAnyCaptured(ObjectSet* out, const TString* key) {
  NoteTable(TableUse::Kind::kMetatable, nullptr, {});
  if (reach_->events & (1u << TM_INDEX)) Unknown(getstr(key), {}, "reads a captured table that may compute its fields");
  ObjectSet* known = heap_.ContentsOf(kAnyCaptured, key);
  Contents* contents = heap_.FindContents(kAnyCaptured, key);
  for (; contents->extent < reach_->tables.size(); contents->extent++) {
    const TValue* value = FieldOf(reach_->tables[contents->extent], key);
    if (isempty(value)) continue;
    if (known->size() < kMaxCaptured) {
      AddValue(known, value);
    } else {
      Put(known, heap_.OfValue(value) == kNoObject ? kNoObject : kAnyCaptured);
    }
  }
  PutAll(out, *known);
}

void Rehearsal::GetThroughMetatables(ObjectSet* out, ObjectId base, const TString* key, Site site) {
  ObjectSet index{};
  GetMetafield(&index, base, "__index");
  if (index.empty()) return;
  if (depth_ > kMaxDepth) return Unknown("", site, "follows more metatables than the analysis does");
  depth_++;
  ObjectSet self{};
  Put(&self, base);
  const ObjectSet* sets[] = {&self, &nothing_};
  for (uint32_t i = 0; i < index.size(); i++) {
    ObjectKind kind = heap_[index[i]].kind;
    bool is_function = kind == ObjectKind::kFunction || kind == ObjectKind::kOwnFunction || kind == ObjectKind::kCFunction;
    if (is_function || kind == ObjectKind::kMethod) {
      ObjectSet ignored{};
      CallObject(index[i], {sets, 2, false}, {out, &ignored}, site);
    } else if (IsName(key)) {
      GetField(out, index[i], key, site);
    } else {
      GetElement(out, index[i], key == AbstractHeap::NumberKey(), site);
    }
  }
  depth_--;
}

void Rehearsal::ListElements(ObjectId id) {
  if (heap_[id].listed) return;
  heap_[id].listed = true;
  const Table* table = heap_[id].table();
  ObjectSet elements{};
  auto add = [&](const TValue* value) {
    ObjectId element = heap_.OfValue(value);
    if (element != kNoObject) Put(&elements, elements.size() < kMaxCaptured ? element : kAnyCaptured);
  };
  auto is_full = [&] { return elements.Has(kAnyCaptured); };
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size && !is_full(); i++) {
    if (iscollectable(&table->array[i]) || ttislcf(&table->array[i])) add(&table->array[i]);
  }
  for (int i = 0; !isdummy(table) && i < sizenode(table) && !is_full(); i++) {
    const ::Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    TValue key;
    getnodekey(L_, &key, node);
    add(&key);
    add(gval(node));
  }
  heap_[id].elements = elements;
}

void Rehearsal::SetKey(ObjectId base, const TString* key, const ObjectSet& values, Site site) {
  switch (heap_[base].kind) {
    case ObjectKind::kTable:
    case ObjectKind::kAnyCaptured:
    case ObjectKind::kLibrary: {
      CodePlace place{site.instance->code, site.instance->function, site.step->pc};
      bool is_call = site.step->kind == StepKind::kCall;
      NodeId node = is_call ? site.instance->facts->OperandsOf(*site.step)[0] : site.step->a;
      if (site.step->kind == StepKind::kSetField && heap_[base].kind == ObjectKind::kTable) {
        // `t.__index = t` where that is so already changes nothing.
        const TValue* value = FieldOf(heap_[base].table(), key);
        bool same = site.instance->facts->OperandsOf(*site.step)[0] == node;
        if (same && ttistable(value) && hvalue(value) == heap_[base].table()) return;
      }
      std::string name = NameOf(site, node);
      std::string path = name;
      if (IsName(key) && !is_call) path += (path.empty() ? "" : ".") + std::string(TextOf(key));
      return reasons_->Add("stores", path, place, "stores into the captured table '" + (name.empty() ? path : name) + "'");
    }
    case ObjectKind::kGlobals:
      if (!IsName(key)) return Unknown("_G", site, "assigns a global whose name is computed");
      return SetGlobal(base, key, values, site);
    case ObjectKind::kMessage:
      if (elsewhere_->DefinesEvent(TM_NEWINDEX)) Unknown("", site, "stores into a received value that may react");
      return FlowAll(heap_.ContentsOf(base, key), values);
    case ObjectKind::kLibraryValue: return FlowAll(heap_.ContentsOf(base, key), values);
    case ObjectKind::kOwnTable: break;
    default: return;
  }
  FlowAll(heap_.ContentsOf(base, key), values);
  ObjectSet handlers{};
  GetMetafield(&handlers, base, "__newindex");
  if (handlers.empty()) return;
  if (depth_ > kMaxDepth) return Unknown("", site, "follows more metatables than the analysis does");
  depth_++;
  ObjectSet self{}, ignored{};
  Put(&self, base);
  const ObjectSet* sets[] = {&self, &nothing_, &values};
  for (uint32_t i = 0; i < handlers.size(); i++) {
    ObjectKind kind = heap_[handlers[i]].kind;
    bool is_function = kind == ObjectKind::kFunction || kind == ObjectKind::kOwnFunction || kind == ObjectKind::kCFunction;
    if (is_function) {
      CallObject(handlers[i], {sets, 3, false}, {&ignored, &ignored}, site);
    } else {
      SetKey(handlers[i], key, values, site);
    }
  }
  depth_--;
}

void Rehearsal::ReadDeeply(const ObjectSet& values, Site site) {
  if (values.empty()) return;
  stamp_++;
  for (uint32_t i = 0; i < values.size(); i++) ReadObjectDeeply(values[i], site);
}

void Rehearsal::ReadObjectDeeply(ObjectId id, Site site) {
  AbstractObject& object = heap_[id];
  if (object.stamp == stamp_) return;
  object.stamp = stamp_;
  switch (object.kind) {
    case ObjectKind::kTable:
      NoteTable(TableUse::Kind::kAnything, nullptr, site);
      if (object.table()->metatable) NoteTable(TableUse::Kind::kMetatable, nullptr, site);
      ListElements(id);
      for (uint32_t i = 0; i < object.elements.size(); i++) ReadObjectDeeply(object.elements[i], site);
      return;
    case ObjectKind::kAnyCaptured:
      NoteTable(TableUse::Kind::kAnything, nullptr, site);
      NoteTable(TableUse::Kind::kMetatable, nullptr, site);
      for (size_t i = 0; i < reach_->functions.size(); i++) {
        ReadObjectDeeply(heap_.OfValue(&reach_->functions[i]), site);
      }
      return;
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
    const Instance* owner;
    uint32_t index;
    if (ObjectSet* local = UpvalueSet(instance, i, &owner, &index)) {
      for (uint32_t k = 0; k < local->size(); k++) ReadObjectDeeply((*local)[k], site);
      continue;
    }
    NoteVariable(owner, index, site);
    ReadObjectDeeply(heap_.OfValue(owner->closure->upvals[index]->v.p), site);
  }
}

}  // namespace sloth

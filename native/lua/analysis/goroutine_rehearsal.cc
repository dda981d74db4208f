#include "lua/analysis/goroutine_rehearsal.h"

#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/write_back.h"

namespace sloth {

void GoroutineRehearsal::Run(const TValue* function, const TValue* arguments, int argument_count, uint32_t fresh) {
  ObjectSet callee{};
  AddValue(&callee, function);
  auto** sets = arena_->New<ObjectSet*>(argument_count + 1);
  for (int i = 0; i < argument_count; i++) {
    sets[i] = arena_->New<ObjectSet>();
    if (i < 32 && fresh & (1u << i)) {
      Put(sets[i], OwnTable(hvalue(&arguments[i])));
    } else {
      AddValue(sets[i], &arguments[i]);
    }
  }
  Operands operands{sets, static_cast<uint32_t>(argument_count), false};
  ObjectSet first{}, rest{};
  do {
    changed_ = false;
    Call(callee, operands, {&first, &rest}, {});
    Play();
  } while (changed_ && !Halted());
  if (Halted()) return;
  // Results and errors are copied for whoever waits for them.
  Call(callee, operands, {&first, &rest}, {});
  ReadDeeply(first, {});
  ReadDeeply(rest, {});
  ReadDeeply(errors_, {});
}

// A table that exists already but is the goroutine's own: what it holds was captured.
ObjectId GoroutineRehearsal::OwnTable(const Table* table) {
  ObjectId own = heap_.New(ObjectKind::kOwnTable);
  auto keep = [&](const TString* key, const TValue* value) {
    ObjectId id = heap_.OfValue(value);
    if (id != kNoObject) Put(heap_.ContentsOf(own, key), id);
  };
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size; i++) keep(AbstractHeap::NumberKey(), &table->array[i]);
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    const Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    TValue key;
    getnodekey(L_, &key, node);
    keep(AbstractHeap::AnyKey(), &key);
    keep(keyisshrstr(node) ? keystrval(node) : ttisnumber(&key) ? AbstractHeap::NumberKey() : AbstractHeap::AnyKey(),
         gval(node));
  }
  return own;
}

// True the first time a pair is met.
bool GoroutineRehearsal::IsNew(const void* a, const void* b) {
  uint64_t mixed = reinterpret_cast<uintptr_t>(a) * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed << 31 | mixed >> 33) + reinterpret_cast<uintptr_t>(b) * 0xbf58476d1ce4e5b9ULL;
  uint32_t number;
  bool added;
  CHECK(noted_.TryFindOrAdd(reinterpret_cast<const void*>(mixed ? mixed : 1), 0, &number, &added));
  return added;
}

// Something more will be copied: whatever stands for anything captured stands for more.
void GoroutineRehearsal::Capture(const TValue* value, const char* name) {
  size_t known = reach_->functions.size() + reach_->tables.size();
  reach_->Add(value, name);
  if (reach_->functions.size() + reach_->tables.size() != known) changed_ = true;
}

CodePlace GoroutineRehearsal::PlaceOf(Site site) const {
  if (!site.instance) return {};
  return {site.instance->code, site.instance->function, site.step ? site.step->pc : 0};
}

void GoroutineRehearsal::Unknown(const std::string& name, Site site, const std::string& what) {
  reasons_->Add("unknown", name, PlaceOf(site), what);
}

void GoroutineRehearsal::Reads(ObjectId id, Reading reading, const TString* name, Site site) {
  static const char kReadings[8] = {};  // two apart: the address behind each marks its direct use
  const Table* table = heap_[id].table();
  bool by_store = site.step && (site.step->kind == StepKind::kSetField || site.step->kind == StepKind::kSetElement);
  static const char kInspects = 0;
  if (reading == Reading::kMetatable && !by_store && IsNew(table, &kInspects)) inspected_.Add(arena_, table);
  const void* what = reading == Reading::kField ? static_cast<const void*>(name) : &kReadings[2 * static_cast<int>(reading)];
  bool direct = depth_ == 0;
  if (!IsNew(table, what)) {
    if (!direct || !IsNew(table, reinterpret_cast<const char*>(what) + 1)) return;  // the first direct one counts more
  } else if (direct) {
    IsNew(table, reinterpret_cast<const char*>(what) + 1);
  }
  tables.Add(arena_, {reading, table, name, direct, TableOf(site), site});
}

void GoroutineRehearsal::Stores(ObjectId table, const TString* key, const ObjectSet&, Site site) {
  const AbstractObject& object = heap_[table];
  bool assigns = site.step && (site.step->kind == StepKind::kSetField || site.step->kind == StepKind::kSetElement);
  // A chunk's main function is not among what the island's other code is judged by once it has begun.
  bool judged = assigns && depth_ == 0 && site.instance->function != 0 && object.kind == ObjectKind::kTable;
  if (!judged || (object.table()->metatable && !WriteBackBehind(L_, object.table()))) {
    return AddStoreReason(table, key, site);
  }
  if (IsNew(object.table(), site.step)) stores_.Add(arena_, {table, key, site});
}

void GoroutineRehearsal::AddStoreReason(ObjectId table, const TString* key, Site site) {
  std::string name = NameOf(site, TableOf(site));
  bool names_field = IsName(key) && site.step && site.step->kind == StepKind::kSetField;
  std::string path = name;
  if (names_field) path += (path.empty() ? "" : ".") + std::string(TextOf(key));
  if (name.empty() && heap_[table].name) name = heap_[table].name;
  std::string what = name.empty() ? "a captured table" : "the captured table '" + name + "'";
  reasons_->Add("stores", path, PlaceOf(site), "stores into " + what);
}

void GoroutineRehearsal::SetsMetatable(ObjectId table, const ObjectSet& metatables, Site site) {
  Stores(table, AbstractHeap::AnyKey(), metatables, site);
}

void GoroutineRehearsal::ReadsVariable(const Instance* owner, uint32_t index, Site site) {
  const UpVal* upvalue = owner->closure->upvals[index];
  uint32_t variable = owner->facts->upvalue_variables[index];
  const ChunkFacts& facts = *owner->code->facts;
  if (variable == 0) {
    if (facts.hazards.changes_environment) Unknown("_ENV", site, "runs in a chunk that assigns '_ENV'");
    return;
  }
  if (facts.variables[variable].assigned_once() || !IsNew(upvalue, nullptr)) return;
  variables.Add(arena_, {owner->code, variable, upvalue, site});
}

void GoroutineRehearsal::AssignsVariable(const UpVal*, const ObjectSet&, Site site, const std::string& name) {
  reasons_->Add("assigns", name, PlaceOf(site), "assigns the captured variable '" + name + "'");
}

void GoroutineRehearsal::ReadsGlobal(const TString* name, const TValue* value, bool is_library, Site site) {
  static const char kReads = 0;
  if (!IsNew(name, &kReads)) return;
  globals.Add(arena_, {name, is_library, false, site});
  if (!is_library) Capture(value, getstr(name));
}

void GoroutineRehearsal::AssignsGlobal(ObjectId id, const TString* name, const ObjectSet& values, Site site) {
  static const char kAssigns = 0;
  const Table* table = heap_[id].table();
  std::string text(TextOf(name));
  if (!isempty(FieldOf(table, name)) || IsRuntimeModule(L_, text)) {
    return reasons_->Add("assigns", text, PlaceOf(site), "assigns the global '" + text + "'");
  }
  if (table->metatable && !LibraryNameOf(L_, table->metatable)) {
    return Unknown(text, site, "assigns the global '" + text + "', which a metatable of _G may notice");
  }
  if (IsNew(name, &kAssigns)) globals.Add(arena_, {name, false, true, site});
  FlowAll(heap_.ContentsOf(id, name), values);
}

void GoroutineRehearsal::ReadsLibrary(ObjectId library, const TString* name, const TValue* value, Site site) {
  const char* module = heap_[library].name;
  if (!IsNew(module, name)) return;
  libraries.Add(arena_, {module, heap_[library].table(), name, site, false});
  LibraryUse* use = &libraries[libraries.size() - 1];
  if (name && (!value || IsFunctionNamed(value, module, name))) return;
  struct Search {
    LibraryUse* use;
    GoroutineRehearsal* rehearsal;
  } search{use, this};
  VisitLibraryChanges(
      L_, module,
      [](void* context, const char* field) {
        auto* search = static_cast<Search*>(context);
        if (search->use->name && TextOf(search->use->name) != field) return;
        search->use->changed = true;
        GoroutineRehearsal* self = search->rehearsal;
        const TValue* value = RawField(self->L_, search->use->table, field, std::strlen(field));
        // The path of what is found there needs a name that stays: the key's.
        self->Capture(value, search->use->name ? getstr(search->use->name) : search->use->library);
      },
      &search);
}

void GoroutineRehearsal::RequiresModule(const TString* name, const TValue* module, Site site) {
  static const char kRequires = 0;
  if (!IsNew(name, &kRequires)) return;
  libraries.Add(arena_, {"package.loaded", LoadedModules(L_), name, site, false});
  if (!module) return;
  modules.Add(arena_, name);
  Capture(module, getstr(name));
}

void GoroutineRehearsal::RedirectsFiles(const std::string& name, Site site) {
  reasons_->Add("stores", "io." + name, PlaceOf(site), "changes the default files of the io library");
}

// What every captured table has under a name.
void GoroutineRehearsal::GetOfAnyCaptured(ObjectSet* out, const TString* key, Site site) {
  Reads(kAnyCaptured, Reading::kField, key, site);
  Reads(kAnyCaptured, Reading::kMetatable, nullptr, site);
  if (reach_->events & (1u << TM_INDEX)) {
    Unknown(std::string(TextOf(key)), site, "reads a captured table that may compute its fields");
  }
  ObjectSet* known = heap_.ContentsOf(kAnyCaptured, key);
  Contents* contents = heap_.FindContents(kAnyCaptured, key);
  for (; contents->extent < reach_->tables.size(); contents->extent++) {
    ObjectId id = heap_.OfValue(FieldOf(reach_->tables[contents->extent], key));
    if (id != kNoObject) Put(known, known->size() < max_captured_ ? id : kAnyCaptured);
  }
  PutAll(out, *known);
}

void GoroutineRehearsal::CallAnyCaptured(const Operands& operands, const Results& results, Site site) {
  if (reach_->events & (1u << TM_CALL)) Unknown("", site, "calls something captured");
  for (size_t i = 0; i < reach_->functions.size(); i++) {
    CallObject(heap_.OfValue(&reach_->functions[i]), operands, results, site);
  }
}

void GoroutineRehearsal::CallStranger(ObjectId, const Operands&, const Results&, Site site) {
  Unknown("", site, "calls a C function that is not known");
}

void GoroutineRehearsal::CopyAnyCaptured(Site site) {
  Reads(kAnyCaptured, Reading::kAnything, nullptr, site);
  Reads(kAnyCaptured, Reading::kMetatable, nullptr, site);
  for (size_t i = 0; i < reach_->functions.size(); i++) {
    ReadObjectDeeply(heap_.OfValue(&reach_->functions[i]), site);
  }
}

}  // namespace sloth

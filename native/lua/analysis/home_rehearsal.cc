#include "lua/analysis/home_rehearsal.h"

#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/island_view.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

HomeRehearsal::HomeRehearsal(lua_State* L, Arena* arena, Elsewhere* elsewhere) : Rehearsal(L, arena, elsewhere) {
  max_captured_ = 256;
  heap_changes_ = true;
  max_work_ = 300000;
}

bool HomeRehearsal::Run() {
  if (IslandHasForeignCode(L_)) return false;
  Put(&callback_arguments_, kMessage);
  Put(&callback_arguments_, kLibraryValue);
  AddThread(L_);
  VisitIslandThreads(
      L_, [](void* self, lua_State* thread) { static_cast<HomeRehearsal*>(self)->AddThread(thread); }, this);
  AddWrittenTables();
  AddRegistry();
  AddFinalizers(G(L_)->finobj);
  AddFinalizers(G(L_)->tobefnz);
  do {
    changed_ = false;
    PlayRoots();
    Play();
  } while (changed_ && !gave_up_);
  return !gave_up_;
}

void HomeRehearsal::Unknown(const std::string&, Site, const std::string&) { gave_up_ = true; }

void HomeRehearsal::Stores(ObjectId table, const TString* key, const ObjectSet& values, Site site) {
  if (table == kAnyCaptured && !values.empty()) return Unknown("", site, "");  // it may turn up anywhere
  const char* library = heap_[table].name;
  if (library && std::strcmp(library, "string.meta") == 0) return Unknown("", site, "");  // operators change
  FlowAll(heap_.ContentsOf(table, key), values);
  for (const StoreRecord& record : stores_) {
    if (record.object == table && record.key == key && !record.metatable) return;
  }
  stores_.Add(arena_, {table, key, false, site});
}

void HomeRehearsal::SetsMetatable(ObjectId table, const ObjectSet& metatables, Site site) {
  if (table == kAnyCaptured && !metatables.empty()) return Unknown("", site, "");
  FlowAll(&heap_[table].metatables, metatables);
  for (const StoreRecord& record : stores_) {
    if (record.object == table && record.metatable) return;
  }
  stores_.Add(arena_, {table, nullptr, true, site});
}

HomeRehearsal::VariableRecord* HomeRehearsal::RecordOf(const UpVal* upvalue) {
  for (VariableRecord* record = variables_; record; record = record->next) {
    if (record->upvalue == upvalue) return record;
  }
  auto* record = arena_->New<VariableRecord>();
  record->upvalue = upvalue;
  record->next = variables_;
  return variables_ = record;
}

void HomeRehearsal::AssignsVariable(const UpVal* upvalue, const ObjectSet& values, Site site, const std::string&) {
  VariableRecord* record = RecordOf(upvalue);
  FlowAll(&record->values, values);
  if (record->assigned) return;
  record->assigned = true;
  record->site = site;
}

const ObjectSet* HomeRehearsal::AssignedTo(const UpVal* upvalue) const {
  for (const VariableRecord* record = variables_; record; record = record->next) {
    if (record->upvalue == upvalue) return &record->values;
  }
  return nullptr;
}

void HomeRehearsal::ReadsGlobal(const TString* name, const TValue*, bool, Site site) {
  for (const NameRecord& record : names_) {
    if (record.name == name && !record.assigned) return;
  }
  names_.Add(arena_, {name, false, site});
}

void HomeRehearsal::AssignsGlobal(ObjectId globals, const TString* name, const ObjectSet& values, Site site) {
  const Table* table = heap_[globals].table();
  if (table->metatable && !LibraryNameOf(L_, table->metatable)) return Unknown("", site, "");
  FlowAll(heap_.ContentsOf(globals, name), values);
  for (const NameRecord& record : names_) {
    if (record.name == name && record.assigned) return;
  }
  names_.Add(arena_, {name, true, site});
}

void HomeRehearsal::RedirectsFiles(const std::string&, Site site) {
  if (!redirection_.instance) redirection_ = site;
}

void HomeRehearsal::GetOfAnyCaptured(ObjectSet* out, const TString*, Site site) {
  if (EventsOfAnyCaptured() & (1u << TM_INDEX)) Unknown("", site, "");
  Put(out, kAnyCaptured);
}

uint32_t HomeRehearsal::EventsOfAnyCaptured() const {
  uint32_t events = 0;
  for (int event = 0; event <= TM_N; event++) {
    if (elsewhere_->DefinesEvent(event)) events |= 1u << event;
  }
  return events;
}

void HomeRehearsal::CallAnyCaptured(const Operands&, const Results&, Site site) { Unknown("", site, ""); }

// Lua's iterators and our own: they store nothing, and return what they were given, parts of it, or messages. Of the
// functions in libraries the registry leaves out only those of debug.
void HomeRehearsal::CallStranger(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  const Table* debug = FindLibraryTable(L_, LUA_DBLIBNAME);
  for (int i = 0; debug && !isdummy(debug) && i < sizenode(debug); i++) {
    const TValue* value = gval(gnode(debug, i));
    if (ttislcf(value) && reinterpret_cast<const void*>(fvalue(value)) == heap_[callee].pointer) {
      return Unknown("debug", site, "calls a function of the debug library");
    }
  }
  for (ObjectSet* out : {results.first, results.rest}) {
    Put(out, kLibraryValue);
    Put(out, kMessage);
    for (uint32_t i = 0; i < operands.count; i++) {
      PutAll(out, *operands.sets[i]);
      for (uint32_t k = 0; k < operands.sets[i]->size(); k++) GetElement(out, (*operands.sets[i])[k], false, site);
    }
  }
  CallArguments(operands, results, site);
}

Culprit HomeRehearsal::CulpritAt(Site site) {
  if (!site.instance) return {nullptr, 0, 0, "code that cannot be seen"};
  return {site.instance->code, site.instance->function, site.step ? site.step->pc : 0};
}

template <typename Matches>
Culprit HomeRehearsal::FindStore(const Table* table, Matches matches) const {
  for (const StoreRecord& record : stores_) {
    const AbstractObject& object = heap_[record.object];
    if (object.kind == ObjectKind::kLibrary || object.kind == ObjectKind::kGlobals) continue;
    bool hits = !table || record.object == kAnyCaptured || object.pointer == table;
    if (hits && matches(record)) return CulpritAt(record.site);
  }
  return {};
}

Culprit HomeRehearsal::StoresField(const Table* table, std::string_view name) const {
  return FindStore(table, [&](const StoreRecord& record) {
    if (record.metatable) return false;
    return record.key == AbstractHeap::AnyKey() || (IsName(record.key) && TextOf(record.key) == name);
  });
}

Culprit HomeRehearsal::StoresNumber(const Table* table) const {
  return FindStore(table, [](const StoreRecord& record) { return !record.metatable && !IsName(record.key); });
}

Culprit HomeRehearsal::StoresAnything(const Table* table) const {
  return FindStore(table, [](const StoreRecord& record) { return !record.metatable; });
}

// Gives it another one, or stores a metamethod into the one it has.
Culprit HomeRehearsal::ChangesMetatable(const Table* table) const {
  if (Culprit culprit = FindStore(table, [](const StoreRecord& record) { return record.metatable; })) return culprit;
  if (table && !table->metatable) return {};
  return FindStore(table ? table->metatable : nullptr, [](const StoreRecord& record) {
    if (record.metatable) return false;
    return !IsName(record.key) || TextOf(record.key).rfind("__", 0) == 0;
  });
}

Culprit HomeRehearsal::StoresLibraryField(std::string_view library, std::string_view name) const {
  for (const StoreRecord& record : stores_) {
    const AbstractObject& object = heap_[record.object];
    bool hits = record.object == kAnyCaptured || (object.kind == ObjectKind::kLibrary && library == object.name);
    if (!hits) continue;
    if (name.empty() || record.metatable || !IsName(record.key) || TextOf(record.key) == name) {
      return CulpritAt(record.site);
    }
  }
  return {};
}

Culprit HomeRehearsal::AssignsVariable(const UpVal* upvalue) const {
  for (const VariableRecord* record = variables_; record; record = record->next) {
    if (record->upvalue == upvalue && record->assigned) return CulpritAt(record->site);
  }
  return {};
}

Culprit HomeRehearsal::AssignsGlobal(std::string_view name) const {
  for (const NameRecord& record : names_) {
    if (record.assigned && TextOf(record.name) == name) return CulpritAt(record.site);
  }
  // A store into anything may be one into the table of globals.
  for (const StoreRecord& record : stores_) {
    if (record.object == kAnyCaptured || heap_[record.object].kind == ObjectKind::kGlobals) return CulpritAt(record.site);
  }
  return {};
}

Culprit HomeRehearsal::ReadsGlobal(std::string_view name) const {
  for (const NameRecord& record : names_) {
    if (!record.assigned && TextOf(record.name) == name) return CulpritAt(record.site);
  }
  return {};
}

Culprit HomeRehearsal::RedirectsIo() const { return redirection_.instance ? CulpritAt(redirection_) : Culprit{}; }

}  // namespace sloth

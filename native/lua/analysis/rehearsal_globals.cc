// Globals and library tables in a rehearsal: what is the island's own, what the program put there.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/rehearsal.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

const TValue* FieldOf(const Table* table, const TString* key) {
  return luaH_getstr(const_cast<Table*>(table), const_cast<TString*>(key));
}

}  // namespace

void Rehearsal::GetGlobal(ObjectSet* out, const TString* name, Site site) {
  Table* globals_table = GlobalsOf(L_);
  CopyContents(out, heap_.OfTable(globals_table), name);
  const TValue* value = FieldOf(globals_table, name);
  bool is_library = false;
  if (isempty(value)) {
    if (IsRuntimeModule(TextOf(name))) {
      is_library = true;
      Put(out, heap_.OfLibrary(getstr(name)));
    } else if (globals_table->metatable && !LibraryNameOf(L_, globals_table->metatable)) {
      Unknown(getstr(name), site, "reads the global '" + std::string(TextOf(name)) + "', which a metatable of _G computes");
    }
  } else {
    AddValue(out, value);
    if (ttistable(value)) {
      const char* library = hvalue(value) == globals_table ? LUA_GNAME : LibraryNameOf(L_, hvalue(value));
      is_library = library && TextOf(name) == library;
    } else {
      is_library = IsFunctionNamed(value, LUA_GNAME, name);
    }
  }
  if (!IsNew(name, 2)) return;
  globals.Add(arena_, {name, is_library, false, site});
  if (!is_library) reach_->Add(value, getstr(name));
}

void Rehearsal::SetGlobal(ObjectId globals_id, const TString* name, const ObjectSet& values, Site site) {
  Table* table = GlobalsOf(L_);
  std::string text(TextOf(name));
  CodePlace place{site.instance->code, site.instance->function, site.step->pc};
  if (!isempty(FieldOf(table, name)) || IsRuntimeModule(text)) {
    return reasons_->Add("assigns", text, place, "assigns the global '" + text + "'");
  }
  if (table->metatable && !LibraryNameOf(L_, table->metatable)) {
    return Unknown(text, site, "assigns the global '" + text + "', which a metatable of _G may notice");
  }
  if (IsNew(name, 3)) globals.Add(arena_, {name, false, true, site});
  FlowAll(heap_.ContentsOf(globals_id, name), values);
}

void Rehearsal::GetLibraryField(ObjectSet* out, ObjectId library, const TString* key, Site site) {
  const char* name = heap_[library].name;
  bool known = false;
  for (const LibraryUse& use : libraries) known |= use.library == name && use.name == key;
  if (!known) libraries.Add(arena_, {name, key, site, false});
  if (!heap_[library].pointer) {
    const FunctionEntry* entry = FindFunction(name, getstr(key));
    return entry ? Put(out, heap_.OfEntry(entry)) : void();
  }
  const TValue* value = FieldOf(heap_[library].table(), key);
  AddValue(out, value);
  if (known || IsFunctionNamed(value, name, key)) return;
  struct Search {
    std::string_view name;
    bool found;
  } search{TextOf(key), false};
  VisitLibraryChanges(
      L_, name,
      [](void* context, const char* field) {
        auto* search = static_cast<Search*>(context);
        search->found |= search->name == field;
      },
      &search);
  if (!search.found) {
    // A library function that the registry does not describe.
    ObjectId id = heap_.OfValue(value);
    if (heap_[id].model == LibraryModel::kStranger) heap_[id].model = ModelNamed(name, getstr(key));
    return;
  }
  libraries[libraries.size() - 1].changed = true;
  reach_->Add(value, getstr(key));
}

// A computed access, or a loop over all fields.
void Rehearsal::UseWholeLibrary(ObjectSet* out, ObjectId library, Site site) {
  const char* name = heap_[library].name;
  const Table* table = heap_[library].table();
  if (!table) return Unknown(name, site, "uses the library '" + std::string(name) + "' as a whole");
  ListElements(library);
  PutAll(out, heap_[library].elements);
  for (const LibraryUse& use : libraries) {
    if (use.library == name && !use.name) return;
  }
  libraries.Add(arena_, {name, nullptr, site, true});
  struct Changes {
    Rehearsal* rehearsal;
    const Table* table;
  } changes{this, table};
  VisitLibraryChanges(
      L_, name,
      [](void* context, const char* field) {
        auto* changes = static_cast<Changes*>(context);
        const TValue* value = RawField(changes->rehearsal->L_, changes->table, field, std::strlen(field));
        changes->rehearsal->reach_->Add(value, field);
      },
      &changes);
}

// The method `key` of a string: any value may be one.
void Rehearsal::GetStringMethod(ObjectSet* out, const TString* key, Site site) {
  const Table* metatable = G(L_)->mt[LUA_TSTRING];
  if (!metatable) return;
  const TValue* index = RawField(L_, metatable, "__index", 7);
  if (!ttistable(index)) {
    if (ttisnil(index)) return;
    return Unknown("", site, "calls a method of a string, which the program computes");
  }
  ObjectId library = heap_.OfTable(hvalue(index));
  if (heap_[library].kind != ObjectKind::kLibrary) {
    return Unknown("", site, "calls a method of a string, which the program defines");
  }
  if (!isempty(FieldOf(hvalue(index), key))) GetLibraryField(out, library, key, site);
}

}  // namespace sloth

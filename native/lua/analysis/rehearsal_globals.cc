// Globals, library tables and modules in a rehearsal: what is the island's own, what the program put there.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/rehearsal.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

void Rehearsal::GetGlobal(ObjectSet* out, ObjectId globals, const TString* name, Site site) {
  Table* table = heap_[globals].table();
  CopyContents(out, globals, name);
  const TValue* value = FieldOf(table, name);
  bool is_library = false;
  if (isempty(value)) {
    if (IsRuntimeModule(L_, TextOf(name))) {
      is_library = true;
      Put(out, heap_.OfLibrary(getstr(name)));
    } else if (table->metatable && !LibraryNameOf(L_, table->metatable)) {
      Unknown(getstr(name), site, "reads the global '" + std::string(TextOf(name)) + "', which a metatable of _G computes");
    }
  } else {
    AddValue(out, value);
    if (ttistable(value)) {
      const char* library = hvalue(value) == table ? LUA_GNAME : LibraryNameOf(L_, hvalue(value));
      is_library = library && TextOf(name) == library;
    } else {
      is_library = IsFunctionNamed(value, LUA_GNAME, name);
    }
  }
  ReadsGlobal(name, value, is_library, site);
}

void Rehearsal::GetLibraryField(ObjectSet* out, ObjectId library, const TString* key, Site site) {
  const char* name = heap_[library].name;
  CopyContents(out, library, key);
  if (!heap_[library].pointer) {
    const FunctionEntry* entry = FindFunctionFor(L_, name, getstr(key));
    if (entry) Put(out, heap_.OfEntry(entry));
    return ReadsLibrary(library, key, nullptr, site);
  }
  const TValue* value = FieldOf(heap_[library].table(), key);
  ObjectId id = heap_.OfValue(value);
  // A library function that the registry does not describe.
  if (id != kNoObject && heap_[id].model == LibraryModel::kStranger && ttislcf(value)) {
    heap_[id].model = ModelNamed(name, getstr(key));
  }
  Put(out, id);
  ReadsLibrary(library, key, value, site);
}

// A computed access, or a loop over all fields.
void Rehearsal::UseWholeLibrary(ObjectSet* out, ObjectId library, Site site) {
  if (!heap_[library].pointer) {
    std::string name = heap_[library].name;
    return Unknown(name, site, "uses the library '" + name + "' as a whole");
  }
  ListElements(library);
  PutAll(out, heap_[library].elements);
  CopyContents(out, library, AbstractHeap::AnyKey());
  ReadsLibrary(library, nullptr, nullptr, site);
}

// What a string has under a computed name: of interest only where the program gave strings functions of its own.
void Rehearsal::GetStringElement(ObjectSet* out, Site site) {
  const Table* metatable = G(L_)->mt[LUA_TSTRING];
  const TValue* index = metatable ? RawField(L_, metatable, "__index", 7) : nullptr;
  if (!index || !ttistable(index)) return;
  ObjectId library = heap_.OfTable(hvalue(index));
  if (string_extended_ < 0) {
    string_extended_ = 0;
    const Table* table = hvalue(index);
    for (int i = 0; !isdummy(table) && i < sizenode(table); i++) string_extended_ |= ttisLclosure(gval(gnode(table, i)));
  }
  if (string_extended_ > 0 || heap_[library].contents) GetElement(out, library, false, site);
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
  if (heap_[heap_.OfTable(G(L_)->mt[LUA_TSTRING])].contents) {
    return Unknown("", site, "calls a method of a string, which the program changes");
  }
  if (heap_[library].kind != ObjectKind::kLibrary) {
    return Unknown("", site, "calls a method of a string, which the program defines");
  }
  bool known = !isempty(FieldOf(hvalue(index), key)) || heap_[library].contents;
  if (known) GetLibraryField(out, library, key, site);
}

void Rehearsal::Require(const Operands& operands, const Results& results, Site site) {
  (void)operands;
  const Step* step = site.step;
  if (!step || step->kind != StepKind::kCall) return Unknown("require", site, "requires a module in a hidden way");
  // Behind pcall the name is the second argument.
  const TString* name = nullptr;
  for (uint32_t i = 0; i < step->operand_count && i < 2 && !name; i++) {
    const ValueNode& node = site.instance->facts->nodes[site.instance->facts->OperandsOf(*step)[i]];
    if (node.kind == NodeKind::kConstant) name = ConstantOf(site.instance, node.index);
  }
  if (!name) return Unknown("require", site, "requires a module whose name is computed");
  std::string text(TextOf(name));
  Table* loaded = LoadedModules(L_);
  const TValue* module = loaded ? RawField(L_, loaded, text.data(), text.size()) : nullptr;
  bool of_runtime = !module || ttisnil(module) || (ttistable(module) && LibraryNameOf(L_, hvalue(module)));
  if (of_runtime && IsRuntimeModule(L_, text) && IsPreloaded(L_, text)) {
    return Unknown(text, site, "requires the module '" + text + "', which package.preload brings and which is not loaded yet");
  }
  if (!module || ttisnil(module)) {
    if (IsRuntimeModule(L_, text)) {
      Put(results.first, heap_.OfLibrary(getstr(name)));
      return RequiresModule(name, nullptr, site);
    }
    return Unknown(text, site, "requires the module '" + text + "', which is not loaded yet");
  }
  AddValue(results.first, module);
  CopyContents(results.first, heap_.OfTable(loaded), name);
  bool is_library = ttistable(module) && (LibraryNameOf(L_, hvalue(module)) || hvalue(module) == GlobalsOf(L_));
  RequiresModule(name, is_library ? nullptr : module, site);
}

}  // namespace sloth

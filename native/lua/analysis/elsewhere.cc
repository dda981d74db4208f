#include "lua/analysis/elsewhere.h"

#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/island_view.h"
#include "lua/analysis/known_functions.h"
#include "lua/registry.h"

namespace sloth {

namespace {

bool IsStore(const Deed& deed) {
  return deed.kind != DeedKind::kAssignGlobal && deed.kind != DeedKind::kReadGlobal && !deed.into_library;
}

bool MayStoreAnyName(const Deed& deed) { return deed.kind == DeedKind::kStoreAny && !deed.into_library; }

}  // namespace

const std::vector<const Code*>& Elsewhere::Codes() {
  if (!codes_known_) {
    codes_known_ = true;
    VisitIslandCodes(
        L_, [](void* codes, const Code* code) { static_cast<std::vector<const Code*>*>(codes)->push_back(code); },
        &codes_);
  }
  return codes_;
}

bool Elsewhere::CanStillHappen(const Code* code, const Deed& deed) {
  if (deed.own_table) return frames_.CanReach(code, deed.function, deed.pc, deed.site);
  // What load made can be called again and again; any other main function runs once.
  if (deed.function == 0 && !code->from_pieces) return frames_.MainCanReach(code, deed.pc);
  return true;
}

Culprit Elsewhere::FirstNamed(std::string_view name, bool (*counts)(const Deed&)) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return {nullptr, 0, 0, "a function without debug information"};
    auto found = code->facts->deeds_named.find(name);
    if (found == code->facts->deeds_named.end()) continue;
    for (uint32_t i : found->second) {
      const Deed& deed = code->facts->deeds[i];
      if (counts(deed) && CanStillHappen(code, deed)) return {code, deed.function, deed.pc};
    }
  }
  return {};
}

Culprit Elsewhere::FirstUnnamed(bool (*counts)(const Deed&)) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return {nullptr, 0, 0, "a function without debug information"};
    for (uint32_t i : code->facts->deeds_unnamed) {
      const Deed& deed = code->facts->deeds[i];
      if (counts(deed) && CanStillHappen(code, deed)) return {code, deed.function, deed.pc};
    }
  }
  return {};
}

Culprit Elsewhere::FirstOfAll(bool (*counts)(const Deed&)) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return {nullptr, 0, 0, "a function without debug information"};
    for (const Deed& deed : code->facts->deeds) {
      if (counts(deed) && CanStillHappen(code, deed)) return {code, deed.function, deed.pc};
    }
  }
  return {};
}

Culprit Elsewhere::OfHazard(bool ChunkHazards::*hazard, const char* text) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return {nullptr, 0, 0, "a function without debug information"};
    const ChunkHazards& hazards = code->facts->hazards;
    if (hazards.*hazard) return {code, hazards.function, hazards.pc, text};
  }
  return {};
}

// Code that will be loaded later may do anything.
Culprit Elsewhere::UnseenCode(bool pending_modules) {
  if (Culprit culprit = OfHazard(&ChunkHazards::loads_code, "code that is loaded later")) return culprit;
  if (IslandHasForeignCode(L_)) return {nullptr, 0, 0, "a C library"};
  if (!pending_modules) return {};
  for (const Code* code : Codes()) {
    for (const std::string& module : code->facts->required) {
      if (!IsModuleLoaded(L_, module)) return {code, 0, 0, "a module that is not loaded yet"};
    }
  }
  return {};
}

Culprit Elsewhere::UnseenStores() {
  if (Culprit culprit = UnseenCode(true)) return culprit;
  if (Culprit culprit = OfHazard(&ChunkHazards::hides_stores, "a storing function used as a value")) return culprit;
  if (!AssumptionsHold()) return {nullptr, 0, 0, "a changed library function"};
  return {};
}

Culprit Elsewhere::StoresField(std::string_view name) {
  auto counts = [](const Deed& deed) { return deed.kind == DeedKind::kAssignGlobal || IsStore(deed); };
  if (Culprit culprit = FirstNamed(name, counts)) return culprit;
  if (Culprit culprit = FirstUnnamed(MayStoreAnyName)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::StoresNumber() {
  auto counts = [](const Deed& deed) {
    return !deed.into_library && (deed.kind == DeedKind::kStoreNumber || deed.kind == DeedKind::kStoreAny);
  };
  if (Culprit culprit = FirstUnnamed(counts)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::StoresAnything() {
  auto counts = [](const Deed& deed) { return IsStore(deed) && deed.kind != DeedKind::kSetMetatable; };
  if (Culprit culprit = FirstOfAll(counts)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::ChangesMetatables() {
  if (metatables_known_) return metatables_;
  metatables_known_ = true;
  auto counts = [](const Deed& deed) {
    if (deed.kind == DeedKind::kSetMetatable || MayStoreAnyName(deed)) return true;
    return deed.kind == DeedKind::kStoreField && deed.name.rfind("__", 0) == 0;
  };
  metatables_ = FirstOfAll(counts);
  if (!metatables_) metatables_ = UnseenStores();
  return metatables_;
}

Culprit Elsewhere::AssignsVariable(const Code* code, uint32_t variable, const UpVal* upvalue) {
  const ChunkVariable& known = code->facts->variables[variable];
  if (!known.closure_writes.empty()) return {code, known.closure_writes[0].function, known.closure_writes[0].pc};
  int pc = frames_.OwnerCanWrite(code, known, upvalue);
  return pc < 0 ? Culprit{} : Culprit{code, known.owner, pc};
}

Culprit Elsewhere::AssignsGlobal(std::string_view name, bool is_library) {
  auto assigns = [](const Deed& deed) { return deed.kind == DeedKind::kAssignGlobal; };
  if (Culprit culprit = FirstNamed(name, assigns)) return culprit;
  auto computed = [](const Deed& deed) { return deed.kind == DeedKind::kStoreAny && deed.into_library; };
  if (Culprit culprit = FirstUnnamed(computed)) return culprit;
  if (OfHazard(&ChunkHazards::leaks_globals, "")) {
    auto stores = [](const Deed& deed) { return deed.kind == DeedKind::kStoreField; };
    if (Culprit culprit = FirstNamed(name, stores)) return culprit;
    if (Culprit culprit = FirstUnnamed(MayStoreAnyName)) return culprit;
    if (Culprit culprit = UnseenStores()) return culprit;
  }
  return UnseenCode(!is_library);
}

Culprit Elsewhere::ReadsGlobal(std::string_view name) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return {nullptr, 0, 0, "a function without debug information"};
    auto found = code->facts->deeds_named.find(name);
    if (found == code->facts->deeds_named.end()) continue;
    for (uint32_t i : found->second) {
      const Deed& deed = code->facts->deeds[i];
      if (deed.kind == DeedKind::kReadGlobal) return {code, deed.function, deed.pc};
    }
  }
  if (Culprit culprit = OfHazard(&ChunkHazards::leaks_globals, "the table of globals used as a value")) return culprit;
  return UnseenCode(true);
}

Culprit Elsewhere::StoresIntoLibraries() {
  auto counts = [](const Deed& deed) { return deed.into_library || (deed.by_path && IsStore(deed)); };
  if (Culprit culprit = FirstOfAll(counts)) return culprit;
  if (Culprit culprit = OfHazard(&ChunkHazards::leaks_libraries, "a library table used as a value")) return culprit;
  return UnseenCode(false);
}

Culprit Elsewhere::StoresLibraryField(std::string_view name, std::string_view library) {
  bool standard = IsLibrary({1, library, {}});
  auto by_path = [](const Deed& deed) { return deed.kind == DeedKind::kStoreField && deed.by_path; };
  auto any = [](const Deed& deed) { return deed.kind == DeedKind::kStoreField; };
  auto computed = [](const Deed& deed) { return deed.kind == DeedKind::kStoreAny && deed.by_path; };
  bool leaked = !standard || OfHazard(&ChunkHazards::leaks_libraries, "") ||
                (name == "__index" && OfHazard(&ChunkHazards::takes_metatables, ""));
  if (Culprit culprit = leaked ? FirstNamed(name, any) : FirstNamed(name, by_path)) return culprit;
  if (Culprit culprit = leaked ? FirstUnnamed(MayStoreAnyName) : FirstUnnamed(computed)) return culprit;
  return UnseenCode(false);
}

Culprit Elsewhere::RedirectsIo() {
  if (Culprit culprit = OfHazard(&ChunkHazards::redirects_io, "a redirected default file")) return culprit;
  return OfHazard(&ChunkHazards::leaks_libraries, "a library table used as a value");
}

Culprit Elsewhere::RewritesFunctions() {
  return OfHazard(&ChunkHazards::rewrites_functions, "the debug library");
}

bool Elsewhere::DefinesEvent(int event) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable || code->facts->hazards.events & (1u << event)) return true;
  }
  return false;
}

bool Elsewhere::KnowsField(std::string_view name) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable || code->facts->fields_stored.count(name)) return true;
  }
  return false;
}

// The judgement of stores knows setmetatable, table.insert and a few others by name: they must be the originals, and must
// stay so.
bool Elsewhere::AssumptionsHold() {
  if (assumptions_hold_ < 0) {
    assumptions_hold_ = 1;
    for (int i = 0; i < kAssumedFunctionCount; i++) {
      const AssumedFunction& assumed = kAssumedFunctions[i];
      bool is_global = std::strcmp(assumed.library, LUA_GNAME) == 0;
      auto assigns = [](const Deed& deed) { return deed.kind == DeedKind::kAssignGlobal; };
      auto stores = [](const Deed& deed) { return deed.kind == DeedKind::kStoreField && deed.by_path; };
      bool changes = is_global ? static_cast<bool>(FirstNamed(assumed.name, assigns))
                               : FirstNamed(assumed.name, stores) || FirstNamed(assumed.library, assigns);
      if (changes || !IsOriginal(L_, assumed.library, assumed.name)) assumptions_hold_ = 0;
    }
  }
  return assumptions_hold_ == 1;
}

}  // namespace sloth

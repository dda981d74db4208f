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

constexpr Culprit kUnreadable = {nullptr, 0, 0, "a function without debug information", true};

}  // namespace

// A computed key may be any name, but seldom is the one in question.
Elsewhere::Weight Elsewhere::StoresAnyKey(const Deed& deed) {
  bool computed = deed.kind == DeedKind::kStoreAny || deed.kind == DeedKind::kStoreNumber;
  return computed && !deed.into_library ? Weight::kSoft : Weight::kNone;
}

Elsewhere::Weight Elsewhere::StoresAnyName(const Deed& deed) {
  return deed.kind == DeedKind::kStoreAny && !deed.into_library ? Weight::kSoft : Weight::kNone;
}

const std::vector<const Code*>& Elsewhere::Codes() {
  if (!codes_known_) {
    codes_known_ = true;
    VisitIslandCodes(
        L_,
        [](void* codes, const Code* code) {
          // What the library's own code does to tables is in its registry entries.
          if (!code->keeps_to_itself) static_cast<std::vector<const Code*>*>(codes)->push_back(code);
        },
        &codes_);
  }
  return codes_;
}

bool Elsewhere::CanStillHappen(const Code* code, const Deed& deed) {
  asked_frames_ = true;
  if (deed.own_table) return frames_.CanReach(code, deed.function, deed.pc, deed.site);
  // What load made can be called again and again; any other main function runs once.
  if (deed.function == 0 && !code->from_pieces) return frames_.MainCanReach(code, deed.pc);
  return true;
}

bool Elsewhere::IsMethod(const Code* code, uint32_t function) const {
  for (const auto& [method_code, method] : methods_) {
    // What is nested in a method is part of it.
    for (uint32_t f = function; method_code == code && f != UINT32_MAX; f = code->functions[f].parent) {
      if (f == method) return true;
    }
  }
  return false;
}

bool Elsewhere::Consider(const Code* code, const Deed& deed, Weigh weigh, bool direct, Culprit* culprit) {
  Weight weight = weigh(deed);
  if (weight == Weight::kNone || !CanStillHappen(code, deed)) return false;
  // What a live frame does can be looked at closely; a function that reaches the table by itself cannot be ruled out.
  bool in_frame = deed.own_table || (deed.function == 0 && !code->from_pieces);
  bool firm = weight == Weight::kFirm && !in_frame && (deed.by_outer || (direct && deed.by_parameter && IsMethod(code, deed.function)));
  if (!firm && *culprit) return false;
  *culprit = {code, deed.function, deed.pc, nullptr, firm};
  return firm;
}

Culprit Elsewhere::FirstNamed(std::string_view name, Weigh weigh, bool direct) {
  Culprit culprit;
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return kUnreadable;
    auto found = code->facts->deeds_named.find(name);
    if (found == code->facts->deeds_named.end()) continue;
    for (uint32_t i : found->second) {
      if (Consider(code, code->facts->deeds[i], weigh, direct, &culprit)) return culprit;
    }
  }
  return culprit;
}

Culprit Elsewhere::FirstUnnamed(Weigh weigh, bool direct) {
  Culprit culprit;
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return kUnreadable;
    for (uint32_t i : code->facts->deeds_unnamed) {
      if (Consider(code, code->facts->deeds[i], weigh, direct, &culprit)) return culprit;
    }
  }
  return culprit;
}

Culprit Elsewhere::FirstOfAll(Weigh weigh, bool direct) {
  Culprit culprit;
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return kUnreadable;
    for (const Deed& deed : code->facts->deeds) {
      if (Consider(code, deed, weigh, direct, &culprit)) return culprit;
    }
  }
  return culprit;
}

Culprit Elsewhere::OfHazard(bool ChunkHazards::*hazard, const char* text) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return kUnreadable;
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

Culprit Elsewhere::StoresField(std::string_view name, bool direct) {
  auto weigh = [](const Deed& deed) {
    if (deed.kind == DeedKind::kAssignGlobal) return Weight::kSoft;  // its _ENV may be a table like any other
    return IsStore(deed) ? Weight::kFirm : Weight::kNone;
  };
  if (Culprit culprit = FirstNamed(name, weigh, direct)) return culprit;
  if (Culprit culprit = FirstUnnamed(AreNumbersCertain() ? StoresAnyName : StoresAnyKey)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::StoresNumber(bool direct) {
  auto weigh = [](const Deed& deed) {
    bool counts = !deed.into_library && (deed.kind == DeedKind::kStoreNumber || deed.kind == DeedKind::kStoreAny);
    return counts ? Weight::kFirm : Weight::kNone;
  };
  if (Culprit culprit = FirstUnnamed(weigh, direct)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::StoresAnything(bool direct) {
  auto weigh = [](const Deed& deed) {
    return IsStore(deed) && deed.kind != DeedKind::kSetMetatable ? Weight::kFirm : Weight::kNone;
  };
  if (Culprit culprit = FirstOfAll(weigh, direct)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::ChangesMetatables() {
  if (metatables_known_) return metatables_;
  metatables_known_ = true;
  auto weigh = [](const Deed& deed) {
    if (deed.into_library) return Weight::kNone;
    if (deed.kind == DeedKind::kSetMetatable) return Weight::kFirm;
    if (deed.kind == DeedKind::kStoreAny) return Weight::kSoft;
    return deed.kind == DeedKind::kStoreField && deed.name.rfind("__", 0) == 0 ? Weight::kFirm : Weight::kNone;
  };
  metatables_ = FirstOfAll(weigh);
  if (!metatables_) metatables_ = UnseenStores();
  return metatables_;
}

Culprit Elsewhere::AssignedByFunctions(const Code* code, uint32_t variable) {
  const ChunkVariable& known = code->facts->variables[variable];
  if (known.closure_writes.empty()) return {};
  return {code, known.closure_writes[0].function, known.closure_writes[0].pc, nullptr, true};
}

Culprit Elsewhere::AssignedByOwner(const Code* code, uint32_t variable, const UpVal* upvalue) {
  const ChunkVariable& known = code->facts->variables[variable];
  int pc = frames_.OwnerCanWrite(code, known, upvalue);
  return pc < 0 ? Culprit{} : Culprit{code, known.owner, pc, nullptr, true};
}

Culprit Elsewhere::AssignsGlobal(std::string_view name, bool is_library) {
  auto assigns = [](const Deed& deed) { return deed.kind == DeedKind::kAssignGlobal ? Weight::kFirm : Weight::kNone; };
  if (Culprit culprit = FirstNamed(name, assigns)) return culprit;
  // Into which library only a closer look tells: package.loaded[name] is none of the globals.
  auto computed = [](const Deed& deed) {
    return deed.kind == DeedKind::kStoreAny && deed.into_library ? Weight::kSoft : Weight::kNone;
  };
  if (Culprit culprit = FirstUnnamed(computed)) return culprit;
  if (OfHazard(&ChunkHazards::leaks_globals, "")) {
    auto stores = [](const Deed& deed) { return deed.kind == DeedKind::kStoreField ? Weight::kSoft : Weight::kNone; };
    if (Culprit culprit = FirstNamed(name, stores)) return culprit;
    if (Culprit culprit = FirstUnnamed(StoresAnyName)) return culprit;
    if (Culprit culprit = UnseenStores()) return culprit;
  }
  return UnseenCode(!is_library);
}

Culprit Elsewhere::ReadsGlobal(std::string_view name) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable) return kUnreadable;
    auto found = code->facts->deeds_named.find(name);
    if (found == code->facts->deeds_named.end()) continue;
    for (uint32_t i : found->second) {
      const Deed& deed = code->facts->deeds[i];
      if (deed.kind == DeedKind::kReadGlobal) return {code, deed.function, deed.pc, nullptr, true};
    }
  }
  if (Culprit culprit = OfHazard(&ChunkHazards::leaks_globals, "the table of globals used as a value")) return culprit;
  return UnseenCode(true);
}

Culprit Elsewhere::StoresIntoLibraries() {
  auto weigh = [](const Deed& deed) {
    return deed.into_library || (deed.by_path && IsStore(deed)) ? Weight::kFirm : Weight::kNone;
  };
  if (Culprit culprit = FirstOfAll(weigh)) return culprit;
  if (Culprit culprit = OfHazard(&ChunkHazards::leaks_libraries, "a library table used as a value")) return culprit;
  return UnseenCode(false);
}

// Only a closer look tells which table such a store goes into: names of modules are names of fields, too.
Culprit Elsewhere::ReplacesModule(std::string_view name) {
  auto stores = [](const Deed& deed) {
    bool stores = deed.kind == DeedKind::kStoreField || deed.kind == DeedKind::kAssignGlobal;
    return stores ? Weight::kSoft : Weight::kNone;
  };
  auto computed = [](const Deed& deed) { return deed.kind == DeedKind::kStoreAny ? Weight::kSoft : Weight::kNone; };
  if (Culprit culprit = FirstNamed(name, stores)) return culprit;
  if (Culprit culprit = FirstUnnamed(computed)) return culprit;
  return UnseenStores();
}

Culprit Elsewhere::StoresLibraryField(std::string_view name, std::string_view library) {
  bool standard = IsLibrary({1, library, {}});
  auto by_path = [](const Deed& deed) {
    return deed.kind == DeedKind::kStoreField && deed.by_path ? Weight::kFirm : Weight::kNone;
  };
  auto any = [](const Deed& deed) {
    if (deed.kind != DeedKind::kStoreField) return Weight::kNone;
    return deed.by_path ? Weight::kFirm : Weight::kSoft;
  };
  auto computed = [](const Deed& deed) {
    return deed.kind == DeedKind::kStoreAny && deed.by_path ? Weight::kFirm : Weight::kNone;
  };
  if (library == "package.loaded") return ReplacesModule(name);
  bool leaked = !standard || OfHazard(&ChunkHazards::leaks_libraries, "") ||
                (name == "__index" && OfHazard(&ChunkHazards::takes_metatables, ""));
  if (Culprit culprit = leaked ? FirstNamed(name, any) : FirstNamed(name, by_path)) return culprit;
  if (Culprit culprit = leaked ? FirstUnnamed(StoresAnyName) : FirstUnnamed(computed)) return culprit;
  return UnseenCode(false);
}

Culprit Elsewhere::RedirectsIo() {
  if (Culprit culprit = OfHazard(&ChunkHazards::redirects_io, "a redirected default file")) return culprit;
  return OfHazard(&ChunkHazards::leaks_libraries, "a library table used as a value");
}

Culprit Elsewhere::RewritesFunctions() {
  return OfHazard(&ChunkHazards::rewrites_functions, "the debug library");
}

bool Elsewhere::AreNumbersCertain() {
  if (numbers_certain_ < 0) {
    bool redefined = DefinesEvent(TM_LEN);
    for (int event = TM_ADD; event <= TM_BNOT; event++) redefined |= DefinesEvent(event);
    bool originals = IsOriginal(L_, LUA_GNAME, "ipairs") && IsOriginal(L_, LUA_MATHLIBNAME, "random") &&
                     IsOriginal(L_, LUA_MATHLIBNAME, "floor");
    numbers_certain_ = !redefined && originals;
  }
  return numbers_certain_ == 1;
}

bool Elsewhere::DefinesEvent(int event) {
  for (const Code* code : Codes()) {
    if (!code->facts->readable || code->facts->hazards.events & (1u << event)) return true;
  }
  return false;
}

bool Elsewhere::KnowsField(std::string_view name) {
  struct Search {
    std::string_view name;
    bool found = false;
  } search{name};
  // The library's own code, too: what it makes may come as a message.
  VisitIslandCodes(
      L_,
      [](void* context, const Code* code) {
        auto* search = static_cast<Search*>(context);
        search->found |= !code->facts->readable || code->facts->fields_stored.count(search->name);
      },
      &search);
  return search.found;
}

// The judgement of stores knows setmetatable, table.insert and a few others by name: they must be the originals, and must
// stay so.
bool Elsewhere::AssumptionsHold() {
  if (assumptions_hold_ < 0) {
    assumptions_hold_ = 1;
    for (int i = 0; i < kAssumedFunctionCount; i++) {
      const AssumedFunction& assumed = kAssumedFunctions[i];
      bool is_global = std::strcmp(assumed.library, LUA_GNAME) == 0;
      auto assigns = [](const Deed& deed) {
        return deed.kind == DeedKind::kAssignGlobal ? Weight::kFirm : Weight::kNone;
      };
      auto stores = [](const Deed& deed) {
        return deed.kind == DeedKind::kStoreField && deed.by_path ? Weight::kFirm : Weight::kNone;
      };
      bool changes = is_global ? static_cast<bool>(FirstNamed(assumed.name, assigns))
                               : FirstNamed(assumed.name, stores) || FirstNamed(assumed.library, assigns);
      if (changes || !IsOriginal(L_, assumed.library, assumed.name)) assumptions_hold_ = 0;
    }
  }
  return assumptions_hold_ == 1;
}

}  // namespace sloth

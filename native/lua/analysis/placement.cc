#include "lua/analysis/placement.h"

#include <cstdio>
#include <cstring>
#include <memory>

#include "lua/analysis/captured_reach.h"
#include "lua/analysis/elsewhere.h"
#include "lua/analysis/fresh_arguments.h"
#include "lua/analysis/goroutine_rehearsal.h"
#include "lua/analysis/heap_read.h"
#include "lua/analysis/home_rehearsal.h"
#include "lua/analysis/island_view.h"
#include "lua/analysis/placement_memo.h"
#include "lua/analysis/reasons.h"
#include "lua/analysis/static_values.h"
#include "lua/island.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

PlacementMemos* MemosOf(const LClosure* closure, uint32_t* index) {
  const Code* code = CodeOf(closure->p, index);
  return code && code->facts && code->facts->memos ? &code->facts->memos[*index] : nullptr;
}

// Types whose values share a metatable: only strings may, and functions with one of ours.
bool AreTypesPlain(lua_State* L) {
  for (int type = 0; type < LUA_NUMTYPES; type++) {
    const Table* metatable = G(L)->mt[type];
    if (!metatable) continue;
    if (type != LUA_TSTRING) {
      if (!LibraryNameOf(L, metatable)) return false;
      continue;
    }
    for (int i = 0; !isdummy(metatable) && i < sizenode(metatable); i++) {
      if (ttisLclosure(gval(gnode(metatable, i)))) return false;
    }
  }
  return true;
}

bool IsRemembered(lua_State* L, const TValue* function, const TValue* arguments, int count) {
  if (!ttisLclosure(function)) return false;
  uint32_t index = 0;
  const PlacementMemos* memos = MemosOf(clLvalue(function), &index);
  for (int slot = 0; memos && slot < PlacementMemos::kSlots; slot++) {
    const PlacementMemo* memo = memos->Get(slot);
    if (!memo) return false;
    if (Holds(*memo, L, clLvalue(function), arguments, count)) return AreTypesPlain(L);
  }
  return false;
}

// One decision, in one frame.
class Decision {
 public:
  Decision(lua_State* L, PlacementRule rule, Placement* placement)
      : L_(L),
        placement_(placement),
        reasons_(rule, placement),
        reach_(L, &arena_, rule == PlacementRule::kInsist ? 0 : IslandCopyLimit(L)),
        elsewhere_(L),
        rehearsal_(L, &arena_, &elsewhere_, &reach_, &reasons_) {}

  void Decide(const TValue* function, const TValue* arguments, int count) {
    uint32_t index = 0;
    if (ttisLclosure(function)) {
      memos_ = MemosOf(clLvalue(function), &index);
      code_ = CodeOf(clLvalue(function)->p, &index);
      index_ = index;
    }
    // What was more than could be followed will be so again.
    bool explains = reasons_.rule() == PlacementRule::kExplain;
    if (memos_ && !explains && memos_->exhausted.load(std::memory_order_relaxed)) {
      return reasons_.Add("unknown", "", "reaches more code than the analysis follows");
    }
    reach_.AddFunction(function);
    for (int i = 0; i < count; i++) {
      char* name = arena_.New<char>(24);
      std::snprintf(name, 24, "argument %d", i + 1);
      reach_.Add(&arguments[i], name);
    }
    JudgeTypes();
    if (ttisLclosure(function)) {
      // As it was given, or behind a handle, a name or a time, and a context.
      auto before = reinterpret_cast<const StackValue*>(function) - L_->ci->func.p;
      bool as_given = before >= 1 && before <= 3;
      uint32_t fresh = as_given ? FindFreshArguments(L_, &elsewhere_.frames(), static_cast<int>(before), count) : 0;
      rehearsal_.Run(function, arguments, count, fresh);
      rehearsal_.JudgeStores();
    } else {
      JudgeCFunction(function, arguments, count);
    }
    JudgeReach();
    JudgeRewriting();
    AddMethods();
    JudgeVariables();
    JudgeNewGlobals();
    JudgeGlobals();
    JudgeLibraries();
    JudgeTables();
    JudgeIo();
    FillCapture();
    reasons_.Finish();
    placement_->parallel = !reasons_.AnyYet();
    if (placement_->parallel && ttisLclosure(function)) Remember(clLvalue(function), arguments, count);
    if (memos_ && home_) memos_->NoteLook(placement_->parallel);
    if (memos_ && rehearsal_.exhausted()) memos_->exhausted.store(true, std::memory_order_relaxed);
  }

 private:
  static constexpr size_t kMaxExplained = 100;

  CodePlace PlaceOf(Site site) const {
    if (!site.instance) return {};
    return {site.instance->code, site.instance->function, site.step ? site.step->pc : 0};
  }

  // "which the spawner may still assign" and its place.
  void AddElsewhere(const char* kind, const std::string& name, const std::string& what, const char* verb,
                    const Culprit& culprit) {
    CodePlace place{culprit.code, culprit.function, culprit.pc};
    if (culprit.hazard) {
      return reasons_.Add("unknown", name, place, what + ", which " + culprit.hazard + " may change unseen");
    }
    const LiveFrame* spawner = elsewhere_.frames().spawner();
    bool by_spawner = spawner && spawner->code == culprit.code && spawner->function == culprit.function;
    const char* who = by_spawner ? "the spawner" : "another function";
    reasons_.Add(kind, name, place, what + ", which " + who + " may still " + verb);
  }

  // Somebody may do it, judged by names: unless a rehearsal of the whole island shows who really can.
  template <typename Ask>
  Culprit Confirmed(Culprit culprit, Ask ask) {
    if (!culprit || culprit.firm || placement_->reasons.size() >= kMaxExplained) return culprit;
    if (!home_) {
      bool explains = reasons_.rule() == PlacementRule::kExplain;
      if (!explains && memos_ && !memos_->IsLookWorthwhile()) return culprit;
      home_ = std::make_unique<HomeRehearsal>(L_, &arena_, &elsewhere_);
      home_known_ = home_->Run();
    }
    return home_known_ ? ask(*home_) : culprit;
  }

  void Remember(const LClosure* closure, const TValue* arguments, int count) {
    if (!memos_ || memos_->IsFull() || elsewhere_.asked_frames() || home_) return;
    if (const PlacementMemo* memo = TryMakeMemo(L_, closure, arguments, count, rehearsal_)) memos_->Add(memo);
  }

  // Functions on captured objects may be called at home too.
  void AddMethods() {
    for (const LClosure* method : reach_.methods) {
      uint32_t index = 0;
      const Code* code = CodeOf(method->p, &index);
      if (code) elsewhere_.AddMethod(code, index);
    }
  }

  void JudgeTypes() {
    if (!AreTypesPlain(L_)) reasons_.Add("unknown", "", "every string, number or the like has metamethods of the program's");
  }

  void JudgeRewriting() {
    Culprit culprit = elsewhere_.RewritesFunctions();
    if (!culprit) return;
    reasons_.Add("unknown", "debug", {culprit.code, culprit.function, culprit.pc},
                 std::string(culprit.hazard) + " may change functions and captured locals unseen");
  }

  void JudgeCFunction(const TValue* function, const TValue* arguments, int count) {
    const FunctionEntry* entry = EntryOf(function);
    LibraryModel model = entry ? ModelOf(entry) : LibraryModel::kStranger;
    bool harmless = model == LibraryModel::kPlain || model == LibraryModel::kGeneric || model == LibraryModel::kReceives;
    for (int i = 0; i < count; i++) {
      harmless &= !ttistable(&arguments[i]) && !ttisfunction(&arguments[i]);
    }
    if (!harmless) reasons_.Add("unknown", entry ? entry->name : "", "its function is no Lua function and cannot be judged");
  }

  void JudgeReach() {
    if (rehearsal_.written.size() == 0 || reach_.findings.size() == 0) return JudgeReach(reach_);
    // What is in the tables that are only stored into does not come along. The analysis has seen only so much, though.
    for (const ReachFinding& finding : reach_.findings) {
      if (finding.kind == ReachFinding::Kind::kSize) return JudgeReach(reach_);
    }
    CapturedReach brought(L_, &arena_, 0);
    brought.AddAllOf(reach_, rehearsal_.written);
    JudgeReach(brought);
  }

  void JudgeReach(const CapturedReach& reach) {
    for (const ReachFinding& finding : reach.findings) {
      std::string path = reach.PathTo(finding.at);
      std::string what = finding.what;
      CodePlace place = PlaceOfName(code_, index_, path);
      switch (finding.kind) {
        case ReachFinding::Kind::kLock:
          if (reasons_.rule() == PlacementRule::kInsist) break;
          reasons_.Add("lock", path, place, "captures the " + what + " '" + path + "': a lock means shared memory");
          break;
        case ReachFinding::Kind::kUncopyable:
          reasons_.Add("uncopyable", path, place, "captured '" + path + "' is a " + what + ", which cannot be copied");
          break;
        case ReachFinding::Kind::kSize:
          reasons_.Add("size", path, place, "captures more than a copy is worth" + (path.empty() ? "" : ": '" + path + "'"));
          break;
      }
    }
  }

  void JudgeVariables() {
    for (const VariableUse& use : rehearsal_.variables) {
      if (reasons_.Enough()) return;
      Culprit culprit = elsewhere_.AssignedByFunctions(use.code, use.variable);
      if (!culprit) culprit = elsewhere_.AssignedByOwner(use.code, use.variable, use.upvalue);
      const std::string& name = use.code->facts->variables[use.variable].name;
      if (culprit) AddElsewhere("assigned-elsewhere", name, "reads '" + name + "'", "assign", culprit);
    }
  }

  void JudgeNewGlobals() {
    for (const GlobalUse& use : rehearsal_.globals) {
      if (!use.assigned || reasons_.Enough()) continue;
      std::string name(TextOf(use.name));
      Culprit culprit = Confirmed(elsewhere_.ReadsGlobal(name),
                                  [&](const HomeRehearsal& home) { return home.ReadsGlobal(name); });
      if (!culprit) continue;
      std::string reader = culprit.hazard ? culprit.hazard : ShownPlace({culprit.code, culprit.function, culprit.pc});
      reasons_.Add("assigns", name, PlaceOf(use.site),
                   "assigns the new global '" + name + "', which " + reader + " may read");
    }
  }

  void JudgeGlobals() {
    for (const GlobalUse& use : rehearsal_.globals) {
      if (reasons_.Enough()) return;
      if (use.assigned) continue;
      std::string name(TextOf(use.name));
      Culprit culprit = Confirmed(elsewhere_.AssignsGlobal(name, use.is_library),
                                  [&](const HomeRehearsal& home) { return home.AssignsGlobal(name); });
      if (culprit) AddElsewhere("assigned-elsewhere", name, "reads the global '" + name + "'", "assign", culprit);
    }
  }

  void JudgeLibraries() {
    for (const LibraryUse& use : rehearsal_.libraries) {
      if (reasons_.Enough()) return;
      std::string path = use.library;
      Culprit culprit;
      if (use.name) {
        path += "." + std::string(TextOf(use.name));
        culprit = elsewhere_.StoresLibraryField(TextOf(use.name), use.library);
      } else {
        culprit = elsewhere_.StoresIntoLibraries();
      }
      std::string_view field = use.name ? TextOf(use.name) : std::string_view();
      bool is_module = std::strcmp(use.library, "package.loaded") == 0;  // a table like any other, which is no library
      culprit = Confirmed(culprit, [&](const HomeRehearsal& home) {
        return is_module ? home.StoresField(use.table, field) : home.StoresLibraryField(use.library, field);
      });
      if (culprit) AddElsewhere("stored-elsewhere", path, "uses '" + path + "'", "replace", culprit);
    }
  }

  void JudgeTables() {
    for (const TableUse& use : rehearsal_.tables) {
      if (reasons_.Enough()) return;
      std::string base = use.site.instance ? NameOfNode(*use.site.instance->code, *use.site.instance->facts,
                                                        use.site.instance->function, use.base)
                                           : "";
      std::string quoted = base.empty() ? "a captured table" : "'" + base + "'";
      switch (use.reading) {
        case Reading::kField: {
          std::string path = (base.empty() ? "" : base + ".") + std::string(TextOf(use.name));
          Culprit culprit = Confirmed(elsewhere_.StoresField(TextOf(use.name), use.direct), [&](const HomeRehearsal& home) {
            return home.StoresField(use.table, TextOf(use.name));
          });
          if (culprit) AddElsewhere("stored-elsewhere", path, "reads '" + path + "'", "store", culprit);
          break;
        }
        case Reading::kNumber: {
          Culprit culprit = Confirmed(elsewhere_.StoresNumber(use.direct),
                                      [&](const HomeRehearsal& home) { return home.StoresNumber(use.table); });
          if (culprit) AddElsewhere("stored-elsewhere", base, "reads elements of " + quoted, "store into", culprit);
          break;
        }
        case Reading::kAnything: {
          Culprit culprit = Confirmed(elsewhere_.StoresAnything(use.direct),
                                      [&](const HomeRehearsal& home) { return home.StoresAnything(use.table); });
          if (culprit) AddElsewhere("stored-elsewhere", base, "reads all of " + quoted, "store into", culprit);
          break;
        }
        case Reading::kMetatable: {
          Culprit culprit = Confirmed(elsewhere_.ChangesMetatables(),
                                      [&](const HomeRehearsal& home) { return home.ChangesMetatable(use.table); });
          if (culprit) AddElsewhere("stored-elsewhere", base, "relies on the metatable of " + quoted, "change", culprit);
          continue;
        }
      }
      if (!reasons_.AnyYet() && IslandOf(L_) && IslandOf(L_)->write_backs.HasWriters(use.table)) {
        reasons_.Add("stored-elsewhere", base, PlaceOf(use.site),
                     "reads " + quoted + ", into which a goroutine on another island may still store");
      }
    }
  }

  void JudgeIo() {
    if (!rehearsal_.uses_io || reasons_.Enough()) return;
    if (IoIsRedirected(L_)) {
      return reasons_.Add("uncopyable", "io", "uses the default files of the io library, which are redirected");
    }
    Culprit culprit = Confirmed(elsewhere_.RedirectsIo(), [](const HomeRehearsal& home) { return home.RedirectsIo(); });
    if (culprit) AddElsewhere("stored-elsewhere", "io", "uses the default files of the io library", "redirect", culprit);
  }

  void FillCapture() {
    SpawnCapture& capture = placement_->capture;
    for (const Table* table : rehearsal_.written) {
      capture.written.push_back({table, Ref<Handle>(WriteBackBehind(L_, table))});
    }
    for (const GlobalUse& use : rehearsal_.globals) {
      if (!use.is_library && !use.assigned) capture.globals.push_back({std::string(TextOf(use.name))});
    }
    for (const LibraryUse& use : rehearsal_.libraries) {
      if (use.changed) AddFields(use);
    }
    for (const TString* module : rehearsal_.modules) {
      capture.fields.push_back({"package.loaded", std::string(TextOf(module))});
    }
  }

  void AddFields(const LibraryUse& use) {
    std::vector<CapturedField>& fields = placement_->capture.fields;
    if (use.name) return fields.push_back({use.library, std::string(TextOf(use.name))});
    struct Context {
      std::vector<CapturedField>* fields;
      const char* library;
    } context{&fields, use.library};
    VisitLibraryChanges(
        L_, use.library,
        [](void* context, const char* field) {
          auto* to = static_cast<Context*>(context);
          to->fields->push_back({to->library, field});
        },
        &context);
  }

  lua_State* const L_;
  Placement* const placement_;
  Reasons reasons_;
  Arena arena_;
  CapturedReach reach_;
  Elsewhere elsewhere_;
  GoroutineRehearsal rehearsal_;
  std::unique_ptr<HomeRehearsal> home_;
  bool home_known_ = false;
  PlacementMemos* memos_ = nullptr;
  const Code* code_ = nullptr;  // of the function that is started, the function `index_` of it; null: a C function
  uint32_t index_ = 0;
};

}  // namespace

Placement DecidePlacement(lua_State* L, int index, int argument_count, PlacementRule rule) noexcept {
  Placement placement;
  const TValue* function = s2v(index > 0 ? L->ci->func.p + index : L->top.p + index);
  // Values on a stack lie one StackValue apart.
  constexpr int kFew = 8;
  TValue few[kFew];
  std::vector<TValue> many(argument_count > kFew ? argument_count : 0);
  TValue* arguments = argument_count > kFew ? many.data() : few;
  for (int i = 0; i < argument_count; i++) arguments[i] = *s2v(reinterpret_cast<const StackValue*>(function) + 1 + i);
  if (IsRemembered(L, function, arguments, argument_count)) {
    placement.parallel = true;
    return placement;
  }
  Decision(L, rule, &placement).Decide(function, arguments, argument_count);
  return placement;
}

}  // namespace sloth

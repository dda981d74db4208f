// Rehearses a goroutine before it exists, from the very function and arguments of its spawn.
//
// What keeps it home by its own doing is a reason at once. What it reads and somebody else might still change is noted, for
// DecidePlacement to ask about.
#pragma once

#include "lua/analysis/captured_reach.h"
#include "lua/analysis/reasons.h"
#include "lua/analysis/rehearsal.h"

namespace sloth {

// A global the goroutine names.
struct GlobalUse {
  const TString* name;
  bool is_library;
  bool assigned;  // it assigns it, and it did not exist
  Site site;
};

// A field of a library table it names.
struct LibraryUse {
  const char* library;
  const Table* table;   // null: not built yet
  const TString* name;  // null: the table as a whole
  Site site;
  bool changed;  // the program changed it
};

// What it reads of a captured table.
struct TableUse {
  Reading reading;
  const Table* table;   // null: any captured table
  const TString* name;  // of a field
  bool direct;          // not where a metatable sends it
  NodeId base;          // how the code calls the table
  Site site;
};

// A captured local it reads.
struct VariableUse {
  const Code* code;
  uint32_t variable;
  const UpVal* upvalue;
  Site site;
};

// A store into a captured table by an assignment (`t[k] = v`).
struct StoreUse {
  ObjectId table;
  const TString* key;
  Site site;
};

class GoroutineRehearsal final : public Rehearsal {
 public:
  GoroutineRehearsal(lua_State* L, Arena* arena, Elsewhere* elsewhere, CapturedReach* reach, Reasons* reasons)
      : Rehearsal(L, arena, elsewhere), reach_(reach), reasons_(reasons) {}

  // `fresh` has bit i for an argument i that is a table of the goroutine's own.
  void Run(const TValue* function, const TValue* arguments, int argument_count, uint32_t fresh);
  // After it: a captured table that is only stored into need not keep the goroutine home, when it does not touch afterwards
  // what it stored; those become `written`, any other store is a reason.
  void JudgeStores();

  ArenaArray<GlobalUse> globals;
  ArenaArray<LibraryUse> libraries;
  ArenaArray<TableUse> tables;
  ArenaArray<VariableUse> variables;
  ArenaArray<const TString*> modules;  // Lua modules it requires
  bool uses_io = false;
  ArenaArray<const Table*> written;  // its stores into these are posted home (write_back.h)

 private:
  bool Stopped() const override { return reasons_->Enough(); }
  void Unknown(const std::string& name, Site site, const std::string& what) override;
  void Reads(ObjectId table, Reading reading, const TString* name, Site site) override;
  void Stores(ObjectId table, const TString* key, const ObjectSet& values, Site site) override;
  void SetsMetatable(ObjectId table, const ObjectSet& metatables, Site site) override;
  void ReadsVariable(const Instance* owner, uint32_t index, Site site) override;
  void AssignsVariable(const UpVal* upvalue, const ObjectSet& values, Site site, const std::string& name) override;
  const ObjectSet* AssignedTo(const UpVal*) const override { return nullptr; }
  void ReadsGlobal(const TString* name, const TValue* value, bool is_library, Site site) override;
  void AssignsGlobal(ObjectId globals, const TString* name, const ObjectSet& values, Site site) override;
  void ReadsLibrary(ObjectId library, const TString* name, const TValue* value, Site site) override;
  void RequiresModule(const TString* name, const TValue* module, Site site) override;
  void UsesDefaultFiles() override { uses_io = true; }
  void RedirectsFiles(const std::string& name, Site site) override;
  void GetOfAnyCaptured(ObjectSet* out, const TString* key, Site site) override;
  uint32_t EventsOfAnyCaptured() const override { return reach_->events; }
  void CallAnyCaptured(const Operands& operands, const Results& results, Site site) override;
  void CopyAnyCaptured(Site site) override;
  void CallStranger(ObjectId callee, const Operands& operands, const Results& results, Site site) override;

  void AddStoreReason(ObjectId table, const TString* key, Site site);

  // goroutine_stores.cc
  bool IsOnlyStoredInto(const Table* table) const;
  bool LeavesAlone(const StoreUse& store);
  bool Gather(const ObjectSet& values, ObjectSet* gone);
  bool GatherFunction(ObjectId function);
  bool IsHeldElsewhere(const ObjectSet& gone) const;
  bool IsHandedOver(const ObjectSet& gone);
  bool IsUsedAfter(const StoreUse& store, const ObjectSet& gone);

  bool IsNew(const void* a, const void* b);
  void Capture(const TValue* value, const char* name);
  ObjectId OwnTable(const Table* table);
  CodePlace PlaceOf(Site site) const;

  CapturedReach* const reach_;
  Reasons* const reasons_;
  ArenaArray<StoreUse> stores_;
  ArenaArray<const Table*> inspected_;  // their metatables are looked at, other than by a store; null: any
  PointerMap noted_;
};

}  // namespace sloth

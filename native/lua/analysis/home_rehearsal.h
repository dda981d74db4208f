// Rehearses everything on an island but the new goroutine: what its live frames still run, what waits in its other states,
// what the host and the collector may call. Answers who else may store into a table or assign a variable where the names
// alone (elsewhere.h) cannot rule it out.
//
// Costs far more than the answer by names, so that DecidePlacement asks only when that says "somebody may".
#pragma once

#include "lua/analysis/live_frames.h"
#include "lua/analysis/rehearsal.h"

namespace sloth {

class HomeRehearsal final : public Rehearsal {
 public:
  HomeRehearsal(lua_State* L, Arena* arena, Elsewhere* elsewhere);

  // False when it had to give up: anything may happen.
  [[nodiscard]] bool Run();

  // Who may do it; all after a successful Run. `table` null: to any captured table.
  Culprit StoresField(const Table* table, std::string_view name) const;
  Culprit StoresNumber(const Table* table) const;
  Culprit StoresAnything(const Table* table) const;
  Culprit ChangesMetatable(const Table* table) const;
  Culprit StoresLibraryField(std::string_view library, std::string_view name) const;
  Culprit AssignsVariable(const UpVal* upvalue) const;
  Culprit AssignsGlobal(std::string_view name) const;
  Culprit ReadsGlobal(std::string_view name) const;
  Culprit RedirectsIo() const;

 private:
  struct StoreRecord {
    ObjectId object;  // a table, a library or kAnyCaptured
    const TString* key;
    bool metatable;  // its metatable is set
    Site site;
  };
  struct NameRecord {
    const TString* name;
    bool assigned;
    Site site;
  };
  struct VariableRecord {
    const UpVal* upvalue;
    ObjectSet values;
    bool assigned;
    Site site;
    VariableRecord* next;
  };
  // What a frame's pending call returns: what the function called by it will.
  struct PendingCall {
    Instance* caller;
    const Step* step;
    Instance* callee;  // null: a C function
    ObjectSet values;  // which returns one of these
    bool with_errors;  // or an error, or what passes between coroutines
    bool with_coroutines;
  };

  // home_roots.cc
  void AddThread(lua_State* thread);
  void AddLuaFrame(lua_State* thread, CallInfo* info, bool innermost, PendingCall* called);
  void AddCFrame(CallInfo* info, const StackValue* end, bool spawns, PendingCall* called);
  bool FillRegisters(lua_State* thread, CallInfo* info, Instance* instance, int pc, bool pending_call);
  void AddWrittenTables();
  void AddRegistry();
  void AddRegistryTable(const Table* table, int depth);
  void AddFinalizers(GCObject* list);
  void AddCallback(const TValue* function);
  void PlayRoots();

  bool Stopped() const override { return gave_up_; }
  void Unknown(const std::string& name, Site site, const std::string& what) override;
  void Reads(ObjectId, Reading, const TString*, Site) override {}
  void Stores(ObjectId table, const TString* key, const ObjectSet& values, Site site) override;
  void SetsMetatable(ObjectId table, const ObjectSet& metatables, Site site) override;
  void ReadsVariable(const Instance*, uint32_t, Site) override {}
  void AssignsVariable(const UpVal* upvalue, const ObjectSet& values, Site site, const std::string& name) override;
  const ObjectSet* AssignedTo(const UpVal* upvalue) const override;
  void ReadsGlobal(const TString* name, const TValue* value, bool is_library, Site site) override;
  void AssignsGlobal(ObjectId globals, const TString* name, const ObjectSet& values, Site site) override;
  void ReadsLibrary(ObjectId, const TString*, const TValue*, Site) override {}
  void RequiresModule(const TString*, const TValue*, Site) override {}
  void UsesDefaultFiles() override {}
  void RedirectsFiles(const std::string& name, Site site) override;
  void GetOfAnyCaptured(ObjectSet* out, const TString* key, Site site) override;
  uint32_t EventsOfAnyCaptured() const override;
  void CallAnyCaptured(const Operands& operands, const Results& results, Site site) override;
  void CopyAnyCaptured(Site) override {}
  void CallStranger(ObjectId callee, const Operands& operands, const Results& results, Site site) override;

  VariableRecord* RecordOf(const UpVal* upvalue);
  template <typename Matches>
  Culprit FindStore(const Table* table, Matches matches) const;
  static Culprit CulpritAt(Site site);

  bool gave_up_ = false;
  ArenaArray<StoreRecord> stores_;
  ArenaArray<NameRecord> names_;
  VariableRecord* variables_ = nullptr;
  ArenaArray<PendingCall*> pending_;
  ArenaArray<ObjectId> callbacks_;  // functions that somebody outside Lua may call
  ArenaArray<Instance*> bodies_;    // the outermost frame of each state
  ObjectSet held_{};                // what C functions that wait were given: they may call what is in there
  ObjectSet callback_arguments_{};
  Site redirection_{};
};

}  // namespace sloth

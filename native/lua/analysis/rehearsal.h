// Plays code through before it runs: every function it can reach, over abstract values (abstract_heap.h), starting from
// functions and values as the heap holds them now. Whatever the code may do is among what the rehearsal does; the rehearsal
// knows neither the order of things nor which branch is taken.
//
// What it sees it tells the kind of rehearsal: of a new goroutine (goroutine_rehearsal.h), or of all the rest of the island
// (home_rehearsal.h). Lives in one frame of DecidePlacement. Reads the heap raw; its work is bounded.
#pragma once

#include "lua/analysis/abstract_heap.h"
#include "lua/analysis/chunk_facts.h"
#include "lua/analysis/elsewhere.h"

namespace sloth {

// One function as it is rehearsed: a closure that was there before, or all closures that one place makes.
struct Instance {
  const Code* code;
  const FunctionFacts* facts;
  const Proto* proto;
  uint32_t function;
  uint32_t pass;      // the last one in which it was played
  LClosure* closure;  // there before; null: made by `maker`
  Instance* maker;
  ObjectSet* nodes;
  ObjectSet** locals;
  ObjectId* made;     // by each step: the table or function it makes
  // Of a frame that lives already: which instructions can still run, and the open upvalues of its captured locals.
  const bool* reachable;
  const UpVal** open_upvalues;
  ObjectSet first_result;
  ObjectSet rest_results;
};

// A place in the code, for messages.
struct Site {
  const Instance* instance;
  const Step* step;
};

// The operands of a call. The last one stands for any number of values when `open`.
struct Operands {
  const ObjectSet* const* sets;
  uint32_t count;
  bool open;
};

struct Results {
  ObjectSet* first;
  ObjectSet* rest;
};

// What is read of a table.
enum class Reading : uint8_t { kField, kNumber, kAnything, kMetatable };

class Rehearsal {
 public:
  Rehearsal(lua_State* L, Arena* arena, Elsewhere* elsewhere)
      : L_(L), arena_(arena), heap_(L, arena), elsewhere_(elsewhere) {}
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;
  virtual ~Rehearsal() = default;

  // It was too much to follow.
  bool exhausted() const { return exhausted_; }

 protected:
  // -- What a kind of rehearsal makes of what it sees --
  // It has seen enough, or too much.
  virtual bool Stopped() const = 0;
  // Something that cannot be known.
  virtual void Unknown(const std::string& name, Site site, const std::string& what) = 0;
  // Reads a table that was there before; `table` may be kAnyCaptured.
  virtual void Reads(ObjectId table, Reading reading, const TString* name, Site site) = 0;
  // Stores into such a table or a library. `key` may be NumberKey or AnyKey.
  virtual void Stores(ObjectId table, const TString* key, const ObjectSet& values, Site site) = 0;
  virtual void SetsMetatable(ObjectId table, const ObjectSet& metatables, Site site) = 0;
  // Reads, assigns an upvalue of a closure that was there before.
  virtual void ReadsVariable(const Instance* owner, uint32_t index, Site site) = 0;
  virtual void AssignsVariable(const UpVal* upvalue, const ObjectSet& values, Site site, const std::string& name) = 0;
  // What was assigned to one in this rehearsal; null: never.
  virtual const ObjectSet* AssignedTo(const UpVal* upvalue) const = 0;
  virtual void ReadsGlobal(const TString* name, const TValue* value, bool is_library, Site site) = 0;
  virtual void AssignsGlobal(ObjectId globals, const TString* name, const ObjectSet& values, Site site) = 0;
  // A field of a library table; without a name, all of it.
  virtual void ReadsLibrary(ObjectId library, const TString* name, const TValue* value, Site site) = 0;
  // Asks for a loaded module. `module` null: one of the runtime's, which is the library of that name.
  virtual void RequiresModule(const TString* name, const TValue* module, Site site) = 0;
  virtual void UsesDefaultFiles() = 0;
  virtual void RedirectsFiles(const std::string& name, Site site) = 0;
  // kAnyCaptured: what it has under a name, which metamethods it may have, a call of it, and its copy.
  virtual void GetOfAnyCaptured(ObjectSet* out, const TString* key, Site site) = 0;
  virtual uint32_t EventsOfAnyCaptured() const = 0;
  virtual void CallAnyCaptured(const Operands& operands, const Results& results, Site site) = 0;
  virtual void CopyAnyCaptured(Site site) = 0;
  // Calls a C function that nobody registered.
  virtual void CallStranger(ObjectId callee, const Operands& operands, const Results& results, Site site) = 0;

  // rehearsal.cc
  // Plays every instance once more; until nothing changes it has to be done again.
  void Play();
  // Counts a piece of work. True when there was too much of it: the rehearsal ends, and nothing is known.
  bool TooMuchWork(Site site);
  bool Halted() const { return exhausted_ || Stopped(); }
  void PlayStep(Instance* instance, const Step& step);
  bool IsNumber(const FunctionFacts& facts, NodeId node);
  Instance* InstanceOf(ObjectId function);
  void Prepare(Instance* instance);
  void GetUpvalue(Instance* instance, const Step& step);
  void SetUpvalue(Instance* instance, uint32_t index, const ObjectSet& values, Site site);
  // Where an upvalue's values are.
  struct UpvaluePlace {
    ObjectSet* local = nullptr;       // of something rehearsed; null: it was there before,
    const Instance* owner = nullptr;  // with this closure as its upvalue `index`
    uint32_t index = 0;
    const UpVal* upvalue = nullptr;   // the open one of a frame's local, or that of the closure; null: none exists yet
  };
  UpvaluePlace PlaceOfUpvalue(const Instance* instance, uint32_t index) const;
  void Return(Instance* instance, const Step& step);

  // rehearsal_tables.cc
  void GetField(ObjectSet* out, ObjectId base, const TString* key, Site site);
  void GetElement(ObjectSet* out, ObjectId base, bool number, Site site);
  void SetKey(ObjectId base, const TString* key, const ObjectSet& values, Site site);
  void GetThroughMetatables(ObjectSet* out, ObjectId base, const TString* key, Site site);
  void SetThroughMetatables(ObjectId base, const TString* key, const ObjectSet& values, Site site);
  void ListElements(ObjectId table);
  void CopyContents(ObjectSet* out, ObjectId id, const TString* key);
  void ReadDeeply(const ObjectSet& values, Site site);
  void ReadObjectDeeply(ObjectId id, Site site);
  void ReadFunctionDeeply(ObjectId function, Site site);

  // rehearsal_globals.cc
  void GetGlobal(ObjectSet* out, ObjectId globals, const TString* name, Site site);
  void GetLibraryField(ObjectSet* out, ObjectId library, const TString* key, Site site);
  void UseWholeLibrary(ObjectSet* out, ObjectId library, Site site);
  void GetStringMethod(ObjectSet* out, const TString* key, Site site);
  void GetStringElement(ObjectSet* out, Site site);
  void Require(const Operands& operands, const Results& results, Site site);

  // rehearsal_calls.cc
  void Call(const ObjectSet& callees, const Operands& operands, const Results& results, Site site);
  void CallObject(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallWithSelf(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallLua(Instance* instance, const Operands& operands, const Results& results);
  void Operate(Instance* instance, const Step& step);
  void CallMetamethod(ObjectId object, const char* event, const Operands& operands, const Results& results, Site site);
  void MetatablesOf(ObjectId object, ObjectSet* out, Site site);
  void GetMetafield(ObjectSet* out, ObjectId object, const char* name, Site site);

  // rehearsal_library.cc
  // A library function that calls others is being called: itself among them, perhaps, with the same operands.
  struct ActiveCall {
    ObjectId callee;
    const Operands* operands;
    const ActiveCall* outer;
  };
  bool IsActive(ObjectId callee, const Operands& operands, Site site);
  void PlayLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallProtected(LibraryModel model, const Operands& operands, const Results& results, Site site);
  void CallCoroutineFunction(LibraryModel model, const Operands& operands, const Results& results, Site site);
  void CallRuntimeFunction(LibraryModel model, const Operands& operands, const Results& results, Site site);
  void CallSpawn(LibraryModel model, const Operands& operands, const Results& results, Site site);
  Operands BehindPlain(const Operands& operands);
  ObjectSet TablesIn(const ObjectSet& values);
  bool AreFunctions(const ObjectSet& values);
  void CallArguments(const Operands& operands, const Results& results, Site site);
  void CallFunctionsIn(const ObjectSet& values, const Operands& operands, const Results& results, Site site, int depth);
  void CallMetamethodsOfArguments(const Operands& operands, const Results& results, Site site);
  ObjectId ObjectMadeBy(Site site, ObjectKind kind);

  // rehearsal_table_library.cc
  void CallTableFunction(LibraryModel model, const Operands& operands, const Results& results, Site site);
  void SetMetatable(const Operands& operands, const Results& results, Site site);
  void GetMetatable(const Operands& operands, const Results& results, Site site);

  // Sets. Put fills what the step makes anew each time; Flow feeds what other steps may have read already.
  void Put(ObjectSet* out, ObjectId id);
  void PutAll(ObjectSet* out, const ObjectSet& from);
  void FlowTo(Instance* instance, ObjectSet* parameter, const ObjectSet& from);
  void Flow(ObjectSet* out, ObjectId id);
  void FlowAll(ObjectSet* out, const ObjectSet& from);
  void AddValue(ObjectSet* out, const TValue* value);
  const ObjectSet& Operand(const Operands& operands, uint32_t i) const;
  const TString* ConstantOf(const Instance* instance, uint32_t constant) const;
  bool IsFunction(ObjectId id) { return heap_[id].IsFunction(); }
  std::string NameOf(Site site, NodeId node) const;
  NodeId TableOf(Site site) const;
  static bool IsName(const TString* key);

  lua_State* const L_;
  Arena* const arena_;
  AbstractHeap heap_;
  Elsewhere* const elsewhere_;
  ArenaArray<Instance*> instances_;
  ObjectSet errors_{};      // what error and assert raise
  ObjectSet coroutines_{};  // what passes between coroutines and those who resume them
  const ObjectSet nothing_{};
  uint32_t max_captured_ = 32;  // sets of more captured objects become kAnyCaptured
  bool heap_changes_ = false;   // captured tables and variables may hold more than the heap shows now
  bool changed_ = false;
  int string_extended_ = -1;    // whether the program added functions to strings; -1: not looked yet
  uint32_t pass_ = 0;
  uint32_t work_ = 0;
  uint32_t max_work_ = 100000;
  bool exhausted_ = false;
  bool arms_finalizers_ = false;  // gives a table it makes a finalizer, which runs when nobody knows
  ObjectSet* visited_ = nullptr;  // tables that the lookup under way through metatables has met
  uint32_t stamp_ = 0;     // of the deep reading under way
  uint32_t argument_ = 0;  // which argument a library function works on, for messages
  int depth_ = 0;          // of the metatables being followed
  const ActiveCall* active_ = nullptr;
  int calls_inside_ = 0;  // library calls since the outermost one began
  int handed_on_ = 0;    // library functions under way that call each other
  bool handed_on_too_often_ = false;
};

}  // namespace sloth

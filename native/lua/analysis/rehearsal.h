// Plays a goroutine through before it exists: every function it can reach, over abstract values (abstract_heap.h), starting
// from the very function and arguments of the spawn and what the heap holds now. Whatever the goroutine may do is among
// what the rehearsal does; the rehearsal knows neither the order of things nor which branch is taken.
//
// What keeps the goroutine home by its own doing is reported at once. What it reads and somebody else might still change is
// collected, for DecidePlacement to ask about.
//
// Lives in one frame of DecidePlacement. Reads the heap raw; its work is bounded, beyond the bound the answer is "home".
#pragma once

#include "lua/analysis/abstract_heap.h"
#include "lua/analysis/captured_reach.h"
#include "lua/analysis/chunk_facts.h"
#include "lua/analysis/elsewhere.h"
#include "lua/analysis/reasons.h"

namespace sloth {

// One function as the goroutine has it: a captured closure, or all closures it makes at one place.
struct Instance {
  const Code* code;
  const FunctionFacts* facts;
  const Proto* proto;
  uint32_t function;
  uint32_t pass;      // the last one in which it was played
  LClosure* closure;  // captured; null: made by `maker`
  Instance* maker;
  ObjectSet* nodes;
  ObjectSet* locals;
  ObjectId* made;     // by each step: the table or function it makes
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
  const TString* name;  // null: the table as a whole
  Site site;
  bool changed;  // the program changed it
};

// What it reads of captured tables.
struct TableUse {
  enum class Kind : uint8_t { kField, kNumber, kAnything, kMetatable } kind;
  const TString* name;  // of a field
  NodeId base;
  Site site;
};

// A captured local it reads.
struct VariableUse {
  const Code* code;
  uint32_t variable;
  const UpVal* upvalue;
  Site site;
};

class Rehearsal {
 public:
  Rehearsal(lua_State* L, Arena* arena, CapturedReach* reach, Elsewhere* elsewhere, Reasons* reasons)
      : L_(L), arena_(arena), heap_(L, arena), reach_(reach), elsewhere_(elsewhere), reasons_(reasons) {}
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  void Run(const TValue* function, const TValue* arguments, int argument_count);

  ArenaArray<GlobalUse> globals;
  ArenaArray<LibraryUse> libraries;
  ArenaArray<TableUse> tables;
  ArenaArray<VariableUse> variables;
  ArenaArray<const TString*> modules;  // Lua modules it requires
  bool uses_io = false;

 private:
  // rehearsal.cc
  void Play();
  void PlayStep(Instance* instance, const Step& step);
  Instance* InstanceOf(ObjectId function);
  void Prepare(Instance* instance);
  void GetUpvalue(Instance* instance, const Step& step);
  void SetUpvalue(Instance* instance, uint32_t index, const ObjectSet& values, Site site);
  ObjectSet* UpvalueSet(const Instance* instance, uint32_t index, const Instance** owner, uint32_t* owner_index) const;
  void NoteVariable(const Instance* owner, uint32_t index, Site site);
  void Return(Instance* instance, const Step& step);

  // rehearsal_tables.cc
  void GetField(ObjectSet* out, ObjectId base, const TString* key, Site site);
  void GetElement(ObjectSet* out, ObjectId base, bool number, Site site);
  void SetKey(ObjectId base, const TString* key, const ObjectSet& values, Site site);
  // rehearsal_globals.cc
  void GetGlobal(ObjectSet* out, const TString* name, Site site);
  void SetGlobal(ObjectId globals, const TString* name, const ObjectSet& values, Site site);
  void GetLibraryField(ObjectSet* out, ObjectId library, const TString* key, Site site);
  void UseWholeLibrary(ObjectSet* out, ObjectId library, Site site);
  void GetStringMethod(ObjectSet* out, const TString* key, Site site);
  // rehearsal_tables.cc
  void GetOfAnyCaptured(ObjectSet* out, const TString* key);
  void GetThroughMetatables(ObjectSet* out, ObjectId base, const TString* key, Site site);
  void ListElements(ObjectId table);
  void CopyContents(ObjectSet* out, ObjectId id, const TString* key);
  void ReadDeeply(const ObjectSet& values, Site site);
  void ReadObjectDeeply(ObjectId id, Site site);
  void ReadFunctionDeeply(ObjectId function, Site site);
  void NoteTable(TableUse::Kind kind, const TString* name, Site site);

  // rehearsal_calls.cc
  void Call(const ObjectSet& callees, const Operands& operands, const Results& results, Site site);
  void CallObject(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallLua(Instance* instance, const Operands& operands, const Results& results);
  void Operate(Instance* instance, const Step& step);
  void CallMetamethod(ObjectId object, const char* event, const Operands& operands, const Results& results, Site site);
  void MetatablesOf(ObjectId object, ObjectSet* out);
  void GetMetafield(ObjectSet* out, ObjectId object, const char* name);

  // rehearsal_library.cc
  void CallLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void PlayLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site);
  void CallTableFunction(LibraryModel model, const Operands& operands, const Results& results, Site site);
  void CallArguments(const Operands& operands, uint32_t first, const Results& results, Site site, bool with_messages);
  void CallFunctionsIn(const ObjectSet& values, const Operands& operands, const Results& results, Site site, int depth);
  void CallMetamethodsOfArguments(const Operands& operands, const Results& results, Site site);
  void SetMetatable(const Operands& operands, const Results& results, Site site);
  void Require(const Operands& operands, const Results& results, Site site);
  ObjectId TableMadeBy(Site site);

  // Sets. Put fills what the step makes anew each time; Flow feeds what other steps may have read already.
  void Put(ObjectSet* out, ObjectId id);
  void PutAll(ObjectSet* out, const ObjectSet& from);
  void FlowTo(Instance* instance, ObjectSet* parameter, const ObjectSet& from);
  void Flow(ObjectSet* out, ObjectId id);
  void FlowAll(ObjectSet* out, const ObjectSet& from);
  void AddValue(ObjectSet* out, const TValue* value);
  const ObjectSet& Operand(const Operands& operands, uint32_t i) const;
  const TString* ConstantOf(const Instance* instance, uint32_t constant) const;
  bool IsNew(const void* pointer, uintptr_t tag = 0);
  void Unknown(const std::string& name, Site site, const std::string& what);
  std::string NameOf(Site site, NodeId node) const;

  lua_State* const L_;
  Arena* const arena_;
  AbstractHeap heap_;
  CapturedReach* const reach_;
  Elsewhere* const elsewhere_;
  Reasons* const reasons_;
  ArenaArray<Instance*> instances_;
  PointerMap noted_;
  ObjectSet errors_{};    // what error and assert raise
  ObjectSet coroutines_{};  // what passes between coroutines and those who resume them
  const ObjectSet nothing_{};
  bool changed_ = false;
  uint32_t pass_ = 0;
  uint32_t played_ = 0;  // steps
  uint32_t stamp_ = 0;   // of the deep reading under way
  int depth_ = 0;        // of the metatables being followed
  int handed_on_ = 0;    // library functions under way that call each other
  bool handed_on_too_often_ = false;
};

}  // namespace sloth

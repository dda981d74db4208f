// Calls, operators and metamethods in a rehearsal.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/known_functions.h"
#include "lua/analysis/rehearsal.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

constexpr int kMaxDepth = 100;

}  // namespace

void Rehearsal::Call(const ObjectSet& callees, const Operands& operands, const Results& results, Site site) {
  // The set may grow while the calls are played: only its owner's step adds to it.
  for (uint32_t i = 0; i < callees.size(); i++) CallObject(callees[i], operands, results, site);
}

void Rehearsal::CallObject(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  if (TooMuchWork(site)) return;
  auto name_of_callee = [&] {
    return site.step && site.step->kind == StepKind::kCall ? NameOf(site, site.step->a) : std::string();
  };
  switch (heap_[callee].kind) {
    case ObjectKind::kFunction:
    case ObjectKind::kOwnFunction: {
      Instance* instance = InstanceOf(callee);
      if (instance) return CallLua(instance, operands, results);
      std::string name = name_of_callee();
      return Unknown(name, site, site.instance ? "calls '" + name + "', whose code cannot be judged"
                                               : "its code cannot be judged: it was built by load or has no debug information");
    }
    case ObjectKind::kCFunction:
    case ObjectKind::kMethod: return CallLibrary(callee, operands, results, site);
    case ObjectKind::kTable:
    case ObjectKind::kOwnTable:
    case ObjectKind::kLibrary: return CallWithSelf(callee, operands, results, site);
    case ObjectKind::kAnyCaptured: return CallAnyCaptured(operands, results, site);
    case ObjectKind::kMessage: {
      std::string name = name_of_callee();
      return Unknown(name, site, "calls a function that it received" + (name.empty() ? "" : ": '" + name + "'"));
    }
    case ObjectKind::kLibraryValue:
      for (uint32_t i = 0; i < operands.count; i++) ReadDeeply(*operands.sets[i], site);
      Put(results.first, kMessage);
      Put(results.rest, kMessage);
      return;
    case ObjectKind::kGenerator:
      for (uint32_t i = 0; i < operands.count; i++) FlowAll(&coroutines_, *operands.sets[i]);
      PutAll(results.first, coroutines_);
      PutAll(results.rest, coroutines_);
      return;
    case ObjectKind::kUncopyable: return Unknown(name_of_callee(), site, "calls something that cannot be judged");
    default: return;
  }
}

void Rehearsal::CallWithSelf(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  ObjectSet self{};
  Put(&self, callee);
  auto** sets = arena_->New<const ObjectSet*>(operands.count + 1);
  sets[0] = &self;
  for (uint32_t i = 0; i < operands.count; i++) sets[i + 1] = operands.sets[i];
  Operands with_self{sets, operands.count + 1, operands.open};
  if (heap_[callee].kind != ObjectKind::kLibrary) return CallMetamethod(callee, "__call", with_self, results, site);
  const char* library = heap_[callee].name;
  const FunctionEntry* entry = FindFunctionFor(L_, library, std::strcmp(library, "go") == 0 ? "spawn" : "__call");
  const Table* table = heap_[callee].table();
  if (!entry && table && table->metatable) entry = EntryOf(RawField(L_, table->metatable, "__call", 6));
  if (!entry) return Unknown(library, site, "calls '" + std::string(library) + "', which cannot be judged");
  CallLibrary(heap_.OfEntry(entry), with_self, results, site);
}

void Rehearsal::CallLua(Instance* instance, const Operands& operands, const Results& results) {
  Prepare(instance);
  const FunctionFacts& facts = *instance->facts;
  auto parameters = static_cast<uint32_t>(facts.parameters.size());
  for (uint32_t i = 0; i < parameters; i++) {
    FlowTo(instance, &instance->nodes[facts.parameters[i]], Operand(operands, i));
  }
  if (facts.varargs != kPlainNode) {
    ObjectSet* varargs = &instance->nodes[facts.varargs];
    for (uint32_t i = parameters; i < operands.count; i++) FlowTo(instance, varargs, *operands.sets[i]);
    if (operands.open) FlowTo(instance, varargs, Operand(operands, operands.count));
  }
  PutAll(results.first, instance->first_result);
  PutAll(results.rest, instance->rest_results);
}

void Rehearsal::Operate(Instance* instance, const Step& step) {
  const NodeId* nodes = instance->facts->OperandsOf(step);
  bool empty = true;
  for (uint32_t i = 0; i < step.operand_count; i++) empty &= instance->nodes[nodes[i]].empty();
  if (empty) return;
  // The metamethod gets two operands; of a concatenation any two neighbours.
  ObjectSet left{}, right{};
  for (uint32_t i = 0; i < step.operand_count; i++) {
    PutAll(i == 0 || step.operand_count > 2 ? &left : &right, instance->nodes[nodes[i]]);
  }
  if (step.operand_count > 2) right = left;
  const ObjectSet* sets[] = {&left, &right};
  Site site{instance, &step};
  ObjectSet* out = &instance->nodes[step.target];
  const char* event = getstr(G(L_)->tmname[step.b]);
  for (const ObjectSet* operands : {&left, &right}) {
    for (uint32_t i = 0; i < operands->size(); i++) {
      ObjectId id = (*operands)[i];
      bool captured = heap_[id].kind == ObjectKind::kTable || id == kAnyCaptured;
      if (captured && step.b == TM_LEN) Reads(id, Reading::kNumber, nullptr, site);
      CallMetamethod(id, event, {sets, 2, false}, {out, out}, site);
    }
  }
}

void Rehearsal::CallMetamethod(ObjectId object, const char* event, const Operands& operands, const Results& results,
                               Site site) {
  if (object == kMessage && elsewhere_->DefinesEvent(EventNamed(event))) {
    return Unknown("", site, std::string("uses a received value whose metamethod '") + event + "' cannot be known");
  }
  if (object == kAnyCaptured) {
    Reads(object, Reading::kMetatable, nullptr, site);
    if (!(EventsOfAnyCaptured() & (1u << EventNamed(event)))) return;
    return Unknown("", site, std::string("uses a captured value whose metamethod '") + event + "' cannot be known");
  }
  ObjectSet handlers{};
  GetMetafield(&handlers, object, event, site);
  if (handlers.empty()) return;
  // A handler may be callable through a handler of its own.
  if (depth_ > kMaxDepth) return Unknown("", site, "calls through more metatables than the analysis follows");
  depth_++;
  for (uint32_t i = 0; i < handlers.size(); i++) CallObject(handlers[i], operands, results, site);
  depth_--;
}

void Rehearsal::MetatablesOf(ObjectId object, ObjectSet* out, Site site) {
  if (heap_[object].kind == ObjectKind::kTable) {
    Reads(object, Reading::kMetatable, nullptr, site);
    if (Table* metatable = heap_[object].table()->metatable) Put(out, heap_.OfTable(metatable));
  }
  PutAll(out, heap_[object].metatables);
}

// What the metatables of `object` hold under `name`.
void Rehearsal::GetMetafield(ObjectSet* out, ObjectId object, const char* name, Site site) {
  ObjectSet metatables{};
  MetatablesOf(object, &metatables, site);
  for (uint32_t i = 0; i < metatables.size(); i++) {
    AbstractObject& metatable = heap_[metatables[i]];
    switch (metatable.kind) {
      case ObjectKind::kTable:
      case ObjectKind::kLibrary:
        if (metatable.pointer) AddValue(out, RawField(L_, metatable.table(), name, std::strlen(name)));
        break;
      case ObjectKind::kAnyCaptured:
      case ObjectKind::kMessage:
        Unknown("", site, "uses a metatable that cannot be known");
        break;
      case ObjectKind::kGlobals: Unknown("_G", site, "uses the table of globals as a metatable"); break;
      default: break;
    }
    for (Contents* contents = metatable.contents; contents; contents = contents->next) {
      bool computed = contents->key == AbstractHeap::AnyKey();
      if (computed || (contents->key != AbstractHeap::NumberKey() && TextOf(contents->key) == name)) {
        PutAll(out, contents->values);
      }
    }
  }
}

}  // namespace sloth

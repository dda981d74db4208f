// Calls, operators and metamethods in a rehearsal.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/known_functions.h"
#include "lua/analysis/rehearsal.h"
#include "lua/pack_library.h"

namespace sloth {

void Rehearsal::Call(const ObjectSet& callees, const Operands& operands, const Results& results, Site site) {
  // The set may grow while the calls are played: only its owner's step adds to it.
  for (uint32_t i = 0; i < callees.size(); i++) CallObject(callees[i], operands, results, site);
}

void Rehearsal::CallObject(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  std::string name = site.step && site.step->kind == StepKind::kCall ? NameOf(site, site.step->a) : "";
  switch (heap_[callee].kind) {
    case ObjectKind::kFunction:
    case ObjectKind::kOwnFunction: {
      Instance* instance = InstanceOf(callee);
      if (instance) return CallLua(instance, operands, results);
      return Unknown(name, site, site.instance ? "calls '" + name + "', whose code cannot be judged"
                                               : "its code cannot be judged: it was built by load or has no debug information");
    }
    case ObjectKind::kCFunction:
    case ObjectKind::kMethod: return CallLibrary(callee, operands, results, site);
    case ObjectKind::kTable:
    case ObjectKind::kOwnTable:
    case ObjectKind::kLibrary: {
      ObjectSet self{};
      Put(&self, callee);
      auto** sets = arena_->New<const ObjectSet*>(operands.count + 1);
      sets[0] = &self;
      for (uint32_t i = 0; i < operands.count; i++) sets[i + 1] = operands.sets[i];
      Operands with_self{sets, operands.count + 1, operands.open};
      if (heap_[callee].kind != ObjectKind::kLibrary) return CallMetamethod(callee, "__call", with_self, results, site);
      const FunctionEntry* entry = FindFunction(heap_[callee].name, "__call");
      const Table* table = heap_[callee].table();
      if (!entry && table && table->metatable) entry = EntryOf(RawField(L_, table->metatable, "__call", 6));
      if (!entry && std::strcmp(heap_[callee].name, "go") == 0) entry = FindFunction("go", "spawn");
      if (!entry) return Unknown(name, site, "calls '" + name + "', which cannot be judged");
      return CallLibrary(heap_.OfEntry(entry), with_self, results, site);
    }
    case ObjectKind::kAnyCaptured:
      if (reach_->events & (1u << TM_CALL)) Unknown(name, site, "calls something captured");
      for (size_t i = 0; i < reach_->functions.size(); i++) {
        CallObject(heap_.OfValue(&reach_->functions[i]), operands, results, site);
      }
      return;
    case ObjectKind::kMessage:
      return Unknown(name, site, "calls a function that it received" + (name.empty() ? "" : ": '" + name + "'"));
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
    case ObjectKind::kUncopyable: return Unknown(name, site, "calls '" + name + "', which cannot be judged");
    default: return;
  }
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
      if (captured && step.b == TM_LEN) NoteTable(TableUse::Kind::kNumber, nullptr, site);
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
    NoteTable(TableUse::Kind::kMetatable, nullptr, site);
    if (!(reach_->events & (1u << EventNamed(event)))) return;
    return Unknown("", site, std::string("uses a captured value whose metamethod '") + event + "' cannot be known");
  }
  ObjectSet handlers{};
  GetMetafield(&handlers, object, event);
  if (handlers.empty()) return;
  if (depth_ > 60) return Unknown("", site, "follows more metatables than the analysis does");
  depth_++;
  for (uint32_t i = 0; i < handlers.size(); i++) CallObject(handlers[i], operands, results, site);
  depth_--;
}

void Rehearsal::MetatablesOf(ObjectId object, ObjectSet* out) {
  if (heap_[object].kind == ObjectKind::kTable) {
    NoteTable(TableUse::Kind::kMetatable, nullptr, {});
    if (Table* metatable = heap_[object].table()->metatable) Put(out, heap_.OfTable(metatable));
    return;
  }
  PutAll(out, heap_[object].metatables);
}

// What the metatables of `object` hold under `name`.
void Rehearsal::GetMetafield(ObjectSet* out, ObjectId object, const char* name) {
  ObjectSet metatables{};
  MetatablesOf(object, &metatables);
  for (uint32_t i = 0; i < metatables.size(); i++) {
    AbstractObject& metatable = heap_[metatables[i]];
    switch (metatable.kind) {
      case ObjectKind::kTable:
      case ObjectKind::kLibrary:
        if (metatable.pointer) AddValue(out, RawField(L_, metatable.table(), name, std::strlen(name)));
        break;
      case ObjectKind::kAnyCaptured:
      case ObjectKind::kMessage:
        Unknown("", {}, "uses a metatable that cannot be known");
        break;
      case ObjectKind::kGlobals: Unknown("_G", {}, "uses the table of globals as a metatable"); break;
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

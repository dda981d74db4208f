// Whether a goroutine may store into a captured table from another island: it must never read the table, and whatever it
// stores must be gone for it from that moment on, since only a copy arrives.
//
// The rehearsal knows no order, so that of the function with the store is taken from its bytecode. The function must have got
// what it stores by making it or as the result of a call, within the same activation: then whoever else held it there has
// returned, unless it is kept in a table, in a captured variable, or by a coroutine.
#include "lua/analysis/bytecode.h"
#include "lua/analysis/goroutine_rehearsal.h"
#include "lua/analysis/heap_read.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/write_back.h"

namespace sloth {

namespace {

bool Meets(const ObjectSet& a, const ObjectSet& b) {
  for (uint32_t i = 0; i < a.size(); i++) {
    if (b.Has(a[i])) return true;
  }
  return false;
}

// Library functions that keep nothing of their arguments, and call nothing with them later.
bool KeepsNothing(LibraryModel model) {
  switch (model) {
    case LibraryModel::kPlain:
    case LibraryModel::kGeneric:
    case LibraryModel::kReceives:
    case LibraryModel::kError:
    case LibraryModel::kAssert:
    case LibraryModel::kSelect:
    case LibraryModel::kSetMetatable:
    case LibraryModel::kGetMetatable:
    case LibraryModel::kRawGet:
    case LibraryModel::kRawSet:
    case LibraryModel::kNext:
    case LibraryModel::kPairs:
    case LibraryModel::kIpairs:
    case LibraryModel::kIpairsStep:
    case LibraryModel::kTableInsert:
    case LibraryModel::kTableRemove:
    case LibraryModel::kTableConcat:
    case LibraryModel::kTableUnpack:
    case LibraryModel::kTablePack:
    case LibraryModel::kTableMove:
    case LibraryModel::kIo: return true;
    default: return false;
  }
}

// The node of a call's operand that an iterator of the library is handed back and does not look into: the value it gave last.
constexpr uint32_t kControl = 1;

}  // namespace

void GoroutineRehearsal::JudgeStores() {
  // A finalizer may store after everybody else has ended.
  if (Halted() || arms_finalizers_) {
    for (const StoreUse& store : stores_) AddStoreReason(store.table, store.key, store.site);
    return;
  }
  for (size_t i = 0; i < stores_.size(); i++) {
    const Table* table = heap_[stores_[i].table].table();
    bool seen = false;
    for (size_t k = 0; k < i; k++) seen |= stores_[k].table == stores_[i].table;
    if (seen) continue;
    const StoreUse* culprit = IsOnlyStoredInto(table) ? nullptr : &stores_[i];
    for (size_t k = i; !culprit && k < stores_.size(); k++) {
      if (stores_[k].table == stores_[i].table && !LeavesAlone(stores_[k])) culprit = &stores_[k];
    }
    if (culprit) {
      AddStoreReason(culprit->table, culprit->key, culprit->site);
    } else {
      written.Add(arena_, table);
    }
  }
}

bool GoroutineRehearsal::IsOnlyStoredInto(const Table* table) const {
  // What it finds in its own island's libraries (package.loaded, package.preload) is not brought along.
  bool brought = WriteBackBehind(L_, table) != nullptr;
  for (size_t i = 0; !brought && i < reach_->tables.size(); i++) brought = reach_->tables[i] == table;
  if (!brought || table == LoadedModules(L_) || LibraryNameOf(L_, table)) return false;
  for (const TableUse& use : tables) {
    if (use.reading != Reading::kMetatable && (!use.table || use.table == table)) return false;
  }
  for (const Table* inspected : inspected_) {
    if (!inspected || inspected == table) return false;
  }
  return true;
}

bool GoroutineRehearsal::LeavesAlone(const StoreUse& store) {
  const Instance* instance = store.site.instance;
  const Step& step = *store.site.step;
  const NodeId* operands = instance->facts->OperandsOf(step);
  ObjectSet gone{};
  if (step.kind == StepKind::kSetElement && !Gather(instance->nodes[step.b], &gone)) return false;
  for (uint32_t i = 0; i < step.operand_count; i++) {
    if (!Gather(instance->nodes[operands[i]], &gone)) return false;
  }
  return gone.empty() || (!IsHeldElsewhere(gone) && !IsHandedOver(gone) && !IsUsedAfter(store, gone));
}

// Adds the objects among the values, and all that is reached from them. False: something cannot be given away.
bool GoroutineRehearsal::Gather(const ObjectSet& values, ObjectSet* gone) {
  for (uint32_t i = 0; i < values.size(); i++) {
    ObjectId id = values[i];
    switch (heap_[id].kind) {
      case ObjectKind::kHandle:
      case ObjectKind::kMethod: continue;  // the same thing on every island
      case ObjectKind::kCFunction:
        if (!heap_[id].entry) return false;
        continue;
      case ObjectKind::kMessage:
      case ObjectKind::kOwnTable:
      case ObjectKind::kOwnFunction: break;
      default: return false;
    }
    if (!gone->Add(arena_, id)) continue;
    if (heap_[id].kind == ObjectKind::kOwnFunction && !GatherFunction(id)) return false;
    for (const Contents* contents = heap_[id].contents; contents; contents = contents->next) {
      if (!Gather(contents->values, gone)) return false;
    }
    if (!Gather(heap_[id].metatables, gone)) return false;
  }
  return true;
}

// A function it made: what it captured must be the same thing in a copy.
bool GoroutineRehearsal::GatherFunction(ObjectId function) {
  Instance* instance = InstanceOf(function);
  if (!instance) return false;
  for (uint32_t i = 0; i < instance->facts->upvalue_variables.size(); i++) {
    UpvaluePlace place = PlaceOfUpvalue(instance, i);
    if (place.local) return false;
    uint32_t variable = place.owner->facts->upvalue_variables[place.index];
    bool environment = variable == 0;
    if (!environment && !place.owner->code->facts->variables[variable].assigned_once()) return false;
    ObjectId value = heap_.OfValue(place.upvalue->v.p);
    bool same = value == kNoObject || heap_[value].kind == ObjectKind::kGlobals || heap_[value].kind == ObjectKind::kHandle ||
                heap_[value].kind == ObjectKind::kLibrary || (heap_[value].kind == ObjectKind::kCFunction && heap_[value].entry);
    if (!same) return false;
  }
  return true;
}

// In tables that are not given away with it, in variables that functions captured, on the way between coroutines.
bool GoroutineRehearsal::IsHeldElsewhere(const ObjectSet& gone) const {
  if (Meets(coroutines_, gone) || Meets(errors_, gone)) return true;
  for (ObjectId id = 1; id < heap_.size(); id++) {
    if (gone.Has(id)) continue;
    for (const Contents* contents = heap_[id].contents; contents; contents = contents->next) {
      if (Meets(contents->values, gone)) return true;
    }
    if (Meets(heap_[id].metatables, gone)) return true;
  }
  for (size_t i = 0; i < instances_.size(); i++) {
    const Instance* instance = instances_[i];
    for (size_t k = 0; k < instance->facts->locals.size(); k++) {
      if (Meets(*instance->locals[k], gone)) return true;
    }
  }
  return false;
}

// To something that may keep it, or is called when a scope ends.
bool GoroutineRehearsal::IsHandedOver(const ObjectSet& gone) {
  for (size_t i = 0; i < instances_.size(); i++) {
    const Instance* instance = instances_[i];
    for (const Step& step : instance->facts->steps) {
      if (step.kind != StepKind::kCall && step.kind != StepKind::kClose) continue;
      const NodeId* operands = instance->facts->OperandsOf(step);
      bool handed = false;
      bool iterates = GET_OPCODE(instance->code->functions[instance->function].instructions[step.pc]) == OP_TFORCALL;
      for (uint32_t k = 0; k < step.operand_count; k++) {
        handed |= !(iterates && k == kControl) && Meets(instance->nodes[operands[k]], gone);
      }
      if (!handed) continue;
      if (step.kind == StepKind::kClose) return true;
      const ObjectSet& callees = instance->nodes[step.a];
      for (uint32_t k = 0; k < callees.size(); k++) {
        const AbstractObject& callee = heap_[callees[k]];
        bool lua = callee.kind == ObjectKind::kFunction || callee.kind == ObjectKind::kOwnFunction;
        bool library = callee.kind == ObjectKind::kCFunction || callee.kind == ObjectKind::kMethod;
        if (!lua && !(library && KeepsNothing(callee.model))) return true;
      }
    }
  }
  return false;
}

// By the function with the store: it was given it, or what follows the store still names it.
bool GoroutineRehearsal::IsUsedAfter(const StoreUse& store, const ObjectSet& gone) {
  const Instance* instance = store.site.instance;
  const FunctionFacts& facts = *instance->facts;
  const FunctionCode& code = instance->code->functions[instance->function];
  for (NodeId parameter : facts.parameters) {
    if (Meets(instance->nodes[parameter], gone)) return true;
  }
  if (facts.varargs != kPlainNode && Meets(instance->nodes[facts.varargs], gone)) return true;
  int count = static_cast<int>(code.instructions.size());
  Successors next = SuccessorsOf(code, store.site.step->pc);
  for (NodeId node = 0; node < facts.nodes.size(); node++) {
    if (!Meets(instance->nodes[node], gone)) continue;
    if (facts.nodes[node].kind == NodeKind::kUpvalue || facts.nodes[node].kind == NodeKind::kVariable) return true;
    // Where it gets another value.
    int made_at = -1;
    for (const Step& step : facts.steps) {
      bool makes = step.target == node || (step.kind == StepKind::kCall && step.b == node);
      if (makes && step.kind != StepKind::kJoin && node != kPlainNode) made_at = step.pc;
    }
    std::vector<bool> after(static_cast<size_t>(count), false);
    for (int i = 0; i < next.count; i++) {
      std::vector<bool> reached = ReachableFrom(code, next.pc[i], 0, count, made_at);
      for (int pc = 0; pc < count; pc++) after[pc] = after[pc] || reached[pc];
    }
    for (const Step& step : facts.steps) {
      if (step.kind == StepKind::kJoin || !after[step.pc]) continue;
      bool iterates = GET_OPCODE(code.instructions[step.pc]) == OP_TFORCALL;
      const NodeId* operands = facts.OperandsOf(step);
      for (uint32_t i = 0; i < step.operand_count; i++) {
        if (operands[i] == node && !(iterates && i == kControl)) return true;
      }
      switch (step.kind) {
        case StepKind::kGetElement:
        case StepKind::kSetElement:
          if (step.b == node) return true;
          [[fallthrough]];
        case StepKind::kGetField:
        case StepKind::kSetField:
        case StepKind::kCall:
          if (step.a == node) return true;
          break;
        default: break;
      }
    }
  }
  return false;
}

}  // namespace sloth

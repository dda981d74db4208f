#include "lua/analysis/rehearsal.h"

#include <string>

#include "lua/analysis/static_values.h"

namespace sloth {

namespace {

constexpr uint32_t kMaxSteps = 400000;
constexpr size_t kMaxObjects = 20000;

}  // namespace

void Rehearsal::Run(const TValue* function, const TValue* arguments, int argument_count) {
  ObjectSet callee{};
  AddValue(&callee, function);
  auto** sets = arena_->New<ObjectSet*>(argument_count + 1);
  for (int i = 0; i < argument_count; i++) {
    sets[i] = arena_->New<ObjectSet>();
    AddValue(sets[i], &arguments[i]);
  }
  Operands operands{sets, static_cast<uint32_t>(argument_count), false};
  ObjectSet first{}, rest{};
  do {
    changed_ = false;
    pass_++;
    Call(callee, operands, {&first, &rest}, {});
    Play();
  } while (changed_ && !reasons_->Enough());
  if (reasons_->Enough()) return;
  // Results and errors are copied for whoever waits for them.
  ReadDeeply(first, {});
  ReadDeeply(rest, {});
  ReadDeeply(errors_, {});
}

void Rehearsal::Play() {
  for (size_t i = 0; i < instances_.size(); i++) {
    Instance* instance = instances_[i];
    instance->pass = pass_;
    for (const Step& step : instance->facts->steps) {
      PlayStep(instance, step);
      if (reasons_->Enough()) return;
    }
    played_ += static_cast<uint32_t>(instance->facts->steps.size());
    if (played_ > kMaxSteps || heap_.size() > kMaxObjects) {
      return Unknown("", {instance, nullptr}, "reaches more code than the analysis follows");
    }
  }
}

void Rehearsal::PlayStep(Instance* instance, const Step& step) {
  const FunctionFacts& facts = *instance->facts;
  const NodeId* operands = facts.OperandsOf(step);
  ObjectSet* nodes = instance->nodes;
  Site site{instance, &step};
  switch (step.kind) {
    case StepKind::kGetUpvalue: return GetUpvalue(instance, step);
    case StepKind::kSetUpvalue: return SetUpvalue(instance, step.a, nodes[operands[0]], site);
    case StepKind::kGetField: {
      const ObjectSet& base = nodes[step.a];
      const TString* key = ConstantOf(instance, step.b);
      for (uint32_t i = 0; i < base.size(); i++) GetField(&nodes[step.target], base[i], key, site);
      if (step.method) GetStringMethod(&nodes[step.target], key, site);
      return;
    }
    case StepKind::kGetElement: {
      const ObjectSet& base = nodes[step.a];
      bool number = facts.nodes[step.b].is_number;
      for (uint32_t i = 0; i < base.size(); i++) GetElement(&nodes[step.target], base[i], number, site);
      return;
    }
    case StepKind::kSetField: {
      const ObjectSet& base = nodes[step.a];
      const TString* key = ConstantOf(instance, step.b);
      for (uint32_t i = 0; i < base.size(); i++) SetKey(base[i], key, nodes[operands[0]], site);
      return;
    }
    case StepKind::kSetElement: {
      const ObjectSet& base = nodes[step.a];
      const TString* key = facts.nodes[step.b].is_number ? AbstractHeap::NumberKey() : AbstractHeap::AnyKey();
      for (uint32_t i = 0; i < base.size(); i++) {
        if (step.operand_count == 0) SetKey(base[i], key, nothing_, site);
        for (uint32_t k = 0; k < step.operand_count; k++) SetKey(base[i], key, nodes[operands[k]], site);
      }
      return;
    }
    case StepKind::kNewTable: {
      ObjectId& made = instance->made[&step - facts.steps.data()];
      if (made == kNoObject) made = heap_.New(ObjectKind::kOwnTable);
      return Put(&nodes[step.target], made);
    }
    case StepKind::kClosure: {
      ObjectId& made = instance->made[&step - facts.steps.data()];
      if (made == kNoObject) {
        made = heap_.New(ObjectKind::kOwnFunction);
        auto* child = arena_->New<Instance>();
        child->code = instance->code;
        child->function = step.a;
        child->facts = &instance->code->facts->functions[step.a];
        const std::vector<uint32_t>& children = instance->code->functions[instance->function].children;
        for (size_t slot = 0; slot < children.size(); slot++) {
          if (children[slot] == step.a) child->proto = instance->proto->p[slot];
        }
        child->maker = instance;
        heap_[made].instance = child;
      }
      return Put(&nodes[step.target], made);
    }
    case StepKind::kCall: {
      const ObjectSet* few[8];
      const ObjectSet** sets = step.operand_count <= 8 ? few : arena_->New<const ObjectSet*>(step.operand_count);
      for (uint32_t i = 0; i < step.operand_count; i++) sets[i] = &nodes[operands[i]];
      ObjectSet* rest = &nodes[step.b == kPlainNode ? facts.nodes.size() : step.b];
      return Call(nodes[step.a], {sets, step.operand_count, step.open}, {&nodes[step.target], rest}, site);
    }
    case StepKind::kReturn: return Return(instance, step);
    case StepKind::kJoin:
      for (uint32_t i = 0; i < step.operand_count; i++) {
        if (step.open) {
          FlowAll(&nodes[step.target], nodes[operands[i]]);
        } else {
          PutAll(&nodes[step.target], nodes[operands[i]]);
        }
      }
      return;
    case StepKind::kAssign: {
      // In a first pass straight through, nobody has read the local yet.
      if (pass_ == 1 && facts.back_edges.empty()) {
        PutAll(&instance->locals[step.a], nodes[operands[0]]);
      } else {
        FlowAll(&instance->locals[step.a], nodes[operands[0]]);
      }
      ObjectSet* variable = &nodes[facts.locals[step.a].node];
      return PutAll(variable, instance->locals[step.a]);
    }
    case StepKind::kOperate: return Operate(instance, step);
    case StepKind::kClose: {
      const ObjectSet& values = nodes[operands[0]];
      ObjectSet ignored{};
      const ObjectSet* sets[] = {&values, &errors_};
      for (uint32_t i = 0; i < values.size(); i++) {
        CallMetamethod(values[i], "__close", {sets, 2, false}, {&ignored, &ignored}, site);
      }
      return;
    }
  }
}

Instance* Rehearsal::InstanceOf(ObjectId function) {
  AbstractObject& object = heap_[function];
  if (object.kind == ObjectKind::kFunction && !object.instance) {
    const Proto* proto = object.closure()->p;
    uint32_t index = 0;
    const Code* code = CodeOf(proto, &index);
    if (!code || !code->facts || !code->facts->readable || code->from_pieces) return nullptr;
    auto* instance = arena_->New<Instance>();
    instance->code = code;
    instance->function = index;
    instance->facts = &code->facts->functions[index];
    instance->proto = proto;
    instance->closure = object.closure();
    object.instance = instance;
  }
  return object.instance;
}

void Rehearsal::Prepare(Instance* instance) {
  if (instance->nodes) return;
  const FunctionFacts& facts = *instance->facts;
  instance->nodes = arena_->New<ObjectSet>(facts.nodes.size() + 1);  // one more for what nobody wants
  instance->locals = arena_->New<ObjectSet>(facts.locals.size() + 1);
  instance->made = arena_->New<ObjectId>(facts.steps.size() + 1);
  instances_.Add(arena_, instance);
}

// The set of an upvalue that is a local of something the goroutine runs; null when it was captured with a closure, which is
// then `owner` with its upvalue `owner_index`.
ObjectSet* Rehearsal::UpvalueSet(const Instance* instance, uint32_t index, const Instance** owner,
                                 uint32_t* owner_index) const {
  while (!instance->closure) {
    UpvalueSource source = instance->facts->upvalue_sources[index];
    instance = instance->maker;
    index = source.index;
    if (source.is_local) return &instance->locals[index];
  }
  *owner = instance;
  *owner_index = index;
  return nullptr;
}

void Rehearsal::GetUpvalue(Instance* instance, const Step& step) {
  ObjectSet* out = &instance->nodes[step.target];
  const Instance* owner = nullptr;
  uint32_t index = 0;
  if (ObjectSet* local = UpvalueSet(instance, step.a, &owner, &index)) return PutAll(out, *local);
  NoteVariable(owner, index, {instance, &step});
  AddValue(out, owner->closure->upvals[index]->v.p);
}

void Rehearsal::NoteVariable(const Instance* owner, uint32_t index, Site site) {
  const UpVal* upvalue = owner->closure->upvals[index];
  uint32_t variable = owner->facts->upvalue_variables[index];
  if (variable == 0) {
    if (owner->code->facts->hazards.changes_environment) Unknown("_ENV", site, "runs in a chunk that assigns '_ENV'");
    return;
  }
  if (owner->code->facts->variables[variable].assigned_once() || !IsNew(upvalue)) return;
  variables.Add(arena_, {owner->code, variable, upvalue, site});
}

void Rehearsal::SetUpvalue(Instance* instance, uint32_t index, const ObjectSet& values, Site site) {
  const Instance* owner;
  uint32_t owner_index;
  if (ObjectSet* local = UpvalueSet(instance, index, &owner, &owner_index)) return FlowAll(local, values);
  const std::string& name = instance->code->functions[instance->function].upvalues[index].name;
  reasons_->Add("assigns", name, {instance->code, instance->function, site.step->pc},
                "assigns the captured variable '" + name + "'");
}

void Rehearsal::Return(Instance* instance, const Step& step) {
  const NodeId* operands = instance->facts->OperandsOf(step);
  for (uint32_t i = 0; i < step.operand_count; i++) {
    const ObjectSet& values = instance->nodes[operands[i]];
    bool last_open = step.open && i + 1 == step.operand_count;
    if (i == 0) FlowAll(&instance->first_result, values);
    if (i > 0 || last_open) FlowAll(&instance->rest_results, values);
  }
}

void Rehearsal::Put(ObjectSet* out, ObjectId id) {
  if (id != kNoObject) out->Add(arena_, id);
}

void Rehearsal::PutAll(ObjectSet* out, const ObjectSet& from) {
  for (uint32_t i = 0; i < from.size(); i++) out->Add(arena_, from[i]);
}

// Feeds a parameter of a function that may still be played in this pass.
void Rehearsal::FlowTo(Instance* instance, ObjectSet* parameter, const ObjectSet& from) {
  if (instance->pass != pass_) {
    PutAll(parameter, from);
  } else {
    FlowAll(parameter, from);
  }
}

void Rehearsal::Flow(ObjectSet* out, ObjectId id) {
  if (id != kNoObject && out->Add(arena_, id)) changed_ = true;
}

void Rehearsal::FlowAll(ObjectSet* out, const ObjectSet& from) {
  if (out == &from) return;
  for (uint32_t i = 0; i < from.size(); i++) Flow(out, from[i]);
}

void Rehearsal::AddValue(ObjectSet* out, const TValue* value) { Put(out, heap_.OfValue(value)); }

const ObjectSet& Rehearsal::Operand(const Operands& operands, uint32_t i) const {
  if (i < operands.count) return *operands.sets[i];
  return operands.open && operands.count > 0 ? *operands.sets[operands.count - 1] : nothing_;
}

const TString* Rehearsal::ConstantOf(const Instance* instance, uint32_t constant) const {
  return tsvalue(&instance->proto->k[constant]);
}

// True the first time; `tag` (below 8) tells different questions about one pointer apart.
bool Rehearsal::IsNew(const void* pointer, uintptr_t tag) {
  uint32_t number;
  bool added;
  CHECK(noted_.TryFindOrAdd(reinterpret_cast<const char*>(pointer) + tag, 0, &number, &added));
  return added;
}

void Rehearsal::Unknown(const std::string& name, Site site, const std::string& what) {
  CodePlace place;
  if (site.instance) place = {site.instance->code, site.instance->function, site.step ? site.step->pc : 0};
  reasons_->Add("unknown", name, place, what);
}

std::string Rehearsal::NameOf(Site site, NodeId node) const {
  return NameOfNode(*site.instance->code, *site.instance->facts, site.instance->function, node);
}

}  // namespace sloth

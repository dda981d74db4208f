#include "lua/analysis/rehearsal.h"

#include "lua/analysis/static_values.h"

namespace sloth {

namespace {

// The prototype of function `index` of the chunk, nested directly in `parent`.
const Proto* ChildProto(const Instance* parent, uint32_t index) {
  const std::vector<uint32_t>& children = parent->code->functions[parent->function].children;
  for (size_t slot = 0; slot < children.size(); slot++) {
    if (children[slot] == index) return parent->proto->p[slot];
  }
  Unreachable();
}

// How many objects a step has made so far.
uint32_t MadeBy(const Instance* instance, const Step& step) {
  uint32_t count = instance->nodes[step.target].size();
  return step.kind == StepKind::kCall && step.b != kPlainNode ? count + instance->nodes[step.b].size() : count;
}

}  // namespace

void Rehearsal::Play() {
  pass_++;
  for (size_t i = 0; i < instances_.size(); i++) {
    Instance* instance = instances_[i];
    instance->pass = pass_;
    const FunctionFacts& facts = *instance->facts;
    for (size_t k = 0; k < facts.locals.size(); k++) PutAll(&instance->nodes[facts.locals[k].node], *instance->locals[k]);
    for (const Step& step : facts.steps) {
      // An upvalue is read once for the whole function, wherever that stands; what is to be closed will be, later.
      bool always = step.kind == StepKind::kGetUpvalue || step.kind == StepKind::kClose;
      bool runs = always || !instance->reachable || instance->reachable[step.pc];
      if (!runs) continue;
      Site site{instance, &step};
      uint32_t known = step.late ? MadeBy(instance, step) : 0;
      PlayStep(instance, step);
      if (step.late && MadeBy(instance, step) != known) changed_ = true;
      if (Halted() || TooMuchWork(site)) return;
    }
  }
}

bool Rehearsal::TooMuchWork(Site site) {
  if (exhausted_) return true;
  if (++work_ <= max_work_) return false;
  exhausted_ = true;
  Unknown("", site, "reaches more code than the analysis follows");
  return true;
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
      return GetStringMethod(&nodes[step.target], key, site);
    }
    case StepKind::kGetElement: {
      const ObjectSet& base = nodes[step.a];
      bool number = IsNumber(facts, step.b);
      for (uint32_t i = 0; i < base.size(); i++) GetElement(&nodes[step.target], base[i], number, site);
      return number ? void() : GetStringElement(&nodes[step.target], site);
    }
    case StepKind::kSetField: {
      const ObjectSet& base = nodes[step.a];
      const TString* key = ConstantOf(instance, step.b);
      for (uint32_t i = 0; i < base.size(); i++) SetKey(base[i], key, nodes[operands[0]], site);
      return;
    }
    case StepKind::kSetElement: {
      const ObjectSet& base = nodes[step.a];
      if (base.empty()) return;
      const TString* key = IsNumber(facts, step.b) ? AbstractHeap::NumberKey() : AbstractHeap::AnyKey();
      for (uint32_t i = 0; i < base.size(); i++) {
        // A table may be a key too.
        if (key == AbstractHeap::AnyKey()) SetKey(base[i], key, nodes[step.b], site);
        for (uint32_t k = 0; k < step.operand_count; k++) SetKey(base[i], key, nodes[operands[k]], site);
      }
      return;
    }
    case StepKind::kNewTable: return Put(&nodes[step.target], ObjectMadeBy(site, ObjectKind::kOwnTable));
    case StepKind::kClosure: {
      ObjectId made = ObjectMadeBy(site, ObjectKind::kOwnFunction);
      if (!heap_[made].instance) {
        auto* child = arena_->New<Instance>();
        child->code = instance->code;
        child->function = step.a;
        child->facts = &instance->code->facts->functions[step.a];
        child->proto = ChildProto(instance, step.a);
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
      for (uint32_t i = 0; i < step.operand_count; i++) PutAll(&nodes[step.target], nodes[operands[i]]);
      return;
    case StepKind::kAssign: {
      ObjectSet* local = instance->locals[step.a];
      // In a first pass straight through, nobody has read the local yet.
      if (pass_ == 1 && facts.back_edges.empty()) {
        PutAll(local, nodes[operands[0]]);
      } else {
        FlowAll(local, nodes[operands[0]]);
      }
      return PutAll(&nodes[facts.locals[step.a].node], *local);
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

bool Rehearsal::IsNumber(const FunctionFacts& facts, NodeId node) {
  return node == kNumberNode || (facts.nodes[node].is_number && elsewhere_->AreNumbersCertain());
}

// Null when its code cannot be judged.
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
  instance->made = arena_->New<ObjectId>(facts.steps.size() + 1);
  if (!facts.locals.empty()) {
    instance->locals = arena_->New<ObjectSet*>(facts.locals.size());
    auto* sets = arena_->New<ObjectSet>(facts.locals.size());
    for (size_t i = 0; i < facts.locals.size(); i++) instance->locals[i] = &sets[i];
  }
  instances_.Add(arena_, instance);
}

Rehearsal::UpvaluePlace Rehearsal::PlaceOfUpvalue(const Instance* instance, uint32_t index) const {
  while (!instance->closure) {
    UpvalueSource source = instance->facts->upvalue_sources[index];
    instance = instance->maker;
    index = source.index;
    if (!source.is_local) continue;
    const UpVal* open = instance->open_upvalues ? instance->open_upvalues[index] : nullptr;
    return {instance->locals[index], nullptr, index, open};
  }
  return {nullptr, instance, index, instance->closure->upvals[index]};
}

void Rehearsal::GetUpvalue(Instance* instance, const Step& step) {
  ObjectSet* out = &instance->nodes[step.target];
  UpvaluePlace place = PlaceOfUpvalue(instance, step.a);
  if (place.local) return PutAll(out, *place.local);
  ReadsVariable(place.owner, place.index, {instance, &step});
  AddValue(out, place.upvalue->v.p);
  if (const ObjectSet* assigned = AssignedTo(place.upvalue)) PutAll(out, *assigned);
}

void Rehearsal::SetUpvalue(Instance* instance, uint32_t index, const ObjectSet& values, Site site) {
  UpvaluePlace place = PlaceOfUpvalue(instance, index);
  if (place.local) FlowAll(place.local, values);
  if (!place.upvalue) return;
  AssignsVariable(place.upvalue, values, site, instance->code->functions[instance->function].upvalues[index].name);
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

// The one object that a step stands for.
ObjectId Rehearsal::ObjectMadeBy(Site site, ObjectKind kind) {
  if (!site.step) return kLibraryValue;
  ObjectId& made = site.instance->made[site.step - site.instance->facts->steps.data()];
  if (made == kNoObject) made = heap_.New(kind);
  return made;
}

void Rehearsal::Put(ObjectSet* out, ObjectId id) {
  if (id != kNoObject) out->Add(arena_, id);
}

void Rehearsal::PutAll(ObjectSet* out, const ObjectSet& from) {
  if (out == &from) return;
  work_ += from.size() / 8;
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
  work_ += from.size() / 8;
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

std::string Rehearsal::NameOf(Site site, NodeId node) const {
  return site.instance ? NameOfNode(*site.instance->code, *site.instance->facts, site.instance->function, node) : "";
}

// The node of the table that a step works on.
NodeId Rehearsal::TableOf(Site site) const {
  if (!site.step) return kPlainNode;
  switch (site.step->kind) {
    case StepKind::kGetField:
    case StepKind::kGetElement:
    case StepKind::kSetField:
    case StepKind::kSetElement: return site.step->a;
    case StepKind::kCall:
    case StepKind::kOperate:
      return argument_ < site.step->operand_count ? site.instance->facts->OperandsOf(*site.step)[argument_] : kPlainNode;
    default: return kPlainNode;
  }
}

}  // namespace sloth

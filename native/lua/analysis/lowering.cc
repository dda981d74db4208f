#include "lua/analysis/lowering.h"

#include <algorithm>

#include "lua/analysis/bytecode.h"
#include "lua/internals.h"

namespace sloth {

namespace {

constexpr size_t kNoBlock = SIZE_MAX;

}  // namespace

Lowering::Lowering(const FunctionCode& function, FunctionFacts* facts)
    : function_(function),
      facts_(facts),
      block_of_(function.instructions.size() + 1, kNoBlock),
      result_at_(function.instructions.size(), 0),
      second_at_(function.instructions.size(), 0),
      upvalue_nodes_(function.upvalues.size(), 0),
      upvalue_steps_(function.upvalues.size(), false),
      constant_nodes_(function.constants.size(), 0) {
  facts_->nodes = {ValueNode{}, ValueNode{NodeKind::kNumber}};
  for (uint32_t i = 0; i < function.parameter_count; i++) {
    facts_->parameters.push_back(NewNode(NodeKind::kParameter, i, 0));
  }
  if (function.is_vararg) facts_->varargs = NewNode(NodeKind::kVarargs, 0, 0);
  for (uint32_t i = 0; i < facts_->locals.size(); i++) {
    facts_->locals[i].node = NewNode(NodeKind::kVariable, i, 0);
  }
}

void Lowering::Run() {
  facts_->back_edges = BackEdgesOf(function_);
  SplitIntoBlocks();
  FollowFlow();
  WriteSteps();
  DropUnusedJoins();
  FindLateSteps();
  facts_->readable = true;
}

Lowering::Registers Lowering::RegistersAt(int pc) {
  SplitIntoBlocks();
  FollowFlow();
  size_t index = 0;
  while (index + 1 < blocks_.size() && blocks_[index + 1].start <= pc) index++;
  if (!blocks_[index].reached) return {};
  registers_ = blocks_[index].entry;
  for (pc_ = blocks_[index].start; pc_ < pc; pc_++) {
    BeginScopes(pc_);
    Interpret(pc_);
  }
  BeginScopes(pc);
  return registers_;
}

void Lowering::SplitIntoBlocks() {
  int count = static_cast<int>(function_.instructions.size());
  std::vector<bool> starts(count + 1, false);
  starts[0] = true;
  for (int pc = 0; pc < count; pc++) {
    Successors next = SuccessorsOf(function_, pc);
    if (next.count == 1 && next.pc[0] == pc + 1) continue;
    starts[pc + 1] = true;
    for (int i = 0; i < next.count; i++) starts[next.pc[i]] = true;
  }
  for (int pc = 0; pc < count; pc++) {
    if (!starts[pc]) continue;
    if (!blocks_.empty()) blocks_.back().end = pc;
    block_of_[pc] = blocks_.size();
    blocks_.push_back({pc, count, false, false, {}});
  }
  joins_of_.resize(blocks_.size());
}

void Lowering::FollowFlow() {
  Block& first = blocks_[0];
  first.entry.assign(function_.max_stack + 1, kPlainNode);
  for (size_t i = 0; i < facts_->parameters.size(); i++) first.entry[i] = facts_->parameters[i];
  first.reached = true;
  pending_.push_back(0);
  while (!pending_.empty()) {
    // The earliest block first: most joins are complete when they are reached.
    auto next = std::min_element(pending_.begin(), pending_.end());
    size_t index = *next;
    pending_.erase(next);
    blocks_[index].queued = false;
    RunBlock(index);
  }
}

void Lowering::WriteSteps() {
  writing_ = true;
  join_inputs_.resize(facts_->nodes.size());
  std::vector<std::pair<size_t, NodeId>> placed;  // where each join's step stands
  for (size_t index = 0; index < blocks_.size(); index++) {
    if (!blocks_[index].reached) continue;
    pc_ = blocks_[index].start;
    for (const auto& [reg, node] : joins_of_[index]) {
      placed.emplace_back(facts_->steps.size(), node);
      Emit(StepKind::kJoin)->target = node;
    }
    RunBlock(index);
  }
  for (const auto& [at, node] : placed) {
    Step& step = facts_->steps[at];
    step.first_operand = static_cast<uint32_t>(facts_->operands.size());
    step.operand_count = static_cast<uint32_t>(join_inputs_[node].size());
    facts_->operands.insert(facts_->operands.end(), join_inputs_[node].begin(), join_inputs_[node].end());
  }
}

void Lowering::DropUnusedJoins() {
  std::vector<bool> used(facts_->nodes.size(), false);
  std::vector<NodeId> pending;
  auto use = [&](NodeId node) {
    if (used[node]) return;
    used[node] = true;
    if (facts_->nodes[node].kind == NodeKind::kJoin) pending.push_back(node);
  };
  for (const Step& step : facts_->steps) {
    if (step.kind == StepKind::kJoin) continue;
    for (uint32_t i = 0; i < step.operand_count; i++) use(facts_->OperandsOf(step)[i]);
    if (step.kind == StepKind::kGetUpvalue || step.kind == StepKind::kClosure) continue;
    if (step.kind == StepKind::kSetUpvalue || step.kind == StepKind::kAssign) continue;
    use(step.a);
    if (step.kind == StepKind::kGetElement || step.kind == StepKind::kSetElement) use(step.b);
  }
  while (!pending.empty()) {
    NodeId node = pending.back();
    pending.pop_back();
    for (NodeId input : join_inputs_[node]) use(input);
  }
  std::erase_if(facts_->steps,
                [&](const Step& step) { return step.kind == StepKind::kJoin && !used[step.target]; });
  for (uint32_t i = 0; i < facts_->steps.size(); i++) {
    Step& step = facts_->steps[i];
    if (step.kind == StepKind::kCall) {
      facts_->nodes[step.target].index = i;
      if (step.b != kPlainNode) facts_->nodes[step.b].index = i;
    } else if (step.kind == StepKind::kJoin) {
      facts_->nodes[step.target].index = i;
    }
  }
}

// Steps stand in the order of the code, which is not always the order of running: a loop's body stands before what feeds it.
void Lowering::FindLateSteps() {
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> maker(facts_->nodes.size(), kNone);
  for (uint32_t i = 0; i < facts_->steps.size(); i++) {
    const Step& step = facts_->steps[i];
    maker[step.target] = i;
    if (step.kind == StepKind::kCall) maker[step.b] = i;
  }
  maker[kPlainNode] = kNone;
  auto use = [&](uint32_t i, NodeId node) {
    if (maker[node] != kNone && maker[node] >= i) facts_->steps[maker[node]].late = true;
  };
  for (uint32_t i = 0; i < facts_->steps.size(); i++) {
    const Step& step = facts_->steps[i];
    for (uint32_t k = 0; k < step.operand_count; k++) use(i, facts_->OperandsOf(step)[k]);
    bool has_base = step.kind == StepKind::kGetField || step.kind == StepKind::kSetField || step.kind == StepKind::kCall;
    bool has_key = step.kind == StepKind::kGetElement || step.kind == StepKind::kSetElement;
    if (has_base || has_key) use(i, step.a);
    if (has_key) use(i, step.b);
  }
}

void Lowering::RunBlock(size_t index) {
  registers_ = blocks_[index].entry;
  open_from_ = -1;
  int end = blocks_[index].end;
  for (pc_ = blocks_[index].start; pc_ < end; pc_++) {
    BeginScopes(pc_);
    Interpret(pc_);
  }
  int last = end - 1;
  Instruction i = function_.instructions[last];
  Successors next = SuccessorsOf(function_, last);
  if (GET_OPCODE(i) == OP_TESTSET) {
    FlowTo(last + 2);
    pc_ = last;
    Write(GETARG_A(i), Read(GETARG_B(i)));
    FlowTo(last + 1);
    return;
  }
  for (int k = 0; k < next.count; k++) FlowTo(next.pc[k]);
}

// Registers whose scope as captured locals begins or ends here change their meaning.
void Lowering::BeginScopes(int pc) {
  for (uint32_t i = 0; i < facts_->locals.size(); i++) {
    CapturedLocal& local = facts_->locals[i];
    if (local.end_pc == pc && registers_[local.reg] == local.node) registers_[local.reg] = kPlainNode;
    if (local.start_pc != pc || local.end_pc <= pc || registers_[local.reg] == local.node) continue;
    Step* step = Emit(StepKind::kAssign);
    step->a = i;
    AddOperand(step, registers_[local.reg]);
    local.initial_known = true;
    local.initial = registers_[local.reg];
    registers_[local.reg] = local.node;
  }
}

void Lowering::FlowTo(int pc) {
  size_t index = block_of_[pc];
  Block& block = blocks_[index];
  if (!block.reached) {
    block.reached = true;
    block.entry = registers_;
  } else {
    bool changed = false;
    for (size_t reg = 0; reg < registers_.size(); reg++) {
      NodeId merged = Merge(index, reg, block.entry[reg], registers_[reg]);
      changed |= merged != block.entry[reg];
      block.entry[reg] = merged;
    }
    if (writing_) {
      for (const auto& [reg, node] : joins_of_[index]) {
        std::vector<NodeId>& inputs = join_inputs_[node];
        NodeId input = registers_[reg];
        if (input != node && std::find(inputs.begin(), inputs.end(), input) == inputs.end()) inputs.push_back(input);
      }
      return;
    }
    if (!changed) return;
  }
  if (!block.queued) {
    block.queued = true;
    pending_.push_back(index);
  }
}

NodeId Lowering::Merge(size_t block, size_t reg, NodeId old_node, NodeId new_node) {
  if (old_node == new_node) return old_node;
  if (IsPlain(old_node) && IsPlain(new_node)) return kPlainNode;
  for (const auto& [known, node] : joins_of_[block]) {
    if (known == reg) return node;
  }
  NodeId join = NewNode(NodeKind::kJoin, 0, 0);
  facts_->nodes[join].pc = blocks_[block].start;
  joins_of_[block].emplace_back(reg, join);
  return join;
}

void Lowering::Write(int reg, NodeId node) {
  uint32_t index;
  CapturedLocal* local = LocalAt(reg, &index);
  if (!local) {
    registers_[reg] = node;
    return;
  }
  Step* step = Emit(StepKind::kAssign);
  step->a = index;
  AddOperand(step, node);
  if (writing_) local->writes.push_back(pc_);
}

CapturedLocal* Lowering::LocalAt(int reg, uint32_t* index) {
  for (uint32_t i = 0; i < facts_->locals.size(); i++) {
    CapturedLocal& local = facts_->locals[i];
    if (local.reg != reg || pc_ < local.start_pc || pc_ >= local.end_pc) continue;
    *index = i;
    return &local;
  }
  return nullptr;
}

NodeId Lowering::NewNode(NodeKind kind, uint32_t index, NodeId base) {
  facts_->nodes.push_back({kind, index, base, pc_});
  return static_cast<NodeId>(facts_->nodes.size() - 1);
}

NodeId Lowering::ResultNode(NodeKind kind, uint32_t index, NodeId base) {
  NodeId& node = result_at_[pc_];
  if (node == 0) {
    node = NewNode(kind, index, base);
  } else {
    facts_->nodes[node] = {kind, index, base, pc_};
  }
  return node;
}

NodeId Lowering::SecondNode(NodeKind kind, NodeId base) {
  NodeId& node = second_at_[pc_];
  if (node == 0) node = NewNode(kind, 0, base);
  return node;
}

NodeId Lowering::UpvalueNode(uint32_t index) {
  NodeId& node = upvalue_nodes_[index];
  if (node == 0) node = NewNode(NodeKind::kUpvalue, index, 0);
  if (writing_ && !upvalue_steps_[index]) {
    upvalue_steps_[index] = true;
    Step* step = Emit(StepKind::kGetUpvalue);
    step->target = node;
    step->a = index;
  }
  return node;
}

bool Lowering::IsPlain(NodeId node) const {
  NodeKind kind = facts_->nodes[node].kind;
  return kind == NodeKind::kPlain || kind == NodeKind::kNumber || kind == NodeKind::kConstant;
}

NodeId Lowering::ConstantNode(uint32_t index) {
  switch (function_.constants[index].kind) {
    case CodeConstant::Kind::kInteger:
    case CodeConstant::Kind::kFloat: return kNumberNode;
    case CodeConstant::Kind::kString: break;
    default: return kPlainNode;
  }
  NodeId& node = constant_nodes_[index];
  if (node == 0) node = NewNode(NodeKind::kConstant, index, 0);
  return node;
}

Step* Lowering::Emit(StepKind kind) {
  Step step{kind};
  step.pc = pc_;
  step.first_operand = static_cast<uint32_t>(facts_->operands.size());
  if (!writing_) {
    discarded_ = step;
    return &discarded_;
  }
  facts_->steps.push_back(step);
  return &facts_->steps.back();
}

void Lowering::AddOperand(Step* step, NodeId node) {
  if (!writing_) return;
  facts_->operands.push_back(node);
  step->operand_count++;
}

}  // namespace sloth

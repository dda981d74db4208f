// What each instruction does to the registers, and the step it becomes.
#include "lua/analysis/lowering.h"
#include "lua/internals.h"

namespace sloth {

void Lowering::Interpret(int pc) {
  if (InterpretLoad(pc) || InterpretTable(pc) || InterpretOperator(pc)) return;
  InterpretLoopOrOther(pc);
}

bool Lowering::InterpretLoad(int pc) {
  Instruction i = function_.instructions[pc];
  int a = GETARG_A(i);
  switch (GET_OPCODE(i)) {
    case OP_MOVE: Write(a, Read(GETARG_B(i))); return true;
    case OP_LOADI:
    case OP_LOADF: Write(a, kNumberNode); return true;
    case OP_LOADK: Write(a, ConstantNode(GETARG_Bx(i))); return true;
    case OP_LOADKX: Write(a, ConstantNode(GETARG_Ax(function_.instructions[pc + 1]))); return true;
    case OP_LOADFALSE:
    case OP_LFALSESKIP:
    case OP_LOADTRUE:
    case OP_NOT: Write(a, kPlainNode); return true;
    case OP_LOADNIL:
      for (int k = 0; k <= GETARG_B(i); k++) Write(a + k, kPlainNode);
      return true;
    case OP_GETUPVAL: Write(a, UpvalueNode(GETARG_B(i))); return true;
    case OP_SETUPVAL: {
      Step* step = Emit(StepKind::kSetUpvalue);
      step->a = GETARG_B(i);
      AddOperand(step, Read(a));
      return true;
    }
    case OP_CLOSURE: {
      NodeId node = ResultNode(NodeKind::kClosure, GETARG_Bx(i), 0);
      Step* step = Emit(StepKind::kClosure);
      step->target = node;
      step->a = GETARG_Bx(i);
      Write(a, node);
      return true;
    }
    case OP_VARARG: {
      int count = GETARG_C(i) - 1;
      for (int k = 0; k < count; k++) Write(a + k, facts_->varargs);
      if (count >= 0) return true;
      open_from_ = a;
      open_first_ = open_rest_ = facts_->varargs;
      return true;
    }
    default: return false;
  }
}

bool Lowering::InterpretTable(int pc) {
  Instruction i = function_.instructions[pc];
  int a = GETARG_A(i);
  switch (GET_OPCODE(i)) {
    case OP_NEWTABLE: {
      NodeId node = ResultNode(NodeKind::kTable, 0, 0);
      Emit(StepKind::kNewTable)->target = node;
      Write(a, node);
      return true;
    }
    case OP_GETTABUP: {
      NodeId base = UpvalueNode(GETARG_B(i));
      GetKeyed(base, ConstantNode(GETARG_C(i)), false);
      break;
    }
    case OP_GETTABLE: GetKeyed(Read(GETARG_B(i)), Read(GETARG_C(i)), false); break;
    case OP_GETI: GetKeyed(Read(GETARG_B(i)), kNumberNode, false); break;
    case OP_GETFIELD: GetKeyed(Read(GETARG_B(i)), ConstantNode(GETARG_C(i)), false); break;
    case OP_SELF: {
      NodeId base = Read(GETARG_B(i));
      GetKeyed(base, GETARG_k(i) ? ConstantNode(GETARG_C(i)) : Read(GETARG_C(i)), true);
      Write(a + 1, base);
      break;
    }
    case OP_SETTABUP:
      SetKeyed(UpvalueNode(a), ConstantNode(GETARG_B(i)), RegisterOrConstant(i));
      return true;
    case OP_SETTABLE: SetKeyed(Read(a), Read(GETARG_B(i)), RegisterOrConstant(i)); return true;
    case OP_SETI: SetKeyed(Read(a), kNumberNode, RegisterOrConstant(i)); return true;
    case OP_SETFIELD: SetKeyed(Read(a), ConstantNode(GETARG_B(i)), RegisterOrConstant(i)); return true;
    case OP_SETLIST: SetList(pc); return true;
    default: return false;
  }
  Write(a, result_at_[pc]);
  return true;
}

bool Lowering::InterpretOperator(int pc) {
  Instruction i = function_.instructions[pc];
  OpCode op = GET_OPCODE(i);
  int a = GETARG_A(i);
  switch (op) {
    case OP_ADDI: case OP_ADDK: case OP_SUBK: case OP_MULK: case OP_MODK: case OP_POWK: case OP_DIVK: case OP_IDIVK:
    case OP_BANDK: case OP_BORK: case OP_BXORK: case OP_SHRI: case OP_SHLI:
      // The next instruction names the metamethod.
      OperateOn(GETARG_C(function_.instructions[pc + 1]), Read(GETARG_B(i)), kNumberNode);
      break;
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_MOD: case OP_POW: case OP_DIV: case OP_IDIV: case OP_BAND:
    case OP_BOR: case OP_BXOR: case OP_SHL: case OP_SHR:
      OperateOn(GETARG_C(function_.instructions[pc + 1]), Read(GETARG_B(i)), Read(GETARG_C(i)));
      break;
    case OP_UNM: OperateOn(TM_UNM, Read(GETARG_B(i)), kNumberNode); break;
    case OP_BNOT: OperateOn(TM_BNOT, Read(GETARG_B(i)), kNumberNode); break;
    case OP_LEN: OperateOn(TM_LEN, Read(GETARG_B(i)), kNumberNode); break;
    case OP_CONCAT: {
      NodeId node = ResultNode(NodeKind::kOperator, TM_CONCAT, 0);
      Step* step = Emit(StepKind::kOperate);
      step->target = node;
      step->b = TM_CONCAT;
      for (int k = 0; k < GETARG_B(i); k++) AddOperand(step, Read(a + k));
      break;
    }
    case OP_EQ: OperateOn(TM_EQ, Read(a), Read(GETARG_B(i))); return true;
    case OP_LT: OperateOn(TM_LT, Read(a), Read(GETARG_B(i))); return true;
    case OP_LE: OperateOn(TM_LE, Read(a), Read(GETARG_B(i))); return true;
    case OP_LTI:
    case OP_GTI: OperateOn(TM_LT, Read(a), kNumberNode); return true;
    case OP_LEI:
    case OP_GEI: OperateOn(TM_LE, Read(a), kNumberNode); return true;
    default: return false;
  }
  Write(a, result_at_[pc]);
  return true;
}

void Lowering::InterpretLoopOrOther(int pc) {
  Instruction i = function_.instructions[pc];
  int a = GETARG_A(i);
  switch (GET_OPCODE(i)) {
    case OP_CALL: Call(a, GETARG_B(i), GETARG_C(i) - 1); break;
    case OP_TAILCALL:
      Call(a, GETARG_B(i), -1);
      Return(a, -1);
      break;
    case OP_RETURN: Return(a, GETARG_B(i) - 1); break;
    case OP_RETURN1: Return(a, 1); break;
    case OP_FORPREP:
    case OP_FORLOOP:
      for (int k = 0; k < 4; k++) registers_[a + k] = kNumberNode;
      break;
    case OP_TFORPREP: {
      Step* step = Emit(StepKind::kClose);
      AddOperand(step, Read(a + 3));
      break;
    }
    case OP_TFORCALL: {
      Step* step = EmitCall(Read(a), GETARG_C(i) > 1);
      AddOperand(step, Read(a + 1));
      AddOperand(step, Read(a + 2));
      for (int k = 0; k < GETARG_C(i); k++) Write(a + 4 + k, k == 0 ? result_at_[pc] : second_at_[pc]);
      break;
    }
    case OP_TFORLOOP: Write(a + 2, Read(a + 4)); break;
    case OP_TBC: {
      Step* step = Emit(StepKind::kClose);
      AddOperand(step, Read(a));
      break;
    }
    default: break;
  }
}

// A call of register `a`; `b` as the instruction has it; `result_count` -1: as many as there are.
void Lowering::Call(int a, uint32_t b, int result_count) {
  Step* step = EmitCall(Read(a), result_count < 0 || result_count > 1);
  int end = b == 0 ? open_from_ : a + static_cast<int>(b);
  for (int reg = a + 1; reg < end; reg++) AddOperand(step, Read(reg));
  if (b == 0) AddOpenOperands(step);
  for (int k = 0; k < result_count; k++) Write(a + k, k == 0 ? result_at_[pc_] : second_at_[pc_]);
  if (result_count >= 0) return;
  open_from_ = a;
  open_first_ = result_at_[pc_];
  open_rest_ = second_at_[pc_];
}

// The step of a call, without its operands; its results are the instruction's two nodes.
Step* Lowering::EmitCall(NodeId callee, bool several_results) {
  NodeId first = ResultNode(NodeKind::kResult, 0, callee);
  NodeId rest = several_results ? SecondNode(NodeKind::kRest, callee) : kPlainNode;
  Step* step = Emit(StepKind::kCall);
  step->target = first;
  step->a = callee;
  step->b = rest;
  return step;
}

void Lowering::AddOpenOperands(Step* step) {
  if (open_first_ != open_rest_) AddOperand(step, open_first_);
  AddOperand(step, open_rest_);
  step->open = true;
}

// `count` -1: up to the open end.
void Lowering::Return(int first, int count) {
  Step* step = Emit(StepKind::kReturn);
  int end = count < 0 ? open_from_ : first + count;
  for (int reg = first; reg < end; reg++) AddOperand(step, Read(reg));
  if (count < 0) AddOpenOperands(step);
}

void Lowering::SetList(int pc) {
  Instruction i = function_.instructions[pc];
  int a = GETARG_A(i);
  int end = GETARG_B(i) == 0 ? open_from_ : a + 1 + GETARG_B(i);
  Step* step = Emit(StepKind::kSetElement);
  step->a = Read(a);
  step->b = kNumberNode;
  for (int reg = a + 1; reg < end; reg++) AddOperand(step, Read(reg));
  if (GETARG_B(i) == 0) AddOpenOperands(step);
}

// An operator over values that are certainly plain needs no step: its result is plain too.
void Lowering::OperateOn(int event, NodeId left, NodeId right) {
  NodeId node = ResultNode(NodeKind::kOperator, event, 0);
  if (IsPlain(left) && IsPlain(right)) return;
  Step* step = Emit(StepKind::kOperate);
  step->target = node;
  step->b = event;
  AddOperand(step, left);
  AddOperand(step, right);
}

NodeId Lowering::RegisterOrConstant(uint32_t instruction) {
  return GETARG_k(instruction) ? ConstantNode(GETARG_C(instruction)) : Read(GETARG_C(instruction));
}

void Lowering::GetField(NodeId target, NodeId base, uint32_t constant, bool method) {
  Step* step = Emit(StepKind::kGetField);
  step->target = target;
  step->a = base;
  step->b = constant;
  step->method = method;
}

void Lowering::GetKeyed(NodeId base, NodeId key, bool method) {
  const ValueNode& key_node = facts_->nodes[key];
  if (key_node.kind == NodeKind::kConstant) {
    uint32_t constant = key_node.index;
    GetField(ResultNode(NodeKind::kField, constant, base), base, constant, method);
    return;
  }
  NodeId node = ResultNode(NodeKind::kElement, key, base);
  Step* step = Emit(StepKind::kGetElement);
  step->target = node;
  step->a = base;
  step->b = key;
}

void Lowering::SetKeyed(NodeId base, NodeId key, NodeId value) {
  bool is_field = facts_->nodes[key].kind == NodeKind::kConstant;
  Step* step = Emit(is_field ? StepKind::kSetField : StepKind::kSetElement);
  step->a = base;
  step->b = is_field ? facts_->nodes[key].index : key;
  AddOperand(step, value);
}

}  // namespace sloth

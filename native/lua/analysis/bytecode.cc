#include "lua/analysis/bytecode.h"

#include "lua/internals.h"

namespace sloth {

namespace {

Successors To(int pc) { return {1, {pc, 0}}; }

Successors Either(int pc, int other) { return {2, {pc, other}}; }

}  // namespace

Successors SuccessorsOf(const FunctionCode& function, int pc) {
  Instruction i = function.instructions[pc];
  switch (GET_OPCODE(i)) {
    case OP_LFALSESKIP: return To(pc + 2);
    case OP_JMP: return To(pc + 1 + GETARG_sJ(i));
    case OP_FORPREP: return Either(pc + 1, pc + 2 + GETARG_Bx(i));
    case OP_FORLOOP:
    case OP_TFORLOOP: return Either(pc + 1, pc + 1 - GETARG_Bx(i));
    case OP_TFORPREP: return To(pc + 1 + GETARG_Bx(i));
    case OP_RETURN:
    case OP_RETURN0:
    case OP_RETURN1:
    case OP_TAILCALL: return {};
    default: return testTMode(GET_OPCODE(i)) ? Either(pc + 1, pc + 2) : To(pc + 1);
  }
}

std::vector<bool> ReachableFrom(const FunctionCode& function, int from, int first, int last, int barrier) {
  std::vector<bool> reached(function.instructions.size(), false);
  std::vector<int> pending;
  auto visit = [&](int pc) {
    if (pc < first || pc >= last || pc == barrier || reached[pc]) return;
    reached[pc] = true;
    pending.push_back(pc);
  };
  visit(from);
  while (!pending.empty()) {
    int pc = pending.back();
    pending.pop_back();
    Successors next = SuccessorsOf(function, pc);
    for (int i = 0; i < next.count; i++) visit(next.pc[i]);
  }
  return reached;
}

std::vector<std::pair<int, int>> BackEdgesOf(const FunctionCode& function) {
  std::vector<std::pair<int, int>> edges;
  for (int pc = 0; pc < static_cast<int>(function.instructions.size()); pc++) {
    Successors next = SuccessorsOf(function, pc);
    for (int i = 0; i < next.count; i++) {
      if (next.pc[i] <= pc) edges.emplace_back(pc, next.pc[i]);
    }
  }
  return edges;
}

}  // namespace sloth

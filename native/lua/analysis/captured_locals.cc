#include "lua/analysis/captured_locals.h"

#include <algorithm>

#include "lua/internals.h"

namespace sloth {

namespace {

// The register of each local, which debug information leaves out: the number of locals that live when its scope begins.
std::vector<int> RegistersOf(const std::vector<CodeLocal>& locals) {
  std::vector<int> registers;
  std::vector<int> live;  // where the scopes of the live ones end
  for (const CodeLocal& local : locals) {
    std::erase_if(live, [&](int end) { return end <= local.start_pc; });
    registers.push_back(static_cast<int>(live.size()));
    live.push_back(local.end_pc);
  }
  return registers;
}

// The instruction that makes the closure of each child; -1: none or several.
std::vector<int> ClosureSites(const FunctionCode& function) {
  std::vector<int> sites(function.children.size(), -1);
  std::vector<bool> seen(function.children.size(), false);
  for (size_t pc = 0; pc < function.instructions.size(); pc++) {
    Instruction i = function.instructions[pc];
    if (GET_OPCODE(i) != OP_CLOSURE) continue;
    size_t slot = GETARG_Bx(i);
    if (slot >= sites.size()) continue;
    sites[slot] = seen[slot] ? -1 : static_cast<int>(pc);
    seen[slot] = true;
  }
  return sites;
}

class Finder {
 public:
  Finder(const FunctionCode& function, std::vector<CapturedLocal>* found)
      : function_(function), registers_(RegistersOf(function.locals)), found_(found), index_of_(registers_.size(), -1) {}

  // The captured local in register `reg` for a closure made at `pc`; -1 when there is none.
  int Capture(int reg, int pc) {
    for (size_t i = 0; i < registers_.size(); i++) {
      const CodeLocal& local = function_.locals[i];
      // A local function captures itself one instruction before its scope begins.
      bool lives = (local.start_pc <= pc && pc < local.end_pc) || local.start_pc == pc + 1;
      if (registers_[i] != reg || !lives) continue;
      if (index_of_[i] < 0) {
        index_of_[i] = static_cast<int>(found_->size());
        CapturedLocal& captured = found_->emplace_back();
        captured.name = local.name;
        captured.start_pc = local.start_pc;
        captured.end_pc = local.end_pc;
        captured.reg = static_cast<uint8_t>(reg);
      }
      return index_of_[i];
    }
    return -1;
  }

 private:
  const FunctionCode& function_;
  std::vector<int> registers_;
  std::vector<CapturedLocal>* found_;
  std::vector<int> index_of_;  // of each local in found_
};

}  // namespace

bool FindCapturedLocals(const Code& code, uint32_t index, std::vector<CapturedLocal>* locals,
                        std::vector<std::vector<UpvalueSource>>* children) {
  const FunctionCode& function = code.functions[index];
  Finder finder(function, locals);
  std::vector<int> sites = ClosureSites(function);
  children->resize(function.children.size());
  for (size_t slot = 0; slot < function.children.size(); slot++) {
    for (const CodeUpvalue& upvalue : code.functions[function.children[slot]].upvalues) {
      int source = upvalue.index;
      if (upvalue.in_stack) {
        source = sites[slot] < 0 ? -1 : finder.Capture(upvalue.index, sites[slot]);
        if (source < 0) return false;
      }
      (*children)[slot].push_back({upvalue.in_stack, static_cast<uint32_t>(source)});
    }
  }
  return true;
}

}  // namespace sloth

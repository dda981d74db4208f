#include "lua/analysis/fresh_arguments.h"

#include "lua/analysis/bytecode.h"
#include "lua/analysis/heap_read.h"
#include "lua/analysis/library_model.h"

namespace sloth {

namespace {

// The call of the running C function, in the Lua function that made it, when the arguments lie as they were given. `count`:
// all of them.
const Step* FindSpawnStep(lua_State* L, const LiveFrame& frame, int count) {
  if (isLua(L->ci) || L->ci->previous != frame.info || !frame.past_call) return nullptr;
  const FunctionEntry* entry = EntryOf(s2v(L->ci->func.p));
  if (entry && !StartsOne(L->ci)) return nullptr;
  if (L->top.p - (L->ci->func.p + 1) != count) return nullptr;
  for (const Step& step : frame.code->facts->functions[frame.function].steps) {
    if (step.kind != StepKind::kCall || step.pc != frame.pc) continue;
    bool fits = !step.open && step.operand_count == static_cast<uint32_t>(count);
    return fits ? &step : nullptr;
  }
  return nullptr;
}

bool UsesAsBase(const Step& step, NodeId node) {
  switch (step.kind) {
    case StepKind::kGetField:
    case StepKind::kGetElement:
    case StepKind::kSetField:
    case StepKind::kSetElement: return step.a == node;
    default: return false;
  }
}

// Whether the table was made for this very call: as the argument itself, or anew in each round of a loop around the call. One
// that a program keeps in a local, once, is kept for a purpose.
bool IsMadeForCall(const LiveFrame& frame, const FunctionFacts& facts, int made, int argument) {
  std::span<const uint32_t> code = frame.code->functions[frame.function].instructions;
  if (GETARG_A(code[made]) == GETARG_A(code[frame.pc]) + 1 + argument) return true;
  for (const auto& [from, to] : facts.back_edges) {
    if (to <= made && frame.pc <= from) return true;
  }
  return false;
}

// Whether the table that `node` stands for is known to nobody else: nothing but its own fields was touched before the call,
// and nothing touches it afterwards unless a new one was made.
bool IsFresh(const LiveFrame& frame, const FunctionFacts& facts, const Step& call, NodeId node,
             const std::vector<bool>& reached) {
  for (const Step& step : facts.steps) {
    uint32_t uses = 0;
    for (uint32_t i = 0; i < step.operand_count; i++) uses += facts.OperandsOf(step)[i] == node;
    bool is_key = step.kind == StepKind::kSetElement || step.kind == StepKind::kGetElement;
    if (is_key && step.b == node) return false;
    if (&step == &call) {
      if (uses != 1 || step.a == node) return false;
      continue;
    }
    if (uses > 0) return false;
    if (UsesAsBase(step, node) && (step.pc > frame.pc || reached[step.pc])) return false;
    if (step.kind == StepKind::kCall && step.a == node) return false;
  }
  return true;
}

}  // namespace

uint32_t FindFreshArguments(lua_State* L, LiveFrames* frames, int before, int argument_count) {
  const LiveFrame* frame = argument_count > 0 ? frames->spawner() : nullptr;
  if (!frame || !frame->code->facts->readable) return 0;
  const Step* call = FindSpawnStep(L, *frame, before + argument_count);
  if (!call) return 0;
  const FunctionFacts& facts = frame->code->facts->functions[frame->function];
  const FunctionCode& function = frame->code->functions[frame->function];
  uint32_t fresh = 0;
  for (int i = 0; i < argument_count && i < 32; i++) {
    NodeId node = facts.OperandsOf(*call)[before + i];
    const TValue* value = s2v(L->ci->func.p + 1 + before + i);
    if (facts.nodes[node].kind != NodeKind::kTable || !ttistable(value) || hvalue(value)->metatable) continue;
    if (!IsMadeForCall(*frame, facts, facts.nodes[node].pc, before + i)) continue;
    Successors next = SuccessorsOf(function, frame->pc);
    int count = static_cast<int>(function.instructions.size());
    std::vector<bool> reached(count, false);
    if (next.count > 0) reached = ReachableFrom(function, next.pc[0], 0, count, facts.nodes[node].pc);
    if (IsFresh(*frame, facts, *call, node, reached)) fresh |= 1u << i;
  }
  return fresh;
}

}  // namespace sloth

#include "lua/analysis/live_frames.h"

#include "lua/analysis/bytecode.h"
#include "lua/analysis/island_view.h"

namespace sloth {

void LiveFrames::FindOwn() {
  if (own_known_) return;
  own_known_ = true;
  AddFramesOf(L_, true, &own_);
}

void LiveFrames::AddFramesOf(lua_State* thread, bool spawns, std::vector<LiveFrame>* frames) {
  if (thread->status > LUA_YIELD) return;  // ended by an error: its frames are only kept for tracebacks
  bool calls_spawn = spawns;               // the frame called the function that spawns, directly
  bool innermost = true;
  for (CallInfo* info = thread->ci; info && info != &thread->base_ci; info = info->previous) {
    if (!isLua(info)) {
      // Only the innermost C function is the one that spawns; any other goes on when control returns to it.
      if (!innermost) calls_spawn = false;
      innermost = false;
      continue;
    }
    const Proto* proto = ci_func(info)->p;
    uint32_t function = 0;
    const Code* code = CodeOf(proto, &function);
    int pc = pcRel(info->u.l.savedpc, proto);
    if (code) {
      OpCode op = GET_OPCODE(proto->code[pc]);
      bool is_call = op == OP_CALL || op == OP_TAILCALL || op == OP_TFORCALL;
      frames->push_back({code, function, pc, calls_spawn && is_call, info});
    }
    calls_spawn = false;
    innermost = false;
  }
}

void LiveFrames::FindOthers() {
  if (others_known_) return;
  others_known_ = true;
  FindOwn();
  VisitIslandThreads(
      L_, [](void* frames, lua_State* thread) { AddFramesOf(thread, false, static_cast<std::vector<LiveFrame>*>(frames)); },
      &others_);
}

std::vector<bool> LiveFrames::Reachable(const LiveFrame& frame, int first, int last, int barrier) const {
  const FunctionCode& function = frame.code->functions[frame.function];
  if (!frame.past_call) return ReachableFrom(function, frame.pc, first, last, barrier);
  Successors next = SuccessorsOf(function, frame.pc);
  if (next.count == 0) return std::vector<bool>(function.instructions.size(), false);
  return ReachableFrom(function, next.pc[0], first, last, barrier);  // a call has one successor
}

bool LiveFrames::AnyReaches(const std::vector<LiveFrame>& frames, const Code* code, uint32_t function, int pc,
                            int barrier) const {
  for (const LiveFrame& frame : frames) {
    if (frame.code != code || frame.function != function) continue;
    int count = static_cast<int>(code->functions[function].instructions.size());
    if (Reachable(frame, 0, count, barrier)[pc]) return true;
  }
  return false;
}

bool LiveFrames::Has(const std::vector<LiveFrame>& frames, const Code* code, uint32_t function) const {
  for (const LiveFrame& frame : frames) {
    if (frame.code == code && frame.function == function) return true;
  }
  return false;
}

bool LiveFrames::CanReach(const Code* code, uint32_t function, int pc, int barrier) {
  FindOthers();
  return AnyReaches(own_, code, function, pc, barrier) || AnyReaches(others_, code, function, pc, barrier);
}

bool LiveFrames::MainCanReach(const Code* code, int pc) {
  FindOwn();
  if (Has(own_, code, 0)) return AnyReaches(own_, code, 0, pc, -1);
  FindOthers();
  return AnyReaches(others_, code, 0, pc, -1);
}

int LiveFrames::OwnerCanWrite(const Code* code, const ChunkVariable& variable, const UpVal* upvalue) {
  if (!variable.owner_writes || !upisopen(upvalue)) return -1;
  const CapturedLocal& local = code->facts->functions[variable.owner].locals[variable.local];
  FindOthers();
  for (const std::vector<LiveFrame>* frames : {&own_, &others_}) {
    for (const LiveFrame& frame : *frames) {
      if (frame.code != code || frame.function != variable.owner) continue;
      if (s2v(frame.info->func.p + 1 + local.reg) != upvalue->v.p) continue;
      std::vector<bool> reached = Reachable(frame, local.start_pc, local.end_pc, -1);
      for (int pc : local.writes) {
        if (reached[pc]) return pc;
      }
      return -1;
    }
  }
  return local.writes[0];  // its frame was not found
}

}  // namespace sloth

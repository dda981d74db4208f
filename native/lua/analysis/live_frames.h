// The Lua frames that live on an island at a spawn, and what each of them can still do.
//
// Lives in one frame of DecidePlacement on the thread that owns the island.
#pragma once

#include <vector>

#include "lua/analysis/chunk_facts.h"
#include "lua/code.h"
#include "lua/internals.h"

namespace sloth {

struct LiveFrame {
  const Code* code;
  uint32_t function;
  int pc;           // the instruction it is in
  bool past_call;   // that instruction is a call which will do nothing more
  CallInfo* info;
};

class LiveFrames {
 public:
  explicit LiveFrames(lua_State* L) : L_(L) {}

  // Whether a live activation of `function` can still run the instruction `pc`. `barrier` (-1: none) is an instruction that
  // makes `pc` harmless when it runs in between.
  bool CanReach(const Code* code, uint32_t function, int pc, int barrier);
  // The same for a main function, which runs only once.
  bool MainCanReach(const Code* code, int pc);
  // The instruction at which the owner of a captured local may still assign it; -1: none.
  int OwnerCanWrite(const Code* code, const ChunkVariable& variable, const UpVal* upvalue);

  // The frame that asked for the spawn; null when no Lua function did.
  const LiveFrame* spawner() {
    FindOwn();
    return own_.empty() ? nullptr : &own_[0];
  }

 private:
  static void AddFramesOf(lua_State* thread, bool spawns, std::vector<LiveFrame>* frames);
  void FindOwn();
  void FindOthers();
  std::vector<bool> Reachable(const LiveFrame& frame, int first, int last, int barrier) const;
  bool AnyReaches(const std::vector<LiveFrame>& frames, const Code* code, uint32_t function, int pc, int barrier) const;
  bool Has(const std::vector<LiveFrame>& frames, const Code* code, uint32_t function) const;

  lua_State* const L_;
  std::vector<LiveFrame> own_;     // of L, innermost first
  std::vector<LiveFrame> others_;  // of all other threads
  bool own_known_ = false;
  bool others_known_ = false;
};

}  // namespace sloth

// Starting goroutines from Lua: decides where each lives, makes it, starts it.
#pragma once

#include "lua/analysis/placement.h"
#include "lua/island.h"

namespace sloth {

enum class SpawnPlace : uint8_t { kByRule, kMustBeParallel, kHome };

struct SpawnRequest {
  SpawnPlace place = SpawnPlace::kByRule;
  UncaughtRule uncaught = UncaughtRule::kPrintAtOnce;
  bool daemon = false;
  bool told = true;  // --explain mentions it
};

// Takes the function and the `argument_count` values above it, which are on top of L's stack, off the stack and makes a
// goroutine of them, not started yet; it stands in the parent's `child` slot. Raises when there is no memory, and for
// kMustBeParallel when it cannot be parallel. Upper room.
LuaGoroutine* MakeChild(lua_State* L, int argument_count, const SpawnRequest& request);

// Starts what MakeChild made and empties the slot. Lower room.
void StartChild(LuaGoroutine* parent) noexcept;

// Decides as a spawn would and pushes the answer of goroutine.explain. Upper room.
void PushExplanation(lua_State* L, int function);

}  // namespace sloth

// Starting goroutines from Lua: decides where each lives, makes it, starts it.
#pragma once

#include "lua/analysis/placement.h"
#include "lua/island.h"
#include "lua/lib_context.h"

namespace sloth {

enum class SpawnPlace : uint8_t { kByRule, kMustBeParallel, kHome };

struct SpawnRequest {
  SpawnPlace place = SpawnPlace::kByRule;
  UncaughtRule uncaught = UncaughtRule::kPrintAtOnce;
  bool daemon = false;
  bool told = true;  // --explain mentions it
  Context* context = nullptr;  // ends it; kept alive by the caller's stack
};

// The context at `*function`, where a function was expected and may be preceded by one; `*function` is the next index then.
// Null when there is none. Checks that a function follows.
Context* CheckFunctionBehindContext(lua_State* L, int* function);

// Takes the function and the `argument_count` values above it, which are on top of L's stack, off the stack and makes a
// goroutine of them, not started yet; it stands in the parent's `child` slot. Raises when there is no memory, and for
// kMustBeParallel when it cannot be parallel. Upper room.
LuaGoroutine* MakeChild(lua_State* L, int argument_count, const SpawnRequest& request);

// Starts what MakeChild made and empties the slot. Lower room.
void StartChild(LuaGoroutine* parent) noexcept;
// Lets go of what MakeChild made, which nobody will start. Does not raise.
void DropChild(lua_State* L, LuaGoroutine* parent);
// The part of StartChild for who starts it otherwise: from now on its context, if it has one, ends it. Lower room.
void BindToContext(Goroutine* child) noexcept;

// Decides as a spawn would and pushes the answer of goroutine.explain. Upper room.
void PushExplanation(lua_State* L, int function);

}  // namespace sloth

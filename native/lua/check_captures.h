// run --check-captures: compares what a goroutine on its own island captured with its copy, and reports drift.
#pragma once

#include "lua/island.h"
#include "lua/pack.h"

namespace sloth {

// Remembers the captured tables of a spawn that is about to be copied. Lower room.
void WatchCaptures(lua_State* L, LuaGoroutine* child, int function, int argument_count, const SpawnCapture& capture) noexcept;

}  // namespace sloth

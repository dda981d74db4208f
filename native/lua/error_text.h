// Turning Lua error values into text for people.
#pragma once

#include <string>

#include "data/failure.h"
#include "lua/lua_goroutine.h"

namespace sloth {

// The text of the error value at `index`, without running Lua: strings and numbers as they are, other values named.
std::string ErrorText(lua_State* L, int index);
// The error value is the one Lua raises when the island has no memory left.
bool IsOutOfMemory(lua_State* L, int index);
// "timeout exceeded", "cancelled: reason".
std::string CancellationText(LuaGoroutine* goroutine);
// The outcome of a goroutine that was cancelled.
Outcome CancelledOutcome(LuaGoroutine* goroutine);

}  // namespace sloth

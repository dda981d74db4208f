// Giving the outcome of a goroutine to Lua.
#pragma once

#include "lua/island.h"

namespace sloth {

// Pushes `true, results...` or `false, error, kind` of a settled goroutine; returns how many. Upper room.
int PushOutcome(lua_State* L, Goroutine* goroutine);
// The same without the kind, for goroutine.timeout.
int PushOutcomePlain(lua_State* L, Goroutine* goroutine);
// Pushes packed results; none for a nil value. Upper room.
int UnpackResults(lua_State* L, const Value& results);
// Pushes the error of a failed or cancelled goroutine: its value, or its message with traceback. Upper room.
void PushOutcomeError(lua_State* L, Goroutine* goroutine);

}  // namespace sloth

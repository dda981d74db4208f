// Giving the outcome of a goroutine to Lua.
#pragma once

#include "lua/island.h"

namespace sloth {

// Pushes `true, results...` or `false, error, kind` of a goroutine that has ended; returns how many. The caller keeps the outcome
// alive. Upper room.
int PushOutcome(lua_State* L, const Outcome& outcome);
inline int PushOutcome(lua_State* L, Goroutine* goroutine) { return PushOutcome(L, goroutine->outcome()); }
// The same without the kind, for goroutine.timeout.
int PushOutcomePlain(lua_State* L, const Outcome& outcome);
inline int PushOutcomePlain(lua_State* L, Goroutine* goroutine) { return PushOutcomePlain(L, goroutine->outcome()); }
// Pushes packed results; none for a nil value. Upper room.
int UnpackResults(lua_State* L, const Value& results);
// Pushes the error of a failed or cancelled goroutine: its value, or its message with traceback. Upper room.
void PushOutcomeError(lua_State* L, const Outcome& outcome);
inline void PushOutcomeError(lua_State* L, Goroutine* goroutine) { PushOutcomeError(L, goroutine->outcome()); }

}  // namespace sloth

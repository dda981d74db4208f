// Copying values between a Lua heap and the host's format (data/host_format.h).
#pragma once

#include "lua/pack.h"

namespace sloth {

// Makes handles for every Lua or C function reachable from the `count` values from `first` up, and pushes the table that
// TryPackForHost finds them by. The handles wait in the goroutine. Upper room.
void PrepareFunctionsForHost(lua_State* L, int first, int count);

// Packs the values as one list. `functions`: the index of the table PrepareFunctionsForHost pushed. Raw, never raises.
[[nodiscard]] bool TryPackForHost(lua_State* L, int first, int count, int functions, Value* out, PackFailure* failure) noexcept;

// Pushes the values of a list from the host; returns how many. Upper room.
int UnpackFromHost(lua_State* L, const Value& values);

}  // namespace sloth

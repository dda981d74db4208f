// Copying values between a Lua heap and the host's format (data/host_format.h).
//
// A table crosses as what it is made of, raw: no metamethod runs. Its metatable stays, but for the field `__js`, which names
// what it is in JavaScript: Array, Map, Set, Date, Float64Array, ... (docs/values.md).
#pragma once

#include "lua/pack.h"

namespace sloth {

// Whether the table at `index` is known to reach the host by reference, from its metatable alone. Does not raise.
bool StaysInLua(lua_State* L, int index) noexcept;

enum class HostPack : uint8_t { kPacked, kNeedsFunctions, kRefused };

// Packs the `count` values from `first` up. kNeedsFunctions: functions among them have no handles yet; call HoldFunctions
// and try again. Reads the heap raw, without recursion, never raises.
[[nodiscard]] HostPack TryPackForHost(lua_State* L, int first, int count, Value* out, PackFailure* failure) noexcept;

// Makes handles for the functions the last attempt met. They wait in the goroutine until an attempt ends otherwise. Upper room.
void HoldFunctionsForHost(lua_State* L);

// Pushes the values of a message from the host; returns how many. Upper room.
int UnpackFromHost(lua_State* L, const Value& values);

}  // namespace sloth

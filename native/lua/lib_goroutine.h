// What the files of the goroutine module share.
#pragma once

#include "lua/spawn.h"

namespace sloth {

// Starts f with its arguments (from `function` up, a context may stand before f) and pushes a handle of the goroutine. Upper
// room.
void SpawnAndPushHandle(lua_State* L, int function, SpawnRequest request);

// Sleeps, 0 yields once; the body of every sleep function. Upper room.
int SleepFor(lua_State* L, int64_t duration_ns);

}  // namespace sloth

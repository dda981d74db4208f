// What the files of the goroutine module share.
#pragma once

#include "lua/spawn.h"

namespace sloth {

// Starts f with its arguments (from `function` up, a context may stand before f) and pushes a handle of the goroutine. Upper
// room.
void SpawnAndPushHandle(lua_State* L, int function, SpawnRequest request);

// Sleeps as its argument says, in these units; 0 yields once. The body of every sleep function. Upper room.
int SleepInUnits(lua_State* L, int64_t unit);

}  // namespace sloth

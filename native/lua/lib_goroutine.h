// What the files of the goroutine module share.
#pragma once

#include "lua/spawn.h"

namespace sloth {

// Takes f and its arguments (from `function` up) off the stack and leaves a handle of the started goroutine. Upper room.
void SpawnAndPushHandle(lua_State* L, int function, const SpawnRequest& request);

// Sleeps, 0 yields once; the body of every sleep function. Upper room.
int SleepFor(lua_State* L, int64_t duration_ns);

}  // namespace sloth

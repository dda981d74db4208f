// Reading standard input without holding a worker.
#pragma once

#include "lua/api.h"

namespace sloth {

// Replaces io.read and the read method of files in the io library at `index` by ones that wait for standard input as a
// goroutine does. Upper room.
void InstallStdinReads(lua_State* L, int index);

}  // namespace sloth

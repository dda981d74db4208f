// Reading standard input without holding a worker.
#pragma once

#include "lua/api.h"

namespace sloth {

// Keeps upstream's io.read and the read method of files; the io library is on top. Upper room.
void SaveUpstreamReads(lua_State* L);
// Puts our read method into the metatable of files, which no library table shows. Upper room.
void InstallReadMethod(lua_State* L);

}  // namespace sloth

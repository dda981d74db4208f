// The functions of os that read a clock.
#pragma once

#include "lua/api.h"

namespace sloth {

// Keeps upstream's os.time and os.date; the os library is on top. Upper room.
void SaveUpstreamTime(lua_State* L);

}  // namespace sloth

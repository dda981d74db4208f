// What the library's Lua code needs to make broadcasters.
#pragma once

#include "lua/api.h"

namespace sloth {

// (buffer, on_full), both checked. Upper room.
int NewBroadcaster(lua_State* L);

}  // namespace sloth

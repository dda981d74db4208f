// Random numbers that follow the island's seed.
#pragma once

#include "lua/api.h"

namespace sloth {

// Keeps upstream's math.randomseed; the math library is on top. Upper room.
void SaveUpstreamSeed(lua_State* L);
// Seeds Lua's generator from the island, if its heap has one. Upper room.
void SeedFromIsland(lua_State* L);

}  // namespace sloth

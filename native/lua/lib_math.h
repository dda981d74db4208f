// Random numbers that follow the island's seed.
#pragma once

#include "lua/api.h"

namespace sloth {

// Replaces math.randomseed in the math library at `index` and seeds its generator from the island. Upper room.
void InstallRandomSeed(lua_State* L, int index);

}  // namespace sloth

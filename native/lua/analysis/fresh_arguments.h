// Which arguments of a spawn are tables made just for it, that nobody but the new goroutine will ever know.
#pragma once

#include <cstdint>

#include "lua/analysis/live_frames.h"

namespace sloth {

// A set with bit i for argument i (the first 32). `L` is the state that spawns, `frames` its live frames; the running C function
// was given `before` arguments up to the function that is started, and that one's behind it.
uint32_t FindFreshArguments(lua_State* L, LiveFrames* frames, int before, int argument_count);

}  // namespace sloth

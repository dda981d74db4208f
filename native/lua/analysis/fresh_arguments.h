// Which arguments of a spawn are tables made just for it, that nobody but the new goroutine will ever know.
#pragma once

#include <cstdint>

#include "lua/analysis/live_frames.h"

namespace sloth {

// A set with bit i for argument i (the first 32). `L` is the state that spawns, `frames` its live frames; the function lies at
// stack index 1 of the running C function, its arguments behind it.
uint32_t FindFreshArguments(lua_State* L, LiveFrames* frames, int argument_count);

}  // namespace sloth

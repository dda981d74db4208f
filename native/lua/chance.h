// What Lua itself draws at random: the seed of a heap's string hashes, and the pivots of table.sort. Both follow the seed of
// the runtime.
#pragma once

#include <cstdint>

namespace sloth {

// The next state this thread makes hashes strings with `seed`; without it, with one of the machine's.
void SeedNextState(uint64_t seed);

}  // namespace sloth

// Reading a pool's options from a table.
#pragma once

#include "lua/api.h"
#include "sync/pool.h"

namespace sloth {

// The options at `argument`, raw; none gives the defaults. Raises, naming `caller` and the option, for anything else in there.
// Upper room.
PoolOptions CheckPoolOptions(lua_State* L, int argument, const char* caller);

// A number of workers at `index`, or {min, max}. Raises likewise.
void CheckWorkers(lua_State* L, int index, const char* caller, int64_t* least, int64_t* most);

}  // namespace sloth

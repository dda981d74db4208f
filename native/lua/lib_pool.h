// What the files of the pool functions share.
#pragma once

#include "lua/island.h"
#include "sync/pool.h"

namespace sloth {

// The goroutine that calls; raises where none runs. Upper room.
LuaGoroutine* CheckPoolCaller(lua_State* L);
// The pool whose name is the first argument, kept in goroutine->scratch().holding; null when there is none. Upper room.
Pool* PoolAt(lua_State* L, LuaGoroutine* goroutine);
// Pushes the message for that; with what is on top already the results are 2.
int PoolNotFound(lua_State* L);

}  // namespace sloth

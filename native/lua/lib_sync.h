// What other files need of mutexes.
#pragma once

#include "lua/island.h"
#include "sync/lock.h"

namespace sloth {

// Pushes a new mutex. Upper room.
void PushNewLock(lua_State* L, LuaGoroutine* goroutine);
// After waiting for a mutex.
Lock::Outcome FinishAcquire(LuaGoroutine* goroutine) noexcept;
// The __close of mutexes: gives back one that the goroutine holds, so that a frame can keep one until it is left.
int CloseMutex(lua_State* L);

}  // namespace sloth

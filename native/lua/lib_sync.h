// What the files of the synchronization objects share, and others need of them.
#pragma once

#include "lua/handles.h"
#include "lua/island.h"
#include "sync/guard.h"
#include "sync/lock.h"

namespace sloth {

// Pushes a new handle, made in the goroutine's slot, so that nothing leaks when pushing it raises. Upper room.
template <typename T, typename... Args>
int PushNew(lua_State* L, Args&&... arguments) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "no goroutine runs here");
  goroutine->scratch().received = Value::OfHandle(MakeRef<T>(std::forward<Args>(arguments)...));
  PushHandle(L, goroutine->scratch().received.handle(), HandleView::kFull);
  goroutine->scratch().received = Value();
  return 1;
}

// The running goroutine; raises that `what` ("a mutex") cannot be used without one.
LuaGoroutine* CheckCurrent(lua_State* L, const char* what);
// A number of things: an integer of at least `least`; one when there is no argument.
int64_t CheckCount(lua_State* L, int argument, int64_t least);
int64_t CheckCountOrOne(lua_State* L, int argument);
// The results of a wait: true, or false and 'timeout'; raises when it was cancelled. Upper room.
int TrueOrTimeout(lua_State* L, Progress progress);
// After waiting for a mutex.
Lock::Outcome FinishAcquire(LuaGoroutine* goroutine) noexcept;
// The __close of mutexes: gives back one that the goroutine holds, so that a frame can keep one until it is left.
int CloseMutex(lua_State* L);
int CloseRwMutex(lua_State* L);
// The guard of a call's frame, at `index`, which guards a `kind`; raises when the debug library has taken it away. Upper room.
Guard* CheckGuard(lua_State* L, int index, HandleKind kind);
// The __close of guards.
int CloseGuard(lua_State* L);

}  // namespace sloth

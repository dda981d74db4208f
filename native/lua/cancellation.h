// Delivering interrupts and cancellations to Lua code.
//
// A cancellation is a sticky word in the goroutine; the error raised for it is only its messenger. Our protected calls
// (pcall, xpcall, load, require, the coroutine library) call RethrowIfCancelled before they return to Lua, so that nothing
// keeps the messenger.
#pragma once

#include "lua/island.h"

namespace sloth {

// The goroutine that the calling thread runs, as a worker or as a guest; null when it runs none.
LuaGoroutine* GoroutineOfThread();
// Whether the running goroutine is cancelled and not in the time its cleanup handlers have. Signal-safe.
bool CancellationPending(LuaGoroutine* goroutine);
// Whether it must be raised out of now: not within the <close> handler of a block that it left before, which may finish.
bool MustRaise(LuaGoroutine* goroutine);
// Whether L, which runs, is within a <close> handler.
bool InCloseHandler(lua_State* L);
// Some chunk of this process may define one; until then nobody looks for them.
void ExpectCloseHandlers();
// Raises the cancellation of the running goroutine. Upper room.
[[noreturn]] void RaiseCancelled(lua_State* L);
// Raises that the wait `what` (null: some wait) is not possible on the JavaScript thread. Upper room.
[[noreturn]] void RaiseWouldBlock(lua_State* L, const char* what);
// What a protected call remembers when it starts.
inline lua_KContext ProtectedEntry(LuaGoroutine* goroutine) {
  return goroutine ? static_cast<lua_KContext>(goroutine->unwinding) : 0;
}
// After a protected call begun at `entry` ended with an error (its value on top) or successfully: raises again when the
// goroutine is being unwound past it. Upper room.
void RethrowIfCancelled(lua_State* L, lua_KContext entry, bool failed);
// True while a finalizer runs on L's island.
bool InFinalizer(lua_State* L);
// The one-shot hook that the interrupt handler installs.
void InterruptHook(lua_State* L, lua_Debug* activation);
// Message handler for goroutine bodies: remembers the traceback, returns the error value.
int BodyMessageHandler(lua_State* L);

}  // namespace sloth

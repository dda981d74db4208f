// The frame at the bottom of every goroutine's stack: calls its function protected, then its deferred functions, and notes
// how it ended.
#pragma once

#include "lua/api.h"

namespace sloth {

class LuaGoroutine;

// Makes `goroutine`'s thread on L's island and moves the function and the `argument_count` values above it from L there,
// ready for its first resume. Upper room.
void PushBody(lua_State* L, LuaGoroutine* goroutine, int argument_count);
// Lets go of its thread, if it has one: it has ended, or never will begin. `reusable`: it has returned, and its island stays.
// L, of its island, has room for two values. Does not raise.
void DropBody(lua_State* L, LuaGoroutine* goroutine, bool reusable);

// The C function to resume first; its arguments are BodyMessageHandler, the goroutine's function and that one's arguments.
int GoroutineBody(lua_State* L);

// Remembers the function at `index` to be run when the current goroutine ends. Upper room.
void Defer(lua_State* L, int index);
// The key of those lists in Lua's registry.
const void* DeferredKey();
// A C function that runs what the current goroutine deferred, for one that has no body.
int RunDeferredOf(lua_State* L);
// Drops what is left of `body`'s list. Does not raise.
void ForgetDeferred(lua_State* L, lua_State* body);

}  // namespace sloth

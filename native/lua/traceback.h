// Where a resting or interrupted Lua stack stands, as text. Reads the stack raw: allocates nothing in the heap, runs no Lua,
// never raises.
#pragma once

#include <string>

#include "lua/lua_goroutine.h"

namespace sloth {

// The stack of one state, innermost call first, as luaL_traceback writes it but for names that only a search would find.
// Empty when nothing is on it.
std::string StackText(lua_State* L);

// The stack of a goroutine: of the coroutine it stands in, and below that its own. Its island is the caller's, or rests.
std::string GoroutineStackText(LuaGoroutine* goroutine);

}  // namespace sloth

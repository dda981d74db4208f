// The program's own hooks, as whatever shares Lua's one hook with them needs them.
#pragma once

#include "lua/api.h"

namespace sloth {

// Mask and count that L's hook was set with; zeros when it has none.
struct UserHook {
  int mask = 0;
  int count = 0;
};
UserHook UserHookOf(lua_State* L);
// Calls L's hook, if it has one. In deterministic runs once an instruction for a count hook, which it counts down. Upper room.
void CallUserHook(lua_State* L, lua_Debug* activation);
// Puts the program's own hook back on L after the interrupt replaced it.
void RestoreUserHook(lua_State* L);

}  // namespace sloth

// The Lua parts of modules on an island.
#pragma once

#include "lua/module.h"

namespace sloth {

// Pushes the table of functions that the module's Lua part returned on this island; runs it first if need be. Upper room.
void PushModuleLua(lua_State* L, const Module* module);

}  // namespace sloth

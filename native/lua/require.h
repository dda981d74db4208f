// require and the searcher for modules written in Lua: upstream's behaviour, but able to wait while a module loads.
#pragma once

#include "lua/api.h"

namespace sloth {

int Require(lua_State* L);
// Replaces package.searchers[2] and the searcher for preloaded modules stays upstream's. [-1] the package table.
void InstallSearchers(lua_State* L);

}  // namespace sloth

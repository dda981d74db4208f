// Lua's public interface. Only native/lua includes it.
#pragma once

#include "lua/upstream/config.h"

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}

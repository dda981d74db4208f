// Lua's internal structures, for reading heaps without running Lua. Only .cc files of native/lua include it.
#pragma once

#include "lua/api.h"

extern "C" {
#include "lapi.h"
#include "ldebug.h"
#include "ldo.h"
#include "lfunc.h"
#include "lgc.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "ltm.h"
}

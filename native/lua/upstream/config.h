/*
** Included before Lua's own source and before every use of Lua's headers, so that all see the same layout: the knobs
** upstream left open, and nothing else.
*/
#ifndef SLOTH_UPSTREAM_CONFIG_H
#define SLOTH_UPSTREAM_CONFIG_H

#define LUA_USER_H "lua/upstream/user.h"

/* What a new state's string hashes start from. */
#include "lua/upstream/chance.h"
#define luai_makeseed(L) sloth_hash_seed()

#endif

/*
** For ltablib.c: its loops read one element at a time with lua_geti, which may raise. The parentheses around names in lua.h
** keep this macro away from the declaration.
*/
#include "lua/upstream/poll.h"

/* How table.sort escapes from bad pivots. */
#define l_randomizePivot() sloth_random_pivot()

#define lua_geti(L, i, n) (SLOTH_POLL(), (lua_geti)(L, i, n))

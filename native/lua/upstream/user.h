/*
** Included by lua.h itself, after luaconf.h (LUA_USER_H). A state's extra space holds two words: its island, and the
** goroutine that runs or waits inside it (lua/state_extra.h).
*/
#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE (2 * sizeof(void *))

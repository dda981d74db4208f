/*
** Included by lua.h itself, after luaconf.h (LUA_USER_H). A state's extra space holds two words: its island, and the
** goroutine that runs or waits inside it (lua/state_extra.h).
*/
#if defined(__cplusplus)
extern "C" {
#endif

/* A thread that nobody reaches any more is freed (lua/body_threads.h). */
struct lua_State;
void sloth_state_freed(struct lua_State *thread);
#define luai_userstatefree(L, thread) sloth_state_freed(thread)

#if defined(__cplusplus)
}
#endif

#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE (2 * sizeof(void *))

// Slices of a deterministic run: counted instructions, whose number the seed decides. Each takes its time of the virtual clock.
//
// The count hook of the innermost state counts; a coroutine that is entered goes on counting where the state around it stopped.
// The program's own hooks are called from there. All of it does nothing where the clock is the machine's.
#pragma once

#include "lua/lua_goroutine.h"

namespace sloth {

// A new slice, before the goroutine's own state is resumed.
void BeginSlice(LuaGoroutine* goroutine);
// The worker has it back.
void EndSlice(LuaGoroutine* goroutine);
// The innermost state changes from `left` to `entered`; `goroutine` may be null.
void MoveSlice(LuaGoroutine* goroutine, lua_State* left, lua_State* entered);
// Lets the time of the instructions so far pass, before a clock is read for them.
void CountSlice(lua_State* L);
// Sets the hook that L has apart from interrupts: the program's, the slice's, or none.
void RestoreHook(lua_State* L);

}  // namespace sloth

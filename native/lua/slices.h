// Slices of a deterministic run: counted instructions, whose number the seed decides. Each takes its time of the virtual clock.
//
// The count hook of the innermost state counts; a coroutine that is entered goes on counting where the state around it stopped.
// The program's own hooks are called from there. All of it does nothing where the clock is the machine's.
#pragma once

#include "lua/lua_goroutine.h"
#include "sched/scheduler.h"

namespace sloth {

namespace slices {  // for deterministic runs only
void Begin(LuaGoroutine* goroutine);
void Count(LuaGoroutine* goroutine, lua_State* L);
void Move(LuaGoroutine* goroutine, lua_State* left, lua_State* entered);
}  // namespace slices

// A new slice, before the goroutine's own state is resumed.
inline void BeginSlice(LuaGoroutine* goroutine) {
  if (goroutine->turns()) slices::Begin(goroutine);
}
// The worker has it back.
inline void EndSlice(LuaGoroutine* goroutine) {
  if (goroutine->turns()) slices::Count(goroutine, goroutine->state);
}
// The innermost state changes from `left` to `entered`; `goroutine` may be null.
inline void MoveSlice(LuaGoroutine* goroutine, lua_State* left, lua_State* entered) {
  if (goroutine && goroutine->turns()) slices::Move(goroutine, left, entered);
}
// Lets the time of the instructions so far pass, before a clock is read for them; `goroutine`, if any, runs in L.
inline void CountSlice(LuaGoroutine* goroutine, lua_State* L) {
  if (goroutine && goroutine->turns()) slices::Count(goroutine, L);
}
// Sets the hook that L has apart from interrupts: the program's, the slice's, or none.
void RestoreHook(lua_State* L);

}  // namespace sloth

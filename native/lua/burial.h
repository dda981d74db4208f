// Ending a heap without lua_close, which would free it object by object only to have its memory given back as a whole.
#pragma once

#include "lua/api.h"

namespace sloth {

// Lets go of what a heap refers to outside, handles and code, when that is all there is to do: when nothing in it has a
// finalizer but what this library and a pristine state put there, and no C library was loaded. False, with nothing done, when
// lua_close is needed. The caller holds the island; afterwards the heap's memory may go. Does not raise.
[[nodiscard]] bool TryReleaseHeap(lua_State* main);

// Notes what collects streams; the io library's metatable of files is on top. Upper room.
void LearnStreamCollector(lua_State* L);

}  // namespace sloth

// What the capture analysis asks the island it runs on. The definitions here are weak and find their answers by walking the
// heap; whoever keeps lists of these things defines the functions again.
//
// All run on the thread that owns the island, change nothing, run no Lua and never raise.
#pragma once

#include "lua/code.h"

namespace sloth {

// Calls `visit` for the code of every chunk of which L's heap still has a function.
void VisitIslandCodes(lua_State* L, void (*visit)(void* context, const Code* code), void* context) noexcept;

// A number that is another one whenever these codes are others. It need not tell in which order they came.
uint64_t VersionOfIslandCodes(lua_State* L) noexcept;

// Calls `visit` for every state of L's heap but L itself that may have frames: goroutines and coroutines.
void VisitIslandThreads(lua_State* L, void (*visit)(void* context, lua_State* thread), void* context) noexcept;

// Whether a C library that the registry does not know was ever loaded into L's heap.
bool IslandHasForeignCode(lua_State* L) noexcept;

// Above how many bytes a copy costs more than staying home; 0: never.
size_t IslandCopyLimit(lua_State* L) noexcept;

}  // namespace sloth

// What a new heap contains: built once per island, in a protected call.
#pragma once

#include <cstdint>

#include "lua/api.h"

namespace sloth {

// Opens the base functions and the string library (all libraries if the island wants them) and installs ours. Upper room.
int BuildHeap(lua_State* L);

// Gives a clone of a pristine heap what is its own: the seed of its random numbers, and what modules add to libraries. Upper
// room.
void FinishClone(lua_State* L);

// Makes the global library tables that the names mention available, building them on first use. Upper room.
void EnsureLibrary(lua_State* L, const char* name);
void EnsureAllLibraries(lua_State* L);
// Whether a global of that name is a library table of ours or Lua's.
bool IsLibraryName(const char* name);
// Libraries by a small number; -1 and null for what is none.
int LibraryIndex(const char* name);
const char* LibraryAt(int index);
// The bits of the libraries that every heap begins with.
uint32_t AlwaysOpenLibraries();

}  // namespace sloth

// Finds library tables and library functions in a heap by reading it raw, without the stack and without
// raising.
#pragma once

#include "data/handle.h"
#include "lua/internals.h"

namespace sloth {

// The value under a string key of `table` (absent: a nil value). Makes no string in the heap.
const TValue* RawField(lua_State* L, const Table* table, const char* name, size_t length) noexcept;

Table* GlobalsOf(lua_State* L) noexcept;

// The library table of that name in L's heap, or null when there is none or it was not built yet.
Table* FindLibraryTable(lua_State* L, const char* name) noexcept;

// The handle that a value stands for, a userdata or the C closure of a host function; null for any other
// value.
Handle* HandleOf(const TValue* value, HandleView* view) noexcept;

// Where another island finds its own copy of a C function. Both texts belong to L's heap or to the process.
struct LibraryFunction {
  const char* library = nullptr;
  const char* field = nullptr;
};

// The library and field under which a C closure of L's heap is known. False for a stranger.
bool FindLibraryFunction(lua_State* L, const CClosure* closure, LibraryFunction* found) noexcept;

// True when a library table of L's heap holds this C function.
bool IsInLibraryTable(lua_State* L, lua_CFunction function) noexcept;

}  // namespace sloth

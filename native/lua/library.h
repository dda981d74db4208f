// Which library tables an island has, and which table is which: captured library tables cross by name.
#pragma once

#include "data/handle.h"
#include "lua/api.h"

namespace sloth {

// The library name ("math", "goroutine", "_G", "string.meta" for the string metatable) whose own table on L's island is at
// `table` (a Table pointer as lua_topointer gives it), or null. Never raises.
const char* LibraryNameOf(lua_State* L, const void* table);

// Pushes the library table of that name, building it if this island has not used it yet. Raises only for memory; pushes nil
// for a name that is no library.
void PushLibrary(lua_State* L, const char* name);

// Enters the table on top among this island's library tables: it crosses by that name, which must last as long as the island.
void EnterLibrary(lua_State* L, const char* name);
// Pushes a table that was entered; false, pushing nothing, where none was.
bool PushEnteredLibrary(lua_State* L, const char* name);

// Notes what a library table looks like fresh from its making, once per process and library.
void LearnPristineLibrary(lua_State* L, const char* name, int index);
// Calls `visit` for each field where the library table differs from the pristine one. Never raises.
void VisitLibraryChanges(lua_State* L, const char* name, void (*visit)(void* context, const char* field), void* context) noexcept;

// Handles as Lua sees them: full userdata with one metatable a kind.
// The handle and view in the userdata `block`, or null when it is not one of ours (kind is checked in the block). Never raises.
Handle* HandleInUserdata(lua_State* L, int index, HandleView* view);
// The same for a userdata's memory, read raw.
Handle* HandleInBlock(const void* memory, size_t size, HandleView* view);
// Pushes a userdata for `handle`, the same one for the same handle while it is alive. Raises only for memory.
void PushHandle(lua_State* L, Handle* handle, HandleView view);
// Whether the running C function was called for its results: not where the call is a statement.
bool AreResultsWanted(lua_State* L);

}  // namespace sloth

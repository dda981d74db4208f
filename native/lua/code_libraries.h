// Which library tables a function's code mentions, so that an island builds only those it uses.
#pragma once

#include "lua/code.h"
#include "lua/module.h"

namespace sloth {

// Fills FunctionCode::libraries of every function. Called once, when code is read.
void NoteLibraries(Code* code, const ModuleCatalogue& modules);
// Builds what the function and those inside it mention, on L's island, unless it has everything already. Upper room.
void EnsureLibrariesOf(lua_State* L, const FunctionCode& function);
// The same for the chunk on top, which was just loaded. Upper room.
void EnsureLibrariesOfChunk(lua_State* L);

}  // namespace sloth

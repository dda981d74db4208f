// Compiling chunks: every chunk a program loads passes here, so that its code is known to the capture analysis.
#pragma once

#include "lua/api.h"
#include "lua/code.h"

namespace sloth {

enum class Dialect : unsigned char { kLua, kTask };

// Compiles text and pushes its main function, attached to its code; on failure pushes the message and returns false.
// Bytecode is refused. Raises only for memory. Upper room.
bool LoadText(lua_State* L, const char* text, size_t length, const char* chunk_name, Dialect dialect, CodeOrigin origin);

// Reads and compiles a file (a leading byte order mark and a first line that starts with # are skipped). As LoadText.
bool LoadFile(lua_State* L, const char* path);

}  // namespace sloth

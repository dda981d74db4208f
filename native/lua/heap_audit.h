// Looks through a whole heap for what must not be in it: a pointer that leads out, a string that its own table does not
// find, a key that its table does not find. Reads the heap raw: runs no Lua, changes nothing, never raises.
#pragma once

#include <cstddef>

#include "lua/api.h"

namespace sloth {

class Code;

// Says which memory a heap may point to.
struct HeapBounds {
  bool (*owns)(const void* context, const void* block, size_t size);
  const void* context;
};

// What was found first, or null. The heap rests: no state runs in it, and it collects nothing.
const char* FindHeapProblem(lua_State* main, const HeapBounds& bounds);

// What a pristine heap must not have beyond that (snapshot.h), or null: tables with keys that hash by their address, and
// userdata other than the standard streams, the state of math.random, and the reference to `code`, if that is not null.
const char* FindPristineProblem(lua_State* main, const Code* code);

}  // namespace sloth

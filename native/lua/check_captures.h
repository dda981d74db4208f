// run --check-captures: compares what a goroutine on its own island captured with its copy, and reports drift.
//
// A watch keeps three states of the captured values: as they were copied (a parcel), the goroutine's copies (on its island)
// and the originals at home. When the goroutine ends, its copies are compared with the parcel; when the home island next
// rests, so are the originals. Shared by the goroutine and its home; each side touches only its own reference.
#pragma once

#include <string>
#include <vector>

#include "lua/island.h"
#include "lua/pack.h"

namespace sloth {

class CaptureWatch final : public RefCounted {
 public:
  Ref<LuaIsland> home;
  Value copied;                     // the watched values, packed as one list
  std::vector<std::string> labels;  // what each is: "the function", "argument 1", "global 'config'"
  std::string goroutine;            // "goroutine 5 (function <x.lua:8>, spawned at x.lua:12)"
  int home_reference = LUA_NOREF;   // a list of the values in the registry of the home island
  int copy_reference = LUA_NOREF;   // and of the goroutine's island
};

// Starts watching a spawn: the function at `function` and what is above it, and the captured globals. Leaves the stack as it
// was. Upper room.
void WatchCaptures(lua_State* L, LuaGoroutine* child, int function, const SpawnCapture& capture);
// On the goroutine's island: notes its copies, the function and `argument_count` values on top. Upper room.
void NoteCopies(lua_State* L, LuaGoroutine* goroutine, int argument_count);
// Compares and reports; `at_home` tells which reference is L's. Raises nothing.
void CompareCaptures(lua_State* L, CaptureWatch* watch, bool at_home) noexcept;

}  // namespace sloth

// Where a goroutine lives: on its own island (parallel) when nothing it captured can be told apart from a copy, otherwise on
// its parent's island. The rule is the memory model of docs/memory-model.md; what cannot be proven stays home.
#pragma once

#include <string>
#include <vector>

#include "lua/api.h"
#include "lua/pack.h"

namespace sloth {

// One thing that keeps a goroutine home.
struct PlacementReason {
  std::string kind;     // "assigns", "assigned-elsewhere", "stores", "stored-elsewhere", "lock", "uncopyable", "size", "unknown"
  std::string name;     // the variable, global, or path: "done_count", "self.stopped"
  std::string file;     // chunk the line is in, as error messages show it
  int line = 0;         // 0 when there is none
  std::string message;  // one sentence naming variable and line
};

struct Placement {
  bool parallel = false;
  std::vector<PlacementReason> reasons;  // empty when parallel
  SpawnCapture capture;                  // what the copy must bring along; filled also when the caller insists
};

enum class PlacementRule {
  kOrdinary,  // stop at the first reason
  kExplain,   // collect every reason
  kInsist,    // goroutine.parallel: a captured lock alone does not keep it home
};

// Decides for the function at `index` with `argument_count` values above it as arguments. `L` is the state that spawns: its
// frames are the live frames. Runs no Lua, allocates nothing in the heap, never raises.
Placement DecidePlacement(lua_State* L, int index, int argument_count, PlacementRule rule) noexcept;

}  // namespace sloth

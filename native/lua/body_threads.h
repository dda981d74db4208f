// The threads of the goroutines of one island.
//
// While a goroutine has one, a table in the registry keeps it from the collector. Afterwards it is garbage that the next
// goroutine may take, unless the collector comes first.
#pragma once

#include <cstdint>
#include <vector>

#include "lua/api.h"

struct Table;

namespace sloth {

// The key of that table.
const void* ThreadsKey();

class BodyThreads {
 public:
  // Pushes a thread whose stack has room for a body that runs the function at `function` of L with `argument_count`
  // arguments, and says how to drop it. Needs three slots of L. Upper room.
  lua_State* Push(lua_State* L, int function, int argument_count, uint32_t* place);
  // Lets the collector have it. `reusable`: it rests as a new one does, and the program does not know it.
  void Drop(lua_State* thread, uint32_t place, bool reusable) noexcept;
  // The heap is gone.
  void Forget() noexcept;
  // The collector frees a thread that was dropped (lua/upstream/user.h).
  void Freed(lua_State* thread) noexcept;

 private:
  lua_State* TryPushIdle(lua_State* L) noexcept;

  Table* kept_ = nullptr;      // the table; null until it was looked up
  uint32_t places_ = 0;        // how many it has
  uint32_t free_place_ = 0;    // its first free one, which holds the next; 0: none
  std::vector<lua_State*> idle_;
};

// Makes the table. A pristine heap has it, so that its clones need not. Upper room.
void PrepareBodies(lua_State* L);

}  // namespace sloth

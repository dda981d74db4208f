// Which handles the heap of an island refers to, and who on it can reach them. Reads the heap raw: runs no Lua, changes
// nothing, never raises.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "lua/lua_goroutine.h"

namespace sloth {

// A set of addresses that is emptied at once.
class AddressSet {
 public:
  void Clear();
  // False when it was there already.
  bool Add(const void* address);
  bool Has(const void* address) const;

 private:
  struct Slot {
    const void* address = nullptr;
    uint32_t round = 0;
  };
  size_t Find(const void* address) const;
  void Grow();

  std::vector<Slot> slots_;
  uint32_t round_ = 1;
  size_t size_ = 0;
};

// The census of one island. Handles are named by address only; they may be gone once the island runs again.
struct IslandCensus {
  // How many userdata stand for each handle, those included that only wait for the collector.
  std::unordered_map<const Handle*, uint32_t> held;
  // Reached from globals and modules, and from the goroutines that were not named.
  std::vector<const Handle*> common;
  // Reached from each of the named goroutines, beyond the common ones.
  std::vector<std::vector<const Handle*>> own;
};

// Takes censuses, one after the other, of islands its caller holds. Used by one thread.
class CensusTaker {
 public:
  // `budget`: how many objects it looks at before it gives up.
  explicit CensusTaker(size_t budget) : budget_(budget) {}

  // `others` live there, too, and are part of what is common. False when the budget is used up.
  [[nodiscard]] bool TryTake(LuaIsland* island, const std::vector<LuaGoroutine*>& named, const std::vector<LuaGoroutine*>& others,
                             IslandCensus* census);

 private:
  class Walk;

  size_t budget_;
  AddressSet common_;
  AddressSet own_;
};

}  // namespace sloth

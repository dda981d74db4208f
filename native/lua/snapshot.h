// A whole pristine heap as bytes, from which new heaps are cloned: copied, and each word that is a pointer into the heap moved
// along. It is built when an island like it was wanted before, verified, and immutable afterwards.
//
// Which words are pointers is found by building the same state at two places whose distance is a multiple of 16 but not of
// 256: a word that differs by exactly that distance and leads into the heap is one, and no other word may differ. What was
// found is verified by what it means: at further places the clone must be byte for byte what building there gives, every
// string and every key must be found again, and nothing may be keyed by an address or hold a reference (heap_audit.h). The
// one reference there may be is to the code of functions that are started again and again: their prototypes lie in the heap
// already, and the snapshot keeps the code alive.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ref.h"
#include "lua/api.h"
#include "lua/snapshot_store.h"

namespace sloth {

class LuaIsland;
struct World;

class Code;

// What a heap begins with beyond the base functions and strings.
struct SnapshotKey {
  static constexpr uint32_t kMostFunctions = 4;

  uint32_t libraries = 0;  // by LibraryIndex; kEveryLibrary: all
  uint32_t kinds = 0;      // of handles, by HandleKind: their metatables
  // Functions whose prototypes are there, by their number in a code that the asker keeps alive; null: none.
  const Code* code = nullptr;
  uint32_t function_count = 0;
  uint32_t functions[kMostFunctions] = {};
  friend bool operator==(const SnapshotKey&, const SnapshotKey&) = default;
};
constexpr uint32_t kEveryLibrary = 1u << 31;

class Snapshot {
 public:
  // Builds and verifies; null when that fails, and why in `problem`: empty when it is only too large. Takes a few hundred microseconds.
  static std::unique_ptr<const Snapshot> TryBuild(World* world, const SnapshotKey& key, SnapshotSabotage sabotage,
                                                  std::string* problem);

  size_t size() const { return image_.size() * sizeof(uint64_t); }
  // Bytes that Lua counts as used.
  size_t used() const { return used_; }
  // Writes a heap to `to`, which has room for it and is aligned to 16, as the one of `island`, and returns its main state.
  lua_State* Clone(char* to, LuaIsland* island) const;
  // Whether somebody has looked closely at a clone yet; written by whoever did.
  mutable std::atomic<bool> looked_at{false};

 private:
  friend class SnapshotBuilder;
  struct Library {
    const char* name;
    uint32_t offset;
  };
  Snapshot() = default;
  // Tells `island` where its library tables are.
  void NameLibraries(const char* at, LuaIsland* island) const;
  // The copy alone, still nobody's.
  lua_State* Copy(char* to) const;

  std::vector<uint64_t> image_;     // pointers are relative to its beginning
  std::vector<uint32_t> pointers_;  // their places, in words
  std::vector<Library> libraries_;
  Ref<const Code> code_;            // of the prototypes in it; each clone has one more reference to it
  bool all_libraries_ = false;
  uint32_t main_ = 0;               // offset of the main state
  size_t used_ = 0;
};

}  // namespace sloth

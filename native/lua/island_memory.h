// The allocator of one Lua heap: small blocks from the island's own chunks with free lists by size, large ones from malloc.
//
// Used by whoever holds the island. All chunks go back to the pool at once when the heap is gone.
#pragma once

#include <cstddef>

#include "lua/chunk_pool.h"

namespace sloth {

class IslandMemory {
 public:
  explicit IslandMemory(ChunkPool* pool) : pool_(pool) {}
  ~IslandMemory() { Clear(); }
  IslandMemory(const IslandMemory&) = delete;
  IslandMemory& operator=(const IslandMemory&) = delete;

  // As lua_Alloc: `old_size` is 0 when `block` is null; a `new_size` of 0 frees. Null when there is no memory or the
  // island's limit (0: none) would be passed; shrinking never fails.
  void* Reallocate(void* block, size_t old_size, size_t new_size, size_t limit);
  // Bytes the heap uses.
  size_t used() const { return used_; }
  // Gives every chunk back. The heap is gone: no block is used any more.
  void Clear();

 private:
  static constexpr size_t kLargestSmall = 1024;
  static constexpr size_t kGrain = 16;
  static constexpr size_t kClasses = kLargestSmall / kGrain;

  static size_t ClassOf(size_t size) { return (size - 1) / kGrain; }
  void* TakeSmall(size_t size);
  void PutSmall(void* block, size_t size);

  ChunkPool* const pool_;
  size_t used_ = 0;
  char* bump_ = nullptr;
  char* bump_end_ = nullptr;
  void* chunks_ = nullptr;  // linked through their first word
  void* free_[kClasses] = {};
};

}  // namespace sloth

// The allocator of one Lua heap: small blocks from the island's own chunks with free lists by size, large ones from malloc
// and on a list. A heap may begin with an image (snapshot.h): blocks that lie close together in the first chunk, of any size.
//
// Used by whoever holds the island. Clear gives everything back at once, whether or not Lua freed its blocks.
#pragma once

#include <cstddef>

#include "lua/chunk_pool.h"
#include "lua/memory_budget.h"

namespace sloth {

class IslandMemory {
 public:
  // `budget`: what it uses is taken from there, with some to spare; null: nobody counts.
  explicit IslandMemory(ChunkPool* pool, MemoryBudget* budget = nullptr) : pool_(pool), budget_(budget) {}
  ~IslandMemory() { Clear(); }
  IslandMemory(const IslandMemory&) = delete;
  IslandMemory& operator=(const IslandMemory&) = delete;

  // As lua_Alloc: `old_size` is 0 when `block` is null; a `new_size` of 0 frees. Null when there is no memory, the island's limit
  // (0: none) would be passed, or its budget is at its end; shrinking never fails.
  void* Reallocate(void* block, size_t old_size, size_t new_size, size_t limit);
  // Bytes the heap uses.
  size_t used() const { return used_; }

  // The largest image there can be.
  static constexpr size_t kLargestImage = ChunkPool::kMostPages * ChunkPool::kPage / 2;
  // Makes room for an image of `size` bytes, a multiple of 16, in which the heap uses `used` bytes; its content is the
  // caller's to write. Only while nothing was allocated. Null without memory, as Reallocate.
  [[nodiscard]] char* TryAdoptImage(size_t size, size_t used, size_t limit);

  // Gives everything back. The heap is gone: no block is used any more.
  void Clear();
  // Whether `size` bytes from `block` are this heap's: in one of its chunks, or in a large block.
  bool Owns(const void* block, size_t size) const;

 private:
  static constexpr size_t kLargestSmall = 1024;
  static constexpr size_t kGrain = 16;
  static constexpr size_t kClasses = kLargestSmall / kGrain;

  // What a chunk begins with.
  struct Chunk {
    Chunk* next;
    size_t pages;
  };
  // What stands before a block of malloc's.
  struct alignas(kGrain) Large {
    Large* next;
    Large** link;  // what points here
    size_t size;
  };

  static size_t ClassOf(size_t size) { return (size - 1) / kGrain; }
  static size_t Rounded(size_t size) { return (size + kGrain - 1) & ~(kGrain - 1); }
  bool InImage(const void* block) const { return block >= image_ && block < image_end_; }
  bool IsSmall(size_t size) const;
  void* TakeSmall(size_t size);
  bool TryAddChunk(size_t pages);
  void PutSmall(void* block, size_t size);
  void PutSpan(char* begin, char* end);
  void* TakeLarge(size_t size);
  void* ResizeLarge(void* block, size_t size);
  void PutLarge(void* block);
  // Makes `used` bytes its own; false when there is no room for them.
  bool TryCharge(size_t used, size_t limit);
  void ReturnSpare();
  void* Take(size_t size) { return IsSmall(size) ? TakeSmall(size) : TakeLarge(size); }
  void Put(void* block, size_t size);

  ChunkPool* const pool_;
  MemoryBudget* const budget_;
  size_t used_ = 0;
  size_t charged_ = 0;        // taken from the budget: at least used_, and never beyond the limit
  size_t returns_below_ = 0;  // when less is used, what is to spare goes back
  char* bump_ = nullptr;
  char* bump_end_ = nullptr;
  const char* image_ = nullptr;
  const char* image_end_ = nullptr;
  Chunk* chunks_ = nullptr;
  size_t next_pages_ = 2;  // of the next chunk
  Large* large_ = nullptr;
  void* free_[kClasses] = {};
};

}  // namespace sloth

// Memory for islands in chunks of whole pages, carved from slabs and recycled between islands for as long as the runtime
// lives: a page that was touched once is never given back and fetched again.
//
// Each thread takes and gives back at a shelf of its own, last in first out, so that what it gets is what it let go of a
// moment ago and lies in its caches still. Shelves are filled from, and emptied into, one common stock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/mutex.h"

namespace sloth {

// Owned by a World; thread safe.
class ChunkPool {
 public:
  static constexpr size_t kPage = 4096;
  // The largest chunk, in pages.
  static constexpr size_t kMostPages = 32;

  ChunkPool() = default;
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  // A chunk of that many pages, page-aligned; what is in it is whatever the last owner left. Null without memory.
  void* TryTake(size_t pages);
  // Takes a chunk back.
  void GiveBack(void* chunk, size_t pages);

 private:
  static constexpr size_t kSlabSize = 2 * 1024 * 1024;
  static constexpr size_t kBatch = 16;  // chunks that go between a shelf and the stock at a time
  static constexpr size_t kShelves = 16;

  // Free chunks by their number of pages, linked through their first word.
  struct Stack {
    void* top = nullptr;
    size_t count = 0;
    void Push(void* chunk) {
      *static_cast<void**>(chunk) = top;
      top = chunk;
      count++;
    }
    void* Pop() {
      void* chunk = top;
      if (!chunk) return nullptr;
      top = *static_cast<void**>(chunk);
      count--;
      return chunk;
    }
  };
  struct alignas(64) Shelf {
    Mutex mutex;  // taken before the pool's
    Stack free[kMostPages] GUARDED_BY(mutex);
  };

  void* TryRefill(Stack* stack, size_t pages) EXCLUDES(mutex_);
  void* TryCarveLocked(size_t pages) REQUIRES(mutex_);
  Shelf& ShelfOfThread();

  Shelf shelves_[kShelves];
  Mutex mutex_;
  Stack stock_[kMostPages] GUARDED_BY(mutex_);
  char* fresh_ GUARDED_BY(mutex_) = nullptr;  // the part of the newest slab that was never handed out
  char* fresh_end_ GUARDED_BY(mutex_) = nullptr;
  char* touched_ GUARDED_BY(mutex_) = nullptr;  // up to here its pages are there
  std::vector<void*> slabs_ GUARDED_BY(mutex_);
};

}  // namespace sloth

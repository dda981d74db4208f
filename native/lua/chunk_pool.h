// Memory for islands in chunks of one size, carved from slabs and recycled between islands for as long as the runtime
// lives: a page that was touched once is never given back and fetched again.
#pragma once

#include <cstddef>
#include <vector>

#include "base/mutex.h"

namespace sloth {

// Owned by a World; thread safe.
class ChunkPool {
 public:
  static constexpr size_t kChunkSize = 8 * 1024;

  ChunkPool() = default;
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  // A chunk of kChunkSize bytes, aligned to 16; null without memory.
  void* TryTake();
  // Takes back a list of chunks, linked through their first word.
  void GiveBack(void* first);

 private:
  static constexpr size_t kSlabSize = 2 * 1024 * 1024;
  Mutex mutex_;
  void* free_ GUARDED_BY(mutex_) = nullptr;
  char* fresh_ GUARDED_BY(mutex_) = nullptr;  // the part of the newest slab that was never handed out
  char* fresh_end_ GUARDED_BY(mutex_) = nullptr;
  std::vector<void*> slabs_ GUARDED_BY(mutex_);
};

}  // namespace sloth

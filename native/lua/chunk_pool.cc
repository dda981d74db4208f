#include "lua/chunk_pool.h"

#include <sys/mman.h>

namespace sloth {

ChunkPool::~ChunkPool() {
  for (void* slab : slabs_) munmap(slab, kSlabSize);
}

void* ChunkPool::TryTake() {
  MutexLock lock(mutex_);
  if (free_) {
    void* chunk = free_;
    free_ = *static_cast<void**>(chunk);
    return chunk;
  }
  if (fresh_ == fresh_end_) {
    void* slab = mmap(nullptr, kSlabSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slab == MAP_FAILED) return nullptr;
    slabs_.push_back(slab);
    fresh_ = static_cast<char*>(slab);
    fresh_end_ = fresh_ + kSlabSize;
  }
  void* chunk = fresh_;
  fresh_ += kChunkSize;
  return chunk;
}

void ChunkPool::GiveBack(void* first) {
  if (!first) return;
  void* last = first;
  while (void* next = *static_cast<void**>(last)) last = next;
  MutexLock lock(mutex_);
  *static_cast<void**>(last) = free_;
  free_ = first;
}

}  // namespace sloth

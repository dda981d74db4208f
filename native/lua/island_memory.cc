#include "lua/island_memory.h"

#include <cstdlib>
#include <cstring>

namespace sloth {
namespace {

// Sanitizers find more where every block is malloc's own.
#if defined(SLOTH_SANITIZER_BUILD)
constexpr bool kChunks = false;
#else
constexpr bool kChunks = true;
#endif

}  // namespace

void* IslandMemory::TakeSmall(size_t size) {
  void*& list = free_[ClassOf(size)];
  if (list) {
    void* block = list;
    list = *static_cast<void**>(block);
    return block;
  }
  size_t rounded = (ClassOf(size) + 1) * kGrain;
  if (static_cast<size_t>(bump_end_ - bump_) < rounded) {
    auto* chunk = static_cast<char*>(pool_->TryTake());
    if (!chunk) return nullptr;
    // What is left of the old chunk serves a smaller block one day.
    auto left = static_cast<size_t>(bump_end_ - bump_);
    if (left >= kGrain) PutSmall(bump_, left < kLargestSmall ? left : kLargestSmall);
    *reinterpret_cast<void**>(chunk) = chunks_;
    chunks_ = chunk;
    bump_ = chunk + kGrain;
    bump_end_ = chunk + ChunkPool::kChunkSize;
  }
  void* block = bump_;
  bump_ += rounded;
  return block;
}

void IslandMemory::PutSmall(void* block, size_t size) {
  void*& list = free_[ClassOf(size)];
  *static_cast<void**>(block) = list;
  list = block;
}

void* IslandMemory::Reallocate(void* block, size_t old_size, size_t new_size, size_t limit) {
  bool old_small = kChunks && old_size <= kLargestSmall;
  bool new_small = kChunks && new_size <= kLargestSmall;
  if (new_size == 0) {
    if (!block) return nullptr;
    used_ -= old_size;
    old_small ? PutSmall(block, old_size) : std::free(block);
    return nullptr;
  }
  if (limit && new_size > old_size && used_ - old_size + new_size > limit) return nullptr;
  void* result;
  if (block && old_small && new_small && ClassOf(old_size) == ClassOf(new_size)) {
    result = block;
  } else if (!new_small && (!block || !old_small)) {
    result = std::realloc(block, new_size);
  } else {
    result = new_small ? TakeSmall(new_size) : std::malloc(new_size);
    // Lua counts on shrinking to succeed.
    if (!result && new_size <= old_size) return block;
    if (result && block) {
      std::memcpy(result, block, old_size < new_size ? old_size : new_size);
      old_small ? PutSmall(block, old_size) : std::free(block);
    }
  }
  if (result) used_ += new_size - old_size;
  return result;
}

void IslandMemory::Clear() {
  pool_->GiveBack(chunks_);
  chunks_ = nullptr;
  bump_ = bump_end_ = nullptr;
  std::memset(free_, 0, sizeof free_);
  used_ = 0;
}

}  // namespace sloth

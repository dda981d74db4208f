#include "lua/island_memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "lua/code_arrays.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOTH_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOTH_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(SLOTH_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace sloth {
namespace {

// Sanitizers find more where every block is malloc's own. Those of an image are poisoned instead when they are freed.
#if defined(SLOTH_SANITIZER_BUILD)
constexpr bool kChunks = false;
#else
constexpr bool kChunks = true;
#endif

void Poison([[maybe_unused]] void* block, [[maybe_unused]] size_t size) {
#if defined(SLOTH_ADDRESS_SANITIZER)
  __asan_poison_memory_region(block, size);
#endif
}

void Unpoison([[maybe_unused]] void* block, [[maybe_unused]] size_t size) {
#if defined(SLOTH_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(block, size);
#endif
}

// What one wants beside an image: the thread of a goroutine, its function and a few captures.
constexpr size_t kBesideImage = 2048;
constexpr size_t kMostChunkPages = 8;

// What a heap takes from its budget at a time, at least, and what a small one may keep of it without using it.
constexpr size_t kLeastSpare = 4096;
constexpr size_t kMostIdle = 128 * 1024;

}  // namespace

bool IslandMemory::IsSmall(size_t size) const { return kChunks && size <= kLargestSmall; }

bool IslandMemory::TryAddChunk(size_t pages) {
  auto* chunk = static_cast<Chunk*>(pool_->TryTake(pages));
  if (!chunk) return false;
  // What is left of the old one serves smaller blocks one day.
  PutSpan(bump_, bump_end_);
  *chunk = {chunks_, pages};
  chunks_ = chunk;
  bump_ = reinterpret_cast<char*>(chunk + 1);
  bump_end_ = reinterpret_cast<char*>(chunk) + pages * ChunkPool::kPage;
  return true;
}

void* IslandMemory::TakeSmall(size_t size) {
  void*& list = free_[ClassOf(size)];
  if (list) {
    void* block = list;
    list = *static_cast<void**>(block);
    return block;
  }
  size_t rounded = Rounded(size);
  if (static_cast<size_t>(bump_end_ - bump_) < rounded) {
    if (!TryAddChunk(next_pages_)) return nullptr;
    if (next_pages_ < kMostChunkPages) next_pages_ *= 2;
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

// Takes back any part of a chunk.
void IslandMemory::PutSpan(char* begin, char* end) {
  while (static_cast<size_t>(end - begin) >= kGrain) {
    auto size = static_cast<size_t>(end - begin);
    if (size > kLargestSmall) size = kLargestSmall;
    size &= ~(kGrain - 1);
    PutSmall(begin, size);
    begin += size;
  }
}

void* IslandMemory::TakeLarge(size_t size) {
  if (size > SIZE_MAX / 2) return nullptr;
  auto* large = static_cast<Large*>(std::malloc(sizeof(Large) + size));
  if (!large) return nullptr;
  *large = {large_, &large_, size};
  if (large_) large_->link = &large->next;
  large_ = large;
  return large + 1;
}

void* IslandMemory::ResizeLarge(void* block, size_t size) {
  if (size > SIZE_MAX / 2) return nullptr;
  auto* large = static_cast<Large*>(std::realloc(static_cast<Large*>(block) - 1, sizeof(Large) + size));
  if (!large) return nullptr;
  large->size = size;
  *large->link = large;
  if (large->next) large->next->link = &large->next;
  return large + 1;
}

void IslandMemory::PutLarge(void* block) {
  Large* large = static_cast<Large*>(block) - 1;
  *large->link = large->next;
  if (large->next) large->next->link = large->link;
  std::free(large);
}

void IslandMemory::Put(void* block, size_t size) {
  if (InImage(block)) {
    if (kChunks) return PutSpan(static_cast<char*>(block), static_cast<char*>(block) + Rounded(size));
    return Poison(block, Rounded(size));
  }
  IsSmall(size) ? PutSmall(block, size) : PutLarge(block);
}

void* IslandMemory::Reallocate(void* block, size_t old_size, size_t new_size, size_t limit) {
  if (new_size == 0) {
    // Arrays of code were charged to the collector alone.
    if (!block || IsSharedArray(block)) return nullptr;
    used_ -= old_size;
    Put(block, old_size);
    if (used_ < returns_below_) [[unlikely]] ReturnSpare();
    return nullptr;
  }
  if (new_size > old_size && used_ - old_size + new_size > charged_) [[unlikely]] {
    if (!TryCharge(used_ - old_size + new_size, limit)) return nullptr;
  }
  if (!block) {
    void* fresh = Take(new_size);
    if (fresh) used_ += new_size;
    return fresh;
  }
  bool in_image = InImage(block);
  void* result;
  if ((in_image || IsSmall(old_size)) && ClassOf(old_size) == ClassOf(new_size)) {
    result = block;
  } else if (!in_image && !IsSmall(old_size) && !IsSmall(new_size)) {
    result = ResizeLarge(block, new_size);
  } else {
    result = Take(new_size);
    if (result) {
      std::memcpy(result, block, old_size < new_size ? old_size : new_size);
      Put(block, old_size);
    }
  }
  if (!result) {
    // Lua counts on shrinking to succeed. The block keeps its place and counts as a smaller one from now on; Clear finds it.
    if (new_size > old_size) return nullptr;
    result = block;
  }
  used_ += new_size - old_size;
  if (used_ < returns_below_) [[unlikely]] ReturnSpare();
  return result;
}

bool IslandMemory::TryCharge(size_t used, size_t limit) {
  if (limit && used > limit) return false;
  size_t spare = used / 8 < kLeastSpare ? kLeastSpare : used / 8;
  size_t wanted = limit && used + spare > limit ? limit : used + spare;
  if (budget_ && !budget_->TryTake(wanted - charged_)) {
    wanted = used;
    if (!budget_->TryTake(wanted - charged_)) return false;
  }
  charged_ = wanted;
  // Half of it, so that a heap that breathes does not ask each time.
  returns_below_ = charged_ > kMostIdle ? charged_ / 2 : 0;
  return true;
}

void IslandMemory::ReturnSpare() {
  size_t kept = used_ + used_ / 8 + kLeastSpare;
  if (budget_) budget_->GiveBack(charged_ - kept);
  charged_ = kept;
  returns_below_ = charged_ > kMostIdle ? charged_ / 2 : 0;
}

char* IslandMemory::TryAdoptImage(size_t size, size_t used, size_t limit) {
  CHECK(!chunks_ && used_ == 0 && size <= kLargestImage);
  if (!TryCharge(used, limit)) return nullptr;
  size_t pages = (sizeof(Chunk) + size + kBesideImage + ChunkPool::kPage - 1) / ChunkPool::kPage;
  if (!TryAddChunk(pages)) return nullptr;
  next_pages_ = 1;
  char* image = bump_;
  image_ = image;
  image_end_ = bump_ += size;
  used_ = used;
  return image;
}

void IslandMemory::Clear() {
  while (Large* large = large_) PutLarge(large + 1);
  while (Chunk* chunk = chunks_) {
    chunks_ = chunk->next;
    Unpoison(chunk, chunk->pages * ChunkPool::kPage);
    pool_->GiveBack(chunk, chunk->pages);
  }
  bump_ = bump_end_ = nullptr;
  image_ = image_end_ = nullptr;
  next_pages_ = 2;
  std::memset(free_, 0, sizeof free_);
  used_ = 0;
  if (budget_ && charged_ > 0) budget_->GiveBack(charged_);
  charged_ = returns_below_ = 0;
}

bool IslandMemory::Owns(const void* block, size_t size) const {
  const char* begin = static_cast<const char*>(block);
  auto within = [&](const void* from, size_t length) {
    return begin >= from && begin + size <= static_cast<const char*>(from) + length;
  };
  for (const Chunk* chunk = chunks_; chunk; chunk = chunk->next) {
    if (within(chunk + 1, chunk->pages * ChunkPool::kPage - sizeof(Chunk))) return true;
  }
  for (const Large* large = large_; large; large = large->next) {
    if (within(large + 1, large->size)) return true;
  }
  return false;
}

}  // namespace sloth

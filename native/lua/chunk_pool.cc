#include "lua/chunk_pool.h"

#include <algorithm>

#include <sys/mman.h>

#include "base/check.h"
#include "base/thread_number.h"

namespace sloth {
namespace {

// So many bytes are fetched from the system at a time: one by one, pages cost several times as much.
constexpr size_t kTouchSize = 256 * 1024;

}  // namespace

ChunkPool::~ChunkPool() {
  for (void* slab : slabs_) munmap(slab, kSlabSize);
}

// Threads beyond the number of shelves share.
ChunkPool::Shelf& ChunkPool::ShelfOfThread() { return shelves_[thread_number % kShelves]; }

void* ChunkPool::TryTake(size_t pages) {
  CHECK(pages > 0 && pages <= kMostPages);
  Shelf& shelf = ShelfOfThread();
  MutexLock lock(shelf.mutex);
  Stack& stack = shelf.free[pages - 1];
  if (void* chunk = stack.Pop()) return chunk;
  return TryRefill(&stack, pages);
}

void ChunkPool::GiveBack(void* chunk, size_t pages) {
  Shelf& shelf = ShelfOfThread();
  MutexLock lock(shelf.mutex);
  Stack& stack = shelf.free[pages - 1];
  if (stack.count >= 2 * kBatch) {
    // The ones that were let go of last stay here.
    Stack kept;
    for (size_t i = 0; i < kBatch; i++) kept.Push(stack.Pop());
    MutexLock stock_lock(mutex_);
    while (void* cold = stack.Pop()) stock_[pages - 1].Push(cold);
    while (void* warm = kept.Pop()) stack.Push(warm);
  }
  stack.Push(chunk);
}

void* ChunkPool::TryRefill(Stack* stack, size_t pages) {
  MutexLock lock(mutex_);
  Stack& stock = stock_[pages - 1];
  void* chunk = stock.Pop();
  for (size_t i = 1; chunk && i < kBatch; i++) {
    void* another = stock.Pop();
    if (!another) break;
    stack->Push(another);
  }
  if (chunk) return chunk;
  // A larger one that nobody uses is cut before new memory is touched.
  for (size_t larger = pages + 1; larger <= kMostPages; larger++) {
    auto* whole = static_cast<char*>(stock_[larger - 1].Pop());
    if (!whole) continue;
    stock_[larger - pages - 1].Push(whole + pages * kPage);
    return whole;
  }
  return TryCarveLocked(pages);
}

void* ChunkPool::TryCarveLocked(size_t pages) {
  size_t size = pages * kPage;
  if (static_cast<size_t>(fresh_end_ - fresh_) < size) {
    void* slab = mmap(nullptr, kSlabSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slab == MAP_FAILED) return nullptr;
    while (fresh_ != fresh_end_) {  // what is left of the old one
      size_t left = std::min<size_t>((fresh_end_ - fresh_) / kPage, kMostPages);
      stock_[left - 1].Push(fresh_);
      fresh_ += left * kPage;
    }
    slabs_.push_back(slab);
    fresh_ = touched_ = static_cast<char*>(slab);
    fresh_end_ = fresh_ + kSlabSize;
  }
  void* chunk = fresh_;
  fresh_ += size;
  while (touched_ < fresh_) {
#if defined(MADV_POPULATE_WRITE)
    (void)madvise(touched_, kTouchSize, MADV_POPULATE_WRITE);  // an older kernel fetches them when they are used
#endif
    touched_ += kTouchSize;
  }
  return chunk;
}

}  // namespace sloth

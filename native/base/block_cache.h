// Blocks of one size that were given back, for whoever needs one next: a thread's own ones, and a depot behind them for what
// one thread gives back and another takes. They came from operator new, and those that are too many go back there.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "base/mutex.h"

namespace sloth {

// A list of blocks, linked through their first words.
struct BlockBatch {
  struct Block {
    Block* next;
    Block* next_batch;  // of the first one: the depot's next batch
  };
  static constexpr size_t kFull = 32;

  Block* first = nullptr;
  size_t count = 0;

  void Put(void* memory) {
    first = new (memory) Block{first, nullptr};
    count++;
  }
  void* Take() {
    count--;
    return std::exchange(first, first->next);
  }
  void Free() {
    while (count > 0) ::operator delete(Take());
  }
};

// Full batches. Any thread.
class BlockDepot {
 public:
  BlockDepot() = default;
  BlockDepot(const BlockDepot&) = delete;
  BlockDepot& operator=(const BlockDepot&) = delete;
  ~BlockDepot() {
    for (BlockBatch batch = Take(); batch.count > 0; batch = Take()) batch.Free();
  }

  // Leaves `batch` empty.
  void Put(BlockBatch* batch) {
    {
      MutexLock lock(mutex_);
      if (count_ < kMost) {
        batch->first->next_batch = batches_;
        batches_ = batch->first;
        count_++;
        *batch = BlockBatch();
        return;
      }
    }
    batch->Free();
  }
  // An empty one when there is none.
  BlockBatch Take() {
    MutexLock lock(mutex_);
    if (count_ == 0) return {};
    count_--;
    BlockBatch::Block* first = std::exchange(batches_, batches_->next_batch);
    return {first, BlockBatch::kFull};
  }

 private:
  static constexpr size_t kMost = 64;  // batches

  Mutex mutex_;
  BlockBatch::Block* batches_ GUARDED_BY(mutex_) = nullptr;
  size_t count_ GUARDED_BY(mutex_) = 0;
};

// One thread's.
class BlockCache {
 public:
  explicit BlockCache(BlockDepot* depot) : depot_(depot) {}
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;
  ~BlockCache() {
    current_.Free();
    spare_.Free();
  }

  // Null when neither has one.
  void* TryTake() {
    if (current_.count == 0) {
      current_ = spare_.count > 0 ? std::exchange(spare_, {}) : depot_->Take();
      if (current_.count == 0) return nullptr;
    }
    return current_.Take();
  }
  void Put(void* block) {
    if (current_.count == BlockBatch::kFull) {
      if (spare_.count > 0) depot_->Put(&spare_);
      spare_ = std::exchange(current_, {});
    }
    current_.Put(block);
  }

 private:
  BlockDepot* const depot_;
  BlockBatch current_;
  BlockBatch spare_;  // full or empty
};

}  // namespace sloth

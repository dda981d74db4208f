// What a channel has in its buffer: values in the order they came, or, in a ranked buffer, by priority first.
//
// Not thread safe; its channel guards it. Memory is taken as values come, with nothrow allocations.
#pragma once

#include <algorithm>
#include <memory>

#include "base/ring.h"
#include "data/value.h"

namespace sloth {

class ChannelBuffer {
 public:
  enum class Order : uint8_t { kArrival, kPriority };

  explicit ChannelBuffer(Order order) : ranked_(order == Order::kPriority) {}

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // Of the values in it, which must be some; all have priority 0 where they stand in order of arrival.
  int64_t highest_priority() const { return ranked_ ? ranks_[rank_count_ - 1]->priority : 0; }
  int64_t lowest_priority() const { return ranked_ ? ranks_[0]->priority : 0; }

  // False, leaving `value` untouched, when there is no memory.
  [[nodiscard]] bool TryPush(Value&& value, int64_t priority) {
    Ring<Value>* ring = ranked_ ? TryRankOf(priority) : &arrivals_;
    if (!ring || !ring->TryPush(std::move(value))) {
      if (ring && ranked_ && ring->empty()) DropRank(IndexOf(priority));
      return false;
    }
    size_++;
    return true;
  }
  // The oldest of those with the highest priority.
  Value Pop() { return PopFrom(rank_count_ - 1); }
  // The oldest of those with the lowest priority.
  Value PopLeast() { return PopFrom(0); }

 private:
  // Values of one priority. Ranks stand in ascending order, and none is empty between two calls.
  struct Rank {
    int64_t priority;
    Ring<Value> values;
  };

  Value PopFrom(size_t index) {
    size_--;
    if (!ranked_) return arrivals_.Pop();
    Value value = ranks_[index]->values.Pop();
    if (ranks_[index]->values.empty()) DropRank(index);
    return value;
  }

  // Where the rank of that priority is, or belongs.
  size_t IndexOf(int64_t priority) const {
    auto* begin = ranks_.get();
    auto* end = begin + rank_count_;
    auto* found = std::lower_bound(begin, end, priority, [](const std::unique_ptr<Rank>& rank, int64_t p) { return rank->priority < p; });
    return static_cast<size_t>(found - begin);
  }

  Ring<Value>* TryRankOf(int64_t priority) {
    size_t index = IndexOf(priority);
    if (index < rank_count_ && ranks_[index]->priority == priority) return &ranks_[index]->values;
    if (rank_count_ == rank_room_ && !TryGrow()) return nullptr;
    std::unique_ptr<Rank> rank = std::move(spare_);
    if (!rank) rank.reset(new (std::nothrow) Rank{});
    if (!rank) return nullptr;
    rank->priority = priority;
    std::move_backward(ranks_.get() + index, ranks_.get() + rank_count_, ranks_.get() + rank_count_ + 1);
    ranks_[index] = std::move(rank);
    rank_count_++;
    return &ranks_[index]->values;
  }

  void DropRank(size_t index) {
    spare_ = std::move(ranks_[index]);  // one is kept: a rank that comes and goes costs nothing
    std::move(ranks_.get() + index + 1, ranks_.get() + rank_count_, ranks_.get() + index);
    rank_count_--;
  }

  bool TryGrow() {
    size_t room = rank_room_ ? rank_room_ * 2 : 4;
    std::unique_ptr<std::unique_ptr<Rank>[]> ranks(new (std::nothrow) std::unique_ptr<Rank>[room]);
    if (!ranks) return false;
    std::move(ranks_.get(), ranks_.get() + rank_count_, ranks.get());
    ranks_ = std::move(ranks);
    rank_room_ = room;
    return true;
  }

  const bool ranked_;
  size_t size_ = 0;
  Ring<Value> arrivals_;
  std::unique_ptr<std::unique_ptr<Rank>[]> ranks_;
  size_t rank_count_ = 0;
  size_t rank_room_ = 0;
  std::unique_ptr<Rank> spare_;
};

}  // namespace sloth

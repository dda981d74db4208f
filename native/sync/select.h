// Select: waits for one of several channel operations; exactly one happens.
//
// Owned by the goroutine that selects; used by its thread only, except for the waiters that it registers with the channels.
#pragma once

#include <memory>

#include "base/random.h"
#include "sync/channel.h"

namespace sloth {

class Select final : public WaitsForSeveral {
 public:
  enum class Direction : uint8_t { kReceive, kSend };

  // Null when there is no memory for `capacity` clauses.
  static Ref<Select> TryMake(size_t capacity);
  ~Select() override;

  void AddReceive(Ref<Channel> channel);
  void AddSend(Ref<Channel> channel, Value value, int64_t priority = 0);
  size_t size() const { return size_; }
  size_t awaited_count() const override { return size_; }
  Handle* awaited(size_t clause) const override { return clauses_[clause].channel.get(); }

  // Tries once; the choice among several ready clauses is uniform. kDone, or kClosed or kFull (of a send), with
  // `chosen()`, kNoMemory, or kWouldBlock.
  Progress Poll(Random* random);
  // As Poll, but arms the goroutine's wait when nothing is ready: kWaiting.
  Progress Start(Goroutine* self, Random* random, const WaitLimit& limit) NO_THREAD_SAFETY_ANALYSIS;
  // After the wait: kDone, kClosed, kTimedOut, kCancelled, kNoMemory.
  Progress Finish(Goroutine* self);

  // The clause that happened, from 0, what it received, and whether the channel gave it (false: closed and drained).
  size_t chosen() const { return chosen_; }
  Direction direction(size_t clause) const { return clauses_[clause].direction; }
  bool received_ok() const { return received_ok_; }
  Value TakeReceived() { return std::move(received_); }

 private:
  struct Clause {
    Ref<Channel> channel;
    Direction direction = Direction::kReceive;
    Value value;
    int64_t priority = 0;
    Waiter waiter;
  };

  Select() = default;
  void TellFeeders();
  void LockAll() NO_THREAD_SAFETY_ANALYSIS;
  void UnlockAll() NO_THREAD_SAFETY_ANALYSIS;
  Progress PollLocked(Random* random, WakeList* woken) NO_THREAD_SAFETY_ANALYSIS;
  Progress TryClauseLocked(size_t clause, WakeList* woken) NO_THREAD_SAFETY_ANALYSIS;

  // Few clauses need no memory of their own.
  static constexpr size_t kFew = 8;
  Clause few_[kFew];
  Channel* few_locks_[kFew];
  std::unique_ptr<Clause[]> many_;
  std::unique_ptr<Channel*[]> many_locks_;
  Clause* clauses_ = few_;
  Channel** lock_order_ = few_locks_;  // distinct channels by address
  size_t lock_count_ = 0;
  size_t size_ = 0;
  size_t chosen_ = 0;
  bool received_ok_ = false;
  Value received_;
};

}  // namespace sloth

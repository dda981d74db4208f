// Waiting for the first of several goroutines to end.
#pragma once

#include <memory>

#include "sync/channel.h"

namespace sloth {

// Owned by the goroutine that waits, used by its thread only, except for the waiters that it registers with the others.
class JoinAny final : public RefCounted {
 public:
  // Null when there is no memory for so many.
  static Ref<JoinAny> TryMake(size_t capacity);
  ~JoinAny() override;

  void Add(Goroutine* target);
  // kDone when one has ended already, the first of those that were added, or kWaiting.
  Progress Start(Goroutine* self, const WaitLimit& limit);
  // After the wait: kDone, kTimedOut or kCancelled.
  Progress Finish(Goroutine* self);
  // Which one has ended, from 0. Its error is the caller's.
  size_t chosen() const { return chosen_; }

 private:
  struct Clause {
    Ref<Goroutine> target;
    Waiter waiter;
  };

  JoinAny() = default;
  Progress Choose(size_t clause);

  std::unique_ptr<Clause[]> clauses_;
  size_t size_ = 0;
  size_t chosen_ = 0;
};

}  // namespace sloth

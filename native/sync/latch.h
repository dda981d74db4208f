// A latch: counts down to zero, and opens for good.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe.
class Latch final : public Handle {
 public:
  explicit Latch(int64_t count) : Handle(HandleKind::kLatch), count_(count) {}

  // Takes `amount` off, down to zero at most; returns what is left.
  int64_t CountDown(int64_t amount);
  int64_t count();
  // kDone or kWaiting.
  Progress Wait(Goroutine* self, const WaitLimit& limit);
  Progress FinishWait(Goroutine* self);

 private:
  Mutex mutex_;
  int64_t count_ GUARDED_BY(mutex_);
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

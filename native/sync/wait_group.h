// A wait group: counts work that is under way and lets goroutines wait until none is.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe.
class WaitGroup final : public Handle {
 public:
  WaitGroup() : Handle(HandleKind::kWaitGroup) {}

  // False, changing nothing, when the counter would go below zero or overflow.
  [[nodiscard]] bool Add(int64_t delta);
  // kDone or kWaiting.
  Progress Wait(Goroutine* self, const WaitLimit& limit);
  Progress FinishWait(Goroutine* self);

 private:
  Mutex mutex_;
  int64_t count_ GUARDED_BY(mutex_) = 0;
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

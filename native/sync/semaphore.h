// A semaphore: a number of permits, given to goroutines in the order in which they ask.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe. Permits have no owner. Who asks for many is not overtaken by who asks for few.
class Semaphore final : public Handle {
 public:
  explicit Semaphore(int64_t capacity) : Handle(HandleKind::kSemaphore), capacity_(capacity), available_(capacity) {}

  // `amount`: 1 to the capacity. kDone or kWaiting.
  Progress Acquire(Goroutine* self, int64_t amount, const WaitLimit& limit);
  Progress FinishAcquire(Goroutine* self);
  // False when it would have to wait.
  [[nodiscard]] bool TryAcquire(int64_t amount);
  // False, changing nothing, when fewer were acquired.
  [[nodiscard]] bool GiveBack(int64_t amount);
  int64_t available();
  int64_t capacity() const { return capacity_; }

 private:
  void AdmitLocked(WakeList* woken) REQUIRES(mutex_);
  bool TryTakeLocked(int64_t amount, WakeList* woken) REQUIRES(mutex_);

  const int64_t capacity_;
  Mutex mutex_;
  int64_t available_ GUARDED_BY(mutex_);
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

// A condition variable: goroutines give a mutex back and wait until somebody tells them to look again.
#pragma once

#include "sync/lock.h"

namespace sloth {

// Shared by reference; thread safe. Who waits takes the mutex again itself, after the wait.
class CondVar final : public Handle {
 public:
  explicit CondVar(Lock* mutex) : Handle(HandleKind::kCond), lock_(mutex) {}
  Lock* mutex() const { return lock_.get(); }

  // Gives the mutex back and waits; false, changing nothing, unless the caller holds it.
  [[nodiscard]] bool Wait(Goroutine* self, const WaitLimit& limit);
  // kDone (told), kTimedOut or kCancelled. The mutex is not held.
  Progress FinishWait(Goroutine* self);
  // Tells the one that has waited longest; everybody.
  void Signal();
  void Broadcast();

 private:
  const Ref<Lock> lock_;
  Mutex mutex_;
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

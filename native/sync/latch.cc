#include "sync/latch.h"

#include <algorithm>

namespace sloth {

int64_t Latch::CountDown(int64_t amount) {
  WakeList woken;
  MutexLock lock(mutex_);
  count_ -= std::min(count_, amount);
  if (count_ > 0) return count_;
  while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
  return 0;
}

int64_t Latch::count() {
  MutexLock lock(mutex_);
  return count_;
}

Progress Latch::Wait(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (count_ == 0) return Progress::kDone;
    self->waiter.clause = 0;
    self->BeginWait("latch wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress Latch::FinishWait(Goroutine* self) {
  MutexLock lock(mutex_);
  if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

}  // namespace sloth

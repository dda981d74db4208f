#include "sync/wait_group.h"

namespace sloth {

bool WaitGroup::Add(int64_t delta) {
  WakeList woken;
  MutexLock lock(mutex_);
  int64_t count;
  if (__builtin_add_overflow(count_, delta, &count) || count < 0) return false;
  count_ = count;
  if (count_ > 0) return true;
  while (Waiter* waiter = ClaimFirst(waiters_)) {
    waiter->ok = true;
    woken.Add(waiter->wait);
  }
  return true;
}

Progress WaitGroup::Wait(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (count_ == 0) return Progress::kDone;
    self->waiter.clause = 0;
    self->BeginWait("wg:wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress WaitGroup::FinishWait(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  }
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

}  // namespace sloth

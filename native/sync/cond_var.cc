#include "sync/cond_var.h"

namespace sloth {

bool CondVar::Wait(Goroutine* self, const WaitLimit& limit) {
  if (!mutex()->HeldBy(self)) return false;
  {
    MutexLock lock(mutex_);
    self->waiter.clause = 0;
    self->BeginWait("cond wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  // It waits before anybody else can have the mutex: no signal is missed.
  (void)mutex()->Release(self);
  self->StartTimeout(limit);
  self->CommitWait();
  return true;
}

Progress CondVar::FinishWait(Goroutine* self) {
  MutexLock lock(mutex_);
  if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

void CondVar::Signal() {
  WakeList woken;
  MutexLock lock(mutex_);
  if (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
}

void CondVar::Broadcast() {
  WakeList woken;
  MutexLock lock(mutex_);
  while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
}

}  // namespace sloth

#include "sync/semaphore.h"

namespace sloth {

void Semaphore::AdmitLocked(WakeList* woken) {
  while (Waiter* first = waiters_.front()) {
    // Who gave up stands in nobody's way.
    bool waits = first->wait->winner() == Wait::kArmed;
    if (waits && first->amount > available_) return;
    WaiterList::Remove(first);
    if (!waits || !first->wait->TryClaim(first->clause)) continue;
    available_ -= first->amount;
    woken->Add(first->wait);
  }
}

bool Semaphore::TryTakeLocked(int64_t amount, WakeList* woken) {
  AdmitLocked(woken);
  if (!waiters_.empty() || amount > available_) return false;
  available_ -= amount;
  return true;
}

bool Semaphore::TryAcquire(int64_t amount) {
  WakeList woken;
  MutexLock lock(mutex_);
  return TryTakeLocked(amount, &woken);
}

Progress Semaphore::Acquire(Goroutine* self, int64_t amount, const WaitLimit& limit) {
  CHECK(amount > 0 && amount <= capacity_);
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (TryTakeLocked(amount, &woken)) return Progress::kDone;
    self->waiter.clause = 0;
    self->waiter.amount = amount;
    self->BeginWait("semaphore acquire", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress Semaphore::FinishAcquire(Goroutine* self) {
  WakeList woken;
  MutexLock lock(mutex_);
  if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  int32_t winner = self->EndWait();
  if (winner == 0) return Progress::kDone;
  AdmitLocked(&woken);  // those behind one that gave up may be able to go
  return winner == Wait::kTimedOut ? Progress::kTimedOut : Progress::kCancelled;
}

bool Semaphore::GiveBack(int64_t amount) {
  WakeList woken;
  MutexLock lock(mutex_);
  if (amount > capacity_ - available_) return false;
  available_ += amount;
  AdmitLocked(&woken);
  return true;
}

int64_t Semaphore::available() {
  MutexLock lock(mutex_);
  return available_;
}

}  // namespace sloth

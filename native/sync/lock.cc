#include "sync/lock.h"

namespace sloth {

Lock::Outcome Lock::TakeLocked(Goroutine* self) {
  holder_ = self;
  AddRef();  // a held lock lives at least as long as its holder knows it
  self->HoldLock(this);
  bool abandoned = abandoned_;
  abandoned_ = false;
  return abandoned ? Outcome::kAbandoned : Outcome::kAcquired;
}

Lock::Outcome Lock::TryAcquire(Goroutine* self) {
  MutexLock lock(mutex_);
  if (holder_ == self) return Outcome::kAlreadyHeld;
  if (holder_) return Outcome::kWouldBlock;
  return TakeLocked(self);
}

Lock::Outcome Lock::Acquire(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (holder_ == self) return Outcome::kAlreadyHeld;
    if (!holder_) return TakeLocked(self);
    self->waiter.clause = 0;
    self->BeginWait("mutex lock", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Outcome::kWaiting;
}

Lock::Outcome Lock::FinishAcquire(Goroutine* self) {
  int32_t winner;
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
    winner = self->EndWait();
    // The lock was passed on to us by whoever claimed the wait; take it up.
    if (winner == 0) return TakeLocked(self);
  }
  return winner == Wait::kTimedOut ? Outcome::kTimedOut : Outcome::kCancelled;
}

void Lock::PassOnLocked(WakeList* woken) {
  holder_ = nullptr;
  if (Waiter* next = ClaimFirst(waiters_)) {
    holder_ = static_cast<Goroutine*>(next->wait->owner);
    woken->Add(next->wait);
  }
}

Lock::Outcome Lock::Release(Goroutine* self) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (holder_ != self) return Outcome::kNotHeld;
    self->DropLock(this);
    PassOnLocked(&woken);
  }
  RefCounted::Release();  // the holder's reference; the caller has its own
  return Outcome::kAcquired;
}

void Lock::HolderEnded(Goroutine* holder) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    CHECK(holder_ == holder);
    abandoned_ = true;
    PassOnLocked(&woken);
  }
  RefCounted::Release();
}

bool Lock::HeldBy(Goroutine* goroutine) {
  MutexLock lock(mutex_);
  return holder_ == goroutine;
}

}  // namespace sloth

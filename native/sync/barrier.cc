#include "sync/barrier.h"

namespace sloth {

void Barrier::BreakLocked(WakeList* woken) {
  broken_ = true;
  arrived_ = 0;
  while (Waiter* waiter = ClaimFirst(waiters_)) {
    waiter->ok = false;
    woken->Add(waiter->wait);
  }
}

// All parties are here. False, and broken, when one of them has given up meanwhile.
bool Barrier::CompleteLocked(WakeList* woken) {
  WaiterList claimed;
  bool all = true;
  while (Waiter* waiter = waiters_.PopFront()) {
    if (waiter->wait->TryClaim(waiter->clause)) claimed.PushBack(waiter);
    else all = false;
  }
  while (Waiter* waiter = claimed.PopFront()) {
    waiter->ok = all;
    woken->Add(waiter->wait);
  }
  arrived_ = 0;
  broken_ = !all;
  return all;
}

Barrier::Outcome Barrier::Wait(Goroutine* self, const WaitLimit& limit, int64_t* index) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (broken_) return Outcome::kBroken;
    *index = ++arrived_;
    if (arrived_ == parties_) return CompleteLocked(&woken) ? Outcome::kPassed : Outcome::kBroken;
    self->waiter.clause = 0;
    self->waiter.amount = arrived_;
    self->BeginWait("barrier wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Outcome::kWaiting;
}

Barrier::Outcome Barrier::FinishWait(Goroutine* self, int64_t* index) {
  WakeList woken;
  MutexLock lock(mutex_);
  bool of_this_generation = self->waiter.link.linked();
  if (of_this_generation) WaiterList::Remove(&self->waiter);
  int32_t winner = self->EndWait();
  *index = self->waiter.amount;
  if (winner == 0) return self->waiter.ok ? Outcome::kPassed : Outcome::kBroken;
  if (of_this_generation) BreakLocked(&woken);
  return winner == Wait::kTimedOut ? Outcome::kTimedOut : Outcome::kCancelled;
}

void Barrier::Reset() {
  WakeList woken;
  MutexLock lock(mutex_);
  BreakLocked(&woken);
  broken_ = false;
}

bool Barrier::broken() {
  MutexLock lock(mutex_);
  return broken_;
}

}  // namespace sloth

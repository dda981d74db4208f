#include "sync/once.h"

namespace sloth {

Once::Answer Once::BeginTurn(Goroutine* self, uint64_t* turn) {
  AddRef();  // it lives at least as long as its holder knows it
  self->HoldLock(this);
  MutexLock lock(mutex_);
  *turn = turn_;
  return Answer::kTurn;
}

Once::Answer Once::Call(Goroutine* self, uint64_t* turn) {
  bool waits = false;
  {
    MutexLock lock(mutex_);
    if (outcome()) return Answer::kSpent;
    if (holder_ == self) return Answer::kRecursive;
    waits = holder_ != nullptr;
    if (waits) {
      self->waiter.clause = 0;
      self->BeginWait("once call", false);
      self->HoldWaitObject(this);
      waiters_.PushBack(&self->waiter);
    } else {
      holder_ = self;
      turn_++;
    }
  }
  if (!waits) return BeginTurn(self, turn);
  self->StartTimeout(kForever);
  self->CommitWait();
  return Answer::kWaiting;
}

Once::Answer Once::FinishCall(Goroutine* self, uint64_t* turn) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
    if (self->EndWait() != 0) return Answer::kCancelled;
    if (holder_ != self) return Answer::kSpent;
  }
  return BeginTurn(self, turn);
}

void Once::PassOnLocked(WakeList* woken) {
  holder_ = nullptr;
  if (Waiter* next = ClaimFirst(waiters_)) {
    holder_ = static_cast<Goroutine*>(next->wait->owner);
    turn_++;
    woken->Add(next->wait);
  }
}

void Once::Spend(uint64_t turn, Outcome outcome) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (turn != turn_ || !holder_) return;
    holder_->DropLock(this);
    holder_ = nullptr;
    outcome_ = std::move(outcome);
    spent_.store(true, std::memory_order_release);
    while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
  }
  Release();
}

void Once::PassOn(uint64_t turn) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (turn != turn_ || !holder_) return;
    holder_->DropLock(this);
    PassOnLocked(&woken);
  }
  Release();
}

void Once::HolderEnded(Goroutine* holder) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    CHECK(holder_ == holder);
    PassOnLocked(&woken);
  }
  Release();
}

}  // namespace sloth

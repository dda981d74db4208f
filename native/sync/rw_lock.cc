#include "sync/rw_lock.h"

namespace sloth {

bool RwLock::FreeLocked(Access access) { return !writing_ && (access == Access::kRead || readers_ == 0); }

// Marks it taken; true when the last writer abandoned it.
bool RwLock::ClaimLocked(Access access) {
  if (access == Access::kWrite) writing_ = true;
  else readers_++;
  return std::exchange(abandoned_, false);
}

void RwLock::AdmitLocked(WakeList* woken) {
  while (Waiter* first = waiters_.front()) {
    auto access = static_cast<Access>(first->clause);
    // Who gave up stands in nobody's way.
    bool waits = first->wait->winner() == Wait::kArmed;
    if (waits && !FreeLocked(access)) return;
    WaiterList::Remove(first);
    if (!waits || !first->wait->TryClaim(first->clause)) continue;
    first->ok = ClaimLocked(access);
    woken->Add(first->wait);
  }
}

RwLock::Outcome RwLock::Take(Goroutine* self, Access access, bool abandoned) {
  AddRef();  // a held lock lives at least as long as its holder knows it
  self->HoldLock(access == Access::kWrite ? write_hold() : new ReadHold(this));
  return abandoned ? Outcome::kAbandoned : Outcome::kAcquired;
}

RwLock::Outcome RwLock::TakeAgain(Goroutine* self, Access access) {
  HeldLock* held = self->FindLock(this);
  if (!held) return Outcome::kNotHeld;
  if (held == write_hold()) return Outcome::kWritesAlready;
  if (access == Access::kWrite) return Outcome::kReadsAlready;
  static_cast<ReadHold*>(held)->times++;
  return Outcome::kAcquired;
}

RwLock::Outcome RwLock::TryAcquire(Goroutine* self, Access access) {
  if (Outcome again = TakeAgain(self, access); again != Outcome::kNotHeld) return again;
  bool abandoned;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    AdmitLocked(&woken);
    if (!waiters_.empty() || !FreeLocked(access)) return Outcome::kWouldBlock;
    abandoned = ClaimLocked(access);
  }
  return Take(self, access, abandoned);
}

RwLock::Outcome RwLock::Acquire(Goroutine* self, Access access, const WaitLimit& limit) {
  if (Outcome again = TakeAgain(self, access); again != Outcome::kNotHeld) return again;
  bool taken = false;
  bool abandoned = false;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    AdmitLocked(&woken);
    taken = waiters_.empty() && FreeLocked(access);
    if (taken) {
      abandoned = ClaimLocked(access);
    } else {
      self->waiter.clause = static_cast<int32_t>(access);
      self->BeginWait(access == Access::kWrite ? "rwmutex lock" : "rwmutex rlock", limit.ends_by_itself());
      self->HoldWaitObject(this);
      waiters_.PushBack(&self->waiter);
    }
  }
  if (taken) return Take(self, access, abandoned);
  self->StartTimeout(limit);
  self->CommitWait();
  return Outcome::kWaiting;
}

RwLock::Outcome RwLock::FinishAcquire(Goroutine* self, Access access) {
  int32_t winner;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
    winner = self->EndWait();
    // Those behind one that gave up may be able to go.
    if (winner != static_cast<int32_t>(access)) AdmitLocked(&woken);
  }
  if (winner == static_cast<int32_t>(access)) return Take(self, access, self->waiter.ok);
  return winner == Wait::kTimedOut ? Outcome::kTimedOut : Outcome::kCancelled;
}

RwLock::Outcome RwLock::GiveBack(Goroutine* self, Access access) {
  HeldLock* held = self->FindLock(this);
  if (!held) return Outcome::kNotHeld;
  bool writes = held == write_hold();
  if (writes != (access == Access::kWrite)) return writes ? Outcome::kWritesAlready : Outcome::kReadsAlready;
  return writes ? EndWrite(self) : EndRead(self, static_cast<ReadHold*>(held));
}

RwLock::Outcome RwLock::EndWrite(Goroutine* self) {
  self->DropLock(write_hold());
  {
    WakeList woken;
    MutexLock lock(mutex_);
    writing_ = false;
    AdmitLocked(&woken);
  }
  Release();  // the holder's reference; the caller has its own
  return Outcome::kAcquired;
}

RwLock::Outcome RwLock::EndRead(Goroutine* self, ReadHold* hold) {
  if (--hold->times > 0) return Outcome::kAcquired;
  self->DropLock(hold);
  delete hold;
  ReaderLeft();
  return Outcome::kAcquired;
}

void RwLock::ReaderLeft() {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    CHECK(readers_ > 0);
    readers_--;
    AdmitLocked(&woken);
  }
  Release();
}

void RwLock::HolderEnded(Goroutine*) {
  {
    WakeList woken;
    MutexLock lock(mutex_);
    CHECK(writing_);
    writing_ = false;
    abandoned_ = true;
    AdmitLocked(&woken);
  }
  Release();
}

void RwLock::ReadHold::HolderEnded(Goroutine*) {
  RwLock* left = lock;
  delete this;
  left->ReaderLeft();
}

}  // namespace sloth

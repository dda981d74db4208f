// The readers-writer mutex that Lua programs use: many goroutines read, or one writes. First come first served: readers that
// come after a waiting writer wait behind it. Released when its holder ends.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe. As a HeldLock it is the writer's.
//
// A goroutine that reads may lock to read again, and is let in past waiting writers: they wait for it anyway.
class RwLock final : public Handle, public HeldLock {
 public:
  enum class Access : int32_t { kWrite = 0, kRead = 1 };  // also the clauses of its waiters
  enum class Outcome : uint8_t {
    kAcquired,
    kAbandoned,  // acquired; the last writer ended with it
    kWouldBlock,
    kWaiting,
    kTimedOut,
    kCancelled,
    kWritesAlready,  // the caller does
    kReadsAlready,
    kNotHeld,
  };

  RwLock() : Handle(HandleKind::kRwMutex) {}

  // kAcquired, kAbandoned, kWaiting, kWritesAlready; to write also kReadsAlready.
  Outcome Acquire(Goroutine* self, Access access, const WaitLimit& limit);
  Outcome FinishAcquire(Goroutine* self, Access access);
  // As Acquire, with kWouldBlock instead of kWaiting.
  Outcome TryAcquire(Goroutine* self, Access access);
  // kAcquired (given back); else kNotHeld, or what the caller holds instead.
  Outcome GiveBack(Goroutine* self, Access access);

  void HolderEnded(Goroutine* holder) override;
  Handle* held_handle() override { return this; }

 private:
  // How one goroutine reads.
  class ReadHold final : public HeldLock {
   public:
    explicit ReadHold(RwLock* lock) : lock(lock) {}
    void HolderEnded(Goroutine* holder) override;
    Handle* held_handle() override { return lock; }
    RwLock* const lock;
    int64_t times = 1;
  };

  HeldLock* write_hold() { return this; }
  Outcome Take(Goroutine* self, Access access, bool abandoned);
  // Decided by what the goroutine holds already; kNotHeld when that is nothing.
  Outcome TakeAgain(Goroutine* self, Access access);
  Outcome EndWrite(Goroutine* self);
  Outcome EndRead(Goroutine* self, ReadHold* hold);
  void ReaderLeft();
  bool FreeLocked(Access access) REQUIRES(mutex_);
  bool ClaimLocked(Access access) REQUIRES(mutex_);
  void AdmitLocked(WakeList* woken) REQUIRES(mutex_);

  Mutex mutex_;
  bool writing_ GUARDED_BY(mutex_) = false;
  int64_t readers_ GUARDED_BY(mutex_) = 0;  // goroutines, however often each locked
  bool abandoned_ GUARDED_BY(mutex_) = false;
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

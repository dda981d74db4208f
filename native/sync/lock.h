// The mutex that Lua programs use: owned by a goroutine, first come first served, released when its holder ends.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe. `held_link` belongs to the holder.
class Lock final : public Handle, public HeldLock {
 public:
  enum class Outcome : uint8_t { kAcquired, kAbandoned, kWouldBlock, kWaiting, kTimedOut, kCancelled, kAlreadyHeld, kNotHeld };

  Lock() : Handle(HandleKind::kMutex) {}

  // kAcquired, kAbandoned (acquired; its last holder ended with it), kAlreadyHeld (by the caller), or kWaiting.
  Outcome Acquire(Goroutine* self, const WaitLimit& limit);
  Outcome FinishAcquire(Goroutine* self);
  // kAcquired, kAbandoned, kAlreadyHeld, kWouldBlock.
  Outcome TryAcquire(Goroutine* self);
  using RefCounted::Release;  // which the next one would hide
  // kAcquired (given back), or kNotHeld.
  Outcome Release(Goroutine* self);
  bool HeldBy(Goroutine* goroutine);

  void HolderEnded(Goroutine* holder) override;
  Handle* held_handle() override { return this; }

 private:
  Outcome TakeLocked(Goroutine* self) REQUIRES(mutex_);
  void PassOnLocked(WakeList* woken) REQUIRES(mutex_);

  Mutex mutex_;
  Goroutine* holder_ GUARDED_BY(mutex_) = nullptr;
  bool abandoned_ GUARDED_BY(mutex_) = false;
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth

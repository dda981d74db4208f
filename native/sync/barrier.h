// A barrier: a number of parties wait for each other, again and again.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe. The parties that wait together are a generation: all of them pass, or none. A party that
// gives up breaks the barrier for the others of its generation and for who comes later, until it is reset.
class Barrier final : public Handle {
 public:
  enum class Outcome : uint8_t { kPassed, kBroken, kWaiting, kTimedOut, kCancelled };

  explicit Barrier(int64_t parties) : Handle(HandleKind::kBarrier), parties_(parties) {}

  // kPassed (*index: as how manyth it came, from 1 on), kBroken, or kWaiting.
  Outcome Wait(Goroutine* self, const WaitLimit& limit, int64_t* index);
  Outcome FinishWait(Goroutine* self, int64_t* index);
  // Whole again; those who wait find it broken.
  void Reset();
  bool broken();

 private:
  bool CompleteLocked(WakeList* woken) REQUIRES(mutex_);
  void BreakLocked(WakeList* woken) REQUIRES(mutex_);

  const int64_t parties_;
  Mutex mutex_;
  int64_t arrived_ GUARDED_BY(mutex_) = 0;  // of this generation
  bool broken_ GUARDED_BY(mutex_) = false;
  WaiterList waiters_ GUARDED_BY(mutex_);   // of this generation
};

}  // namespace sloth

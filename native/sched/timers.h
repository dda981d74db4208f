// Timers: deadlines that claim a wait or call an object. One heap per scheduler, fired by the watchdog thread.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/ref.h"
#include "sched/wait.h"

namespace sloth {

// An object whose deadline can pass. OnDeadline runs on the watchdog thread, without locks, at most once per start.
class DeadlineTarget {
 public:
  virtual void OnDeadline() = 0;
  virtual RefCounted* deadline_owner() = 0;  // kept alive across the call

 protected:
  ~DeadlineTarget() = default;
};

// One timer, embedded in its owner. Not in the heap while `index` is zero.
struct Timer {
  int64_t deadline = 0;
  size_t index = 0;      // position in the heap plus one; guarded by Timers
  Wait* wait = nullptr;  // claimed with Wait::kTimedOut; null in a DeadlineTimer
};

struct DeadlineTimer : Timer {
  DeadlineTarget* target = nullptr;    // called
  RefCounted* target_owner = nullptr;  // asked at the start: a target that is being destroyed must not be called
};

// Thread safe. Never calls anything under its lock but TryClaim.
class Timers {
 public:
  // Starts `timer`; returns true when it is now the earliest, so that whoever sleeps for timers must be told.
  bool Start(Timer* timer, int64_t deadline);
  // After Stop returns the timer is not in the heap and will not claim. Returns false when it had fired.
  bool Stop(Timer* timer);
  // Fires everything due at `now`; returns the next deadline, or kForever.
  int64_t Fire(int64_t now);
  int64_t NextDeadline();

 private:
  void SiftUp(size_t i) REQUIRES(mutex_);
  void SiftDown(size_t i) REQUIRES(mutex_);
  void Place(size_t i, Timer* timer) REQUIRES(mutex_);
  void RemoveAt(size_t i) REQUIRES(mutex_);

  Mutex mutex_;
  std::vector<Timer*> heap_ GUARDED_BY(mutex_);
};

}  // namespace sloth

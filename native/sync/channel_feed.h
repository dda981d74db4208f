// The timer that feeds a channel: one value at a time to come (after), or one at every tick (ticker).
//
// Part of its channel, whose lock guards everything here. The timer runs only while somebody waits to receive, and is counted in
// that goroutine's deadlock domain as long: nobody else needs it, since whoever looks at the channel lets it catch up first. So
// a ticker that nobody waits for costs nothing and keeps no run alive, and a wait for one is no deadlock.
#pragma once

#include "sched/run.h"
#include "sched/timers.h"

namespace sloth {

class Scheduler;

// When values are due, in nanoseconds of the scheduler's clock; a value is its time, in multiples of `unit`.
struct FeedSchedule {
  int64_t first = 0;
  int64_t period = kForever;  // kForever: once
  int64_t unit = kSecond;
};

class ChannelFeed {
 public:
  ChannelFeed(Scheduler* scheduler, DeadlineTarget* target, const FeedSchedule& schedule);
  ~ChannelFeed();
  ChannelFeed(const ChannelFeed&) = delete;
  ChannelFeed& operator=(const ChannelFeed&) = delete;

  // Whether a value is still to come.
  bool pending() const { return next_ != kForever; }
  bool armed() const { return static_cast<bool>(domain_); }
  // Takes the oldest value that is due, and how many came after it; false when none is.
  bool TakeDue(Value* value, int64_t* missed);
  // Starts the timer, or starts it again for the next value.
  void Arm(Ref<DeadlockDomain> domain);
  void Rearm();
  // Stops the timer; the caller tells the domain it returns, if any, that it is blocked, without locks.
  [[nodiscard]] Ref<DeadlockDomain> Disarm();
  // No further values.
  void End() { next_ = kForever; }

 private:
  Scheduler* const scheduler_;
  const int64_t period_;
  const int64_t unit_;
  int64_t next_;  // kForever: no more
  DeadlineTimer timer_;
  Ref<DeadlockDomain> domain_;  // while the timer runs
};

}  // namespace sloth

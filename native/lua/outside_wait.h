// Waiting for another process where the run is deterministic: the whole run stands still, so that the wait takes no time of
// the virtual clock, and only the host can end it early.
#pragma once

#include <ctime>

#include "lua/lua_goroutine.h"
#include "sched/scheduler.h"

namespace sloth {

// Owns nothing, so that the upper room may raise past it.
class OutsideWait {
 public:
  explicit OutsideWait(LuaGoroutine* goroutine) : goroutine_(goroutine), cleans_up_(goroutine->cancelled()) {
    Scheduler* scheduler = goroutine_->world()->scheduler;
    // A cleanup handler has its grace, here by the machine's clock.
    if (cleans_up_) end_ = DeadlineAfter(scheduler->machine_clock()->Now(), scheduler->options().grace_ns);
  }
  // Sleeps for a moment. False when the wait must end: the goroutine was cancelled.
  bool Pause() {
    if (!cleans_up_ && goroutine_->cancelled()) return false;
    if (goroutine_->world()->scheduler->machine_clock()->Now() >= end_) return false;
    timespec pause = {0, pause_ns_};
    nanosleep(&pause, nullptr);
    if (pause_ns_ < kLongestPause) pause_ns_ *= 2;
    return true;
  }

 private:
  static constexpr long kLongestPause = 16 * kMillisecond;
  LuaGoroutine* const goroutine_;
  const bool cleans_up_;
  int64_t end_ = kForever;
  long pause_ns_ = kMillisecond;
};

}  // namespace sloth

// How many of a pool's jobs may run: between a least and a most number of workers.
//
// Grows when a job waits and every worker is taken; shrinks when a worker had nothing to do for a second. Nothing runs when a
// worker is idle, so a timer is not needed: whoever looks lets the pool shrink first. Not thread safe; the pool guards it.
#pragma once

#include <algorithm>
#include <deque>

#include "base/clock.h"

namespace sloth {

class PoolPlaces {
 public:
  static constexpr int64_t kIdleLimit = kSecond;

  PoolPlaces(int64_t least, int64_t most) : least_(least), most_(most), workers_(least) {}

  int64_t least() const { return least_; }
  int64_t most() const { return most_; }
  int64_t taken() const { return taken_; }
  int64_t workers(int64_t now) {
    while (workers_ > least_ && !idle_since_.empty() && now - idle_since_.front() >= kIdleLimit) {
      idle_since_.pop_front();
      workers_--;
    }
    return workers_;
  }
  bool available() const { return taken_ < most_; }

  void Take(int64_t now) {
    if (taken_ >= workers(now)) {
      workers_++;
    } else if (!idle_since_.empty()) {
      idle_since_.pop_back();  // the one that was busy last: the others may go
    }
    taken_++;
  }
  void GiveBack(int64_t now) {
    taken_--;
    if (workers_ > most_) {
      workers_--;  // the pool has been made smaller meanwhile
    } else if (workers_ > least_) {
      idle_since_.push_back(now);
    }
  }
  void Resize(int64_t least, int64_t most) {
    least_ = least;
    most_ = most;
    idle_since_.clear();
    workers_ = std::max(taken_, least);
  }

 private:
  int64_t least_;
  int64_t most_;
  int64_t workers_;
  int64_t taken_ = 0;
  std::deque<int64_t> idle_since_;  // ascending; never more than the workers that are idle
};

}  // namespace sloth

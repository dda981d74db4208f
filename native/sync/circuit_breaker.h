// A circuit breaker: refuses calls for a while when too many have failed in a row.
//
// Closed, it counts failures since the last success. `failure_threshold` of them open it; while it is open every call is refused.
// After `recovery_ns` it is half open: that many calls as `half_open_requests` may try, the next ones wait for them. When all
// have succeeded it is closed, when one has failed it is open again. Not thread safe; whoever owns it guards it.
#pragma once

#include "base/check.h"
#include "base/clock.h"

namespace sloth {

struct CircuitBreakerOptions {
  int64_t failure_threshold = 5;
  int64_t recovery_ns = 60 * kSecond;
  int64_t half_open_requests = 1;
};

class CircuitBreaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };
  enum class Answer : uint8_t {
    kPass,
    kRefuse,  // it is open
    kWait,    // it is half open, and those that may try have not ended
  };
  enum class Ending : uint8_t { kSucceeded, kFailed, kNeither };

  explicit CircuitBreaker(const CircuitBreakerOptions& options) : options_(options) {}

  State state(int64_t now) {
    if (state_ == State::kOpen && now >= DeadlineAfter(opened_at_, options_.recovery_ns)) {
      Enter(State::kHalfOpen);
      begun_ = succeeded_ = 0;
    }
    return state_;
  }

  Answer Ask(int64_t now) {
    switch (state(now)) {
      case State::kClosed: return Answer::kPass;
      case State::kOpen: return Answer::kRefuse;
      case State::kHalfOpen: return begun_ < options_.half_open_requests ? Answer::kPass : Answer::kWait;
    }
    Unreachable();
  }

  // A call begins that Ask let pass; returns what Ended wants to know.
  uint64_t Begin() {
    begun_++;
    return period_;
  }

  void Ended(uint64_t period, Ending ending, int64_t now) {
    if (period != period_) return;  // it began before the breaker changed its mind, and tells nothing new
    if (ending == Ending::kNeither) {
      begun_--;  // another one may try in its place
    } else if (ending == Ending::kFailed) {
      if (state_ == State::kHalfOpen || ++failed_ >= options_.failure_threshold) Open(now);
    } else if (state_ == State::kClosed) {
      failed_ = 0;
    } else if (++succeeded_ >= options_.half_open_requests) {
      Enter(State::kClosed);
      failed_ = 0;
    }
  }

 private:
  void Enter(State state) {
    state_ = state;
    period_++;
  }
  void Open(int64_t now) {
    Enter(State::kOpen);
    opened_at_ = now;
  }

  const CircuitBreakerOptions options_;
  State state_ = State::kClosed;
  uint64_t period_ = 0;  // counts the changes of state
  int64_t failed_ = 0;   // in a row, while it is closed
  int64_t opened_at_ = 0;
  int64_t begun_ = 0;  // while it is half open
  int64_t succeeded_ = 0;
};

}  // namespace sloth

// Time as a parameter: everything that reads the clock reads it through this interface.
#pragma once

#include <cstdint>
#include <ctime>

namespace sloth {

constexpr int64_t kMicrosecond = 1000;
constexpr int64_t kMillisecond = 1000 * kMicrosecond;
constexpr int64_t kSecond = 1000 * kMillisecond;
// "No limit" wherever a duration or a deadline in nanoseconds stands.
constexpr int64_t kForever = INT64_MAX;

// A monotonic clock in nanoseconds. Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t Now() = 0;
};

// The machine's monotonic clock.
class RealClock final : public Clock {
 public:
  int64_t Now() override {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
  }
};

// A deadline `duration` from `now`; saturates at kForever.
inline int64_t DeadlineAfter(int64_t now, int64_t duration) {
  return duration >= kForever - now ? kForever : now + duration;
}

}  // namespace sloth

// Time as a parameter: everything that reads the clock reads it through this interface.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

namespace sloth {

constexpr int64_t kMicrosecond = 1000;
constexpr int64_t kMillisecond = 1000 * kMicrosecond;
constexpr int64_t kSecond = 1000 * kMillisecond;
// "No limit" wherever a duration or a deadline in nanoseconds stands.
constexpr int64_t kForever = INT64_MAX;

class VirtualClock;

// The clocks of one runtime, in nanoseconds. Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic.
  virtual int64_t Now() = 0;
  // The same time, cheaper to read and some milliseconds late, for what is only shown: reading it changes nothing.
  virtual int64_t Roughly() { return Now(); }
  // Since 1970, UTC.
  virtual int64_t WallTime() { return Read(CLOCK_REALTIME); }
  // What programs call processor time.
  virtual int64_t CpuTime() { return Read(CLOCK_PROCESS_CPUTIME_ID); }
  // Itself, where time is part of the program; null for clocks of the machine.
  virtual VirtualClock* AsVirtual() { return nullptr; }

 protected:
  static int64_t Read(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
  }
};

// The machine's clocks.
class RealClock final : public Clock {
 public:
  int64_t Now() override { return Read(CLOCK_MONOTONIC); }
  int64_t Roughly() override { return Read(CLOCK_MONOTONIC_COARSE); }
};

// A clock that only moves when it is read, when instructions are counted and when everybody waits, so that a run can be
// repeated. A runtime with such a clock is deterministic: sched/turns.h makes the other choices.
class VirtualClock final : public Clock {
 public:
  // 2000-01-01 00:00:00 UTC, when every virtual run begins.
  static constexpr int64_t kBegin = 946684800 * kSecond;
  // Each reading takes this long, so that loops that wait for a time to come end.
  static constexpr int64_t kReading = kMicrosecond;
  // Each instruction of Lua takes this long, so that time limits end loops that read no clock.
  static constexpr int64_t kInstruction = 10;

  int64_t Now() override { return Pass(kReading); }
  int64_t Roughly() override { return Peek(); }
  int64_t WallTime() override { return kBegin + Now(); }
  int64_t CpuTime() override { return Now(); }
  VirtualClock* AsVirtual() override { return this; }

  // Without reading it.
  int64_t Peek() const { return now_.load(std::memory_order_relaxed); }
  // Lets time pass; returns the time then.
  int64_t Pass(int64_t duration) { return now_.fetch_add(duration, std::memory_order_relaxed) + duration; }
  // Moves on to `time`, unless it is there already.
  void PassUntil(int64_t time) {
    int64_t now = Peek();
    while (now < time && !now_.compare_exchange_weak(now, time, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<int64_t> now_{0};
};

// A deadline `duration` from `now`; saturates at kForever.
inline int64_t DeadlineAfter(int64_t now, int64_t duration) {
  return duration >= kForever - now ? kForever : now + duration;
}

}  // namespace sloth

// A mutex and condition variable that carry clang's thread-safety annotations, so that the compiler checks lock rules.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#if defined(__clang__)
#define SLOTH_ANNOTATE(x) __attribute__((x))
#else
#define SLOTH_ANNOTATE(x)
#endif

#define CAPABILITY(x) SLOTH_ANNOTATE(capability(x))
#define SCOPED_CAPABILITY SLOTH_ANNOTATE(scoped_lockable)
#define GUARDED_BY(x) SLOTH_ANNOTATE(guarded_by(x))
#define REQUIRES(...) SLOTH_ANNOTATE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) SLOTH_ANNOTATE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) SLOTH_ANNOTATE(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) SLOTH_ANNOTATE(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...) SLOTH_ANNOTATE(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS SLOTH_ANNOTATE(no_thread_safety_analysis)

namespace sloth {

// A plain, non-recursive mutex. Never held while Lua or JavaScript runs, across a yield, or while waking someone.
class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }
  bool TryLock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for a Mutex the caller holds.
class Condition {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns false when `nanoseconds` passed without a notification, or after an hour: deadlines years away would overflow.
  bool WaitFor(Mutex& mutex, int64_t nanoseconds) REQUIRES(mutex) {
    constexpr std::chrono::nanoseconds kLongest = std::chrono::hours(1);
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    // Measured on the monotonic clock: nobody's sleep changes when the machine's time is set.
    bool notified = condition_.wait_for(lock, std::min(kLongest, std::chrono::nanoseconds(nanoseconds))) ==
                    std::cv_status::no_timeout;
    lock.release();
    return notified;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace sloth

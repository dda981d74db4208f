// A mutex and condition variable that carry clang's thread-safety annotations, so that the compiler checks lock rules.
//
// ThreadSanitizer looks for cycles among the locks it knows: for it they are the standard library's.
#pragma once

#include <atomic>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define SLOTH_KNOWN_LOCKS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLOTH_KNOWN_LOCKS 1
#endif
#endif

#if SLOTH_KNOWN_LOCKS
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#endif

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

#if SLOTH_KNOWN_LOCKS

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

#else

// A plain, non-recursive mutex. Never held while Lua or JavaScript runs, across a yield, or while waking someone.
//
// One word: who finds it free takes it with one instruction, inline; who does not tries for a moment and then sleeps. As in
// U. Drepper, "Futexes are tricky" (2011), the second mutex there.
class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ACQUIRE() {
    if (!TryLock()) [[unlikely]] LockSlowly();
  }
  void Unlock() RELEASE() {
    // Who takes it next sees what was done under it.
    if (word_.exchange(kFree, std::memory_order_release) == kAwaited) [[unlikely]] WakeOne();
  }
  bool TryLock() TRY_ACQUIRE(true) {
    uint32_t free = kFree;
    return word_.compare_exchange_strong(free, kHeld, std::memory_order_acquire, std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t kFree = 0, kHeld = 1, kAwaited = 2;  // held, and somebody may sleep
  void LockSlowly();
  void WakeOne();

  std::atomic<uint32_t> word_{kFree};
};

#endif

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

#if SLOTH_KNOWN_LOCKS

// A condition variable for a Mutex the caller holds. May wake without a notification.
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

#else

// A condition variable for a Mutex the caller holds. May wake without a notification.
class Condition {
 public:
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  void Wait(Mutex& mutex) REQUIRES(mutex);
  // Returns false when `nanoseconds` passed without a notification, or after an hour: deadlines years away would overflow.
  bool WaitFor(Mutex& mutex, int64_t nanoseconds) REQUIRES(mutex);
  void NotifyOne() { Notify(1); }
  void NotifyAll() { Notify(INT32_MAX); }

 private:
  void Notify(int most);
  bool WaitUntilNotified(Mutex& mutex, const struct timespec* patience) REQUIRES(mutex);

  std::atomic<uint32_t> notifications_{0};  // sleepers sleep while it stays as they found it, under the mutex
  std::atomic<int32_t> sleepers_{0};
};

#endif

}  // namespace sloth

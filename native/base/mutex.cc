#include "base/mutex.h"

#if !SLOTH_KNOWN_LOCKS

#include <cerrno>
#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/pause.h"

namespace sloth {
namespace {

// What is done under a lock is short: its holder is likely to be done within so many looks, if it runs at all.
constexpr int kLooks = 60;

// Sleeps while the word is as expected, for at most `patience` (null: for ever). False: the time is over.
bool SleepWhile(std::atomic<uint32_t>* word, uint32_t expected, const timespec* patience) {
  static_assert(sizeof *word == sizeof(uint32_t));
  long result = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, patience, nullptr, 0);
  return result == 0 || errno != ETIMEDOUT;
}

void WakeSome(std::atomic<uint32_t>* word, int most) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most, nullptr, nullptr, 0); }

}  // namespace

void Mutex::LockSlowly() {
  int saved = errno;
  for (int look = 0; look < kLooks; look++) {
    if (word_.load(std::memory_order_relaxed) == kFree && TryLock()) return;
    Pause();
  }
  // From here on whoever unlocks it wakes somebody, once more than needed perhaps.
  while (word_.exchange(kAwaited, std::memory_order_acquire) != kFree) SleepWhile(&word_, kAwaited, nullptr);
  errno = saved;
}

void Mutex::WakeOne() {
  int saved = errno;
  WakeSome(&word_, 1);
  errno = saved;
}

bool Condition::WaitUntilNotified(Mutex& mutex, const timespec* patience) {
  // Under the mutex: who changes what is waited for, and then notifies, finds the sleeper counted and the number moved on.
  uint32_t found = notifications_.load(std::memory_order_relaxed);
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  mutex.Unlock();
  bool in_time = SleepWhile(&notifications_, found, patience);
  mutex.Lock();
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
  return in_time || notifications_.load(std::memory_order_relaxed) != found;
}

void Condition::Wait(Mutex& mutex) { WaitUntilNotified(mutex, nullptr); }

bool Condition::WaitFor(Mutex& mutex, int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000, kLongest = 3600 * kSecond;
  if (nanoseconds < 0) nanoseconds = 0;
  if (nanoseconds > kLongest) nanoseconds = kLongest;
  timespec patience{static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
  return WaitUntilNotified(mutex, &patience);
}

void Condition::Notify(int most) {
  notifications_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) > 0) WakeSome(&notifications_, most);
}

}  // namespace sloth

#endif

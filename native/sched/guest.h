// A thread of the host that runs one island by itself, between calls of its own: what a worker is to all other islands.
//
// The island is taken when the guest is made and never given back, so that nobody else ever touches its heap; its goroutines are
// adopted, not queued, and never park. Everything is called on the guest's thread. The watchdog reads the atomics to interrupt
// what takes too long; an entry costs it nothing else.
#pragma once

#include <pthread.h>

#include <atomic>

#include "sched/interrupt.h"
#include "sched/island.h"

namespace sloth {

class Scheduler;

class Guest {
 public:
  Guest(Scheduler* scheduler, Ref<Island> island);
  // The island is buried.
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // -- goroutines --
  // Adds a new goroutine of the island to its run; it is one that runs from now on.
  void Adopt(Goroutine* goroutine);
  // Ends what was adopted.
  void End(Goroutine* goroutine, Outcome outcome);

  // -- entries: one begins within another when the host is called and calls back --
  // What an entry puts back when it is left.
  struct Entry {
    InterruptTarget* target;
    Guest* guest;
    Goroutine* goroutine;
    int64_t deadline;
  };
  // `goroutine` runs; limited to `timeout_ns` and to what is left to the entry around it.
  Entry Enter(Goroutine* goroutine, int64_t timeout_ns);
  void Leave(const Entry& entry);
  int depth() const { return depth_; }
  Goroutine* current() const { return current_.load(std::memory_order_relaxed); }
  // Cancels the goroutine that runs when its time is over.
  void NoticeDeadline();

  // -- in the interrupt handler, and between instructions of Lua --
  // Its time is over, as the watchdog saw it.
  bool over_time() const { return over_time_.load(std::memory_order_relaxed); }
  // The watchdog wants the host asked whether it still wants an answer: true once each time.
  bool TakeHostCheck() { return host_check_.exchange(false, std::memory_order_relaxed); }

  // After a wait of the goroutine that runs was begun: the guest cannot wait. Gives the wait up, or takes what ended it.
  void EndWaitAtOnce(Goroutine* goroutine);
  // Small work that others left for who holds the island.
  void RunErrands();
  // Destroys the heap. No entry is left.
  void Bury();

  // The one whose entry the calling thread is in, or null.
  static Guest* Current();

 private:
  friend class Scheduler;
  static void StrikeThis(void* guest);

  Scheduler* const scheduler_;
  const Ref<Island> island_;
  const pthread_t thread_;
  InterruptTarget target_;
  int depth_ = 0;

  std::atomic<Goroutine*> current_{nullptr};    // this thread and its signal handler
  std::atomic<uint64_t> entries_{0};            // counts outermost entries and their ends: odd while inside
  std::atomic<int64_t> deadline_{INT64_MAX};    // of the innermost entry
  std::atomic<bool> over_time_{false};          // set by the watchdog
  std::atomic<bool> host_check_{false};         // set by the watchdog

  // the watchdog's own notes
  uint64_t seen_entries_ = 0;
  int64_t struck_at_ = 0;
  int64_t checked_at_ = 0;
};

}  // namespace sloth

// One worker: an OS thread, its queue of islands, its next-to-run slot, and what the watchdog knows of it.
#pragma once

#include <pthread.h>

#include <atomic>

#include "base/block_cache.h"
#include "base/mutex.h"
#include "base/ring.h"
#include "sched/interrupt.h"
#include "sched/island.h"
#include "sched/run.h"
#include "sched/trace.h"

namespace sloth {

class Scheduler;

class Worker {
 public:
  Worker(Scheduler* scheduler, int number);
  Scheduler* scheduler() const { return scheduler_; }
  // The goroutine this thread runs (or blocks inside); null between goroutines.
  Goroutine* current() const { return current_.load(std::memory_order_relaxed); }
  InterruptTarget* interrupt_target() { return &target_; }
  // Set by the watchdog when the slice is over; cleared when a new one begins. Read in the interrupt handler, too.
  bool slice_over() const { return slice_over_.load(std::memory_order_relaxed); }

 private:
  friend class Scheduler;
  friend class Island;
  friend class Goroutine;

  void Loop();
  // Runs goroutines of an island that was queued, if its group lets it, or was in a slot. False when the worker has no token
  // any more.
  bool RunIsland(Island* island, bool from_slot);
  bool RunTaken(Island* island, bool from_slot);
  Goroutine* PopAnyReadyLocked(Island* island) NO_THREAD_SAFETY_ANALYSIS;
  // Takes the next goroutine of an island it holds; null when it let the island go.
  // What comes next on an island, which its holder or taker has locked.
  struct Next {
    Goroutine* goroutine = nullptr;
    bool errands = false;  // to be run first
    bool bury = false;
  };
  Next NextLocked(Island* island) NO_THREAD_SAFETY_ANALYSIS;
  Goroutine* TakeFirst(Island* island);
  // Whom an island that was in a slot was there for: it is held already.
  Goroutine* TakeFromSlot(Island* island);
  Goroutine* TakeNext(Island* island);
  // Runs one goroutine and does what its result asks for. False when the island was let go.
  bool RunOne(Island* island, Goroutine* goroutine);
  // Around everything this thread runs of a goroutine, for the trace.
  void BeginSlice() {
    if (TraceHere()) [[unlikely]] slice_began_ = TraceNow();
  }
  void EndSlice(Goroutine* goroutine, SliceEnd end) {
    if (TraceBuffer* trace = TraceHere()) [[unlikely]] trace->Slice(goroutine, slice_began_, end, goroutine->waiting_for());
  }
  void ParkOrRequeue(Goroutine* goroutine);
  // Gives island and token to the worker whose stack `goroutine` blocks on.
  void HandOver(Goroutine* goroutine);
  // Looks for a moment whether work comes, where the last time it came soon. True when there is some.
  bool LookForWork();
  // Gives its token back, if it still has one, and sleeps until it is given one. False when the scheduler stops.
  bool Sleep();
  // After a time without token (stuck in C): true when it has one again.
  bool ReclaimToken();
  // Moves what waits in the slot to where others can take it.
  void FlushSlot();
  // Holds a reference to an island that came from a slot, for the next times as well.
  void Keep(Island* island);
  void LetGoOfKept();
  void QueueHere(Island* island);
  Island* TakeFromQueue();
  // Takes half of another worker's queue: the first of it is returned, the rest is queued here. Null: there is nothing.
  Island* StealFrom(Worker* victim);
  void Bury(Island* island);
  // The scheduler stops: buries what nothing pins, abandons the rest.
  void Discard(Island* island);
  static void StrikeThis(void* worker);

  Scheduler* const scheduler_;
  const int number_;  // from 1
  int64_t slice_began_ = 0;
  pthread_t thread_{};
  InterruptTarget target_;
  std::atomic<Goroutine*> current_{nullptr};  // this thread and its signal handler
  std::atomic<Island*> burying_{nullptr};     // this thread and its signal handler

  std::atomic<Island*> slot_{nullptr};
  Mutex queue_mutex_;
  Ring<Island*> queue_ GUARDED_BY(queue_mutex_);

  bool hands_over_ = false;  // this thread: it gave the island it took to the worker that blocked inside
  Ref<Island> kept_[2];                // the last ones that came from a slot; let go of before it sleeps
  bool ended_here_ = false;            // a goroutine, since an island was taken from a slot
  Ref<DeadlockDomain> parked_domain_;  // of whom it parked last; let go of before it sleeps
  uint32_t ticks_ = 0;
  bool work_comes_soon_ = false;  // it did after the last sleep, or look
  int64_t idle_since_ = 0;        // since when it looks for work in vain; zero: not yet
  static void Count(std::atomic<uint64_t>* counter) {
    counter->store(counter->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  std::atomic<uint64_t> progress_{0};      // counts goroutines resumed; written by this thread
  std::atomic<uint64_t> slices_{0};        // counts slices begun; written by this thread
  std::atomic<bool> busy_{false};          // runs a goroutine (not blocked in place)
  std::atomic<bool> slice_over_{false};
  std::atomic<bool> token_taken_{false};   // works without a token, as it seemed stuck; written under the scheduler's mutex
  bool exited_ = false;                    // guarded by the scheduler's mutex

  // guarded by the scheduler's mutex
  bool has_token_ = false;  // counted in active_
  bool woken_ = false;      // from Sleep, with a token
  bool handed_ = false;     // from BlockInPlace, with the island and, if there was one, a token
  Condition wake_;

  // the watchdog's own notes
  uint64_t seen_progress_ = 0;
  int64_t seen_progress_since_ = 0;
  uint64_t seen_slices_ = 0;
  int64_t seen_slices_since_ = 0;
  int64_t struck_at_ = 0;
  int64_t ignores_since_ = 0;  // when it was first asked to make way for what waits; zero when it was not
  uint64_t warned_progress_ = 0;

 public:
  // Memory for records of goroutines. This thread's.
  BlockCache records;
  // Set by the watchdog when the goroutine ran for seconds without a switch; the floor that runs it warns and clears it.
  std::atomic<bool> warn_long_run{false};
};

}  // namespace sloth

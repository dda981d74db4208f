// The M:N scheduler: islands are run by as many workers at a time as there are tokens, each with its own queue.
//
// A worker is an OS thread. It works only while it holds one of `workers` tokens (fewer, where SetWorkers says so); spare workers
// without a token replace those that block in place or are stuck in C. What was just made ready takes its waker's next-to-run slot; everything else goes
// through per-worker queues with stealing, one inbox, and a queue of preempted islands behind them.
//
// No wake-up is lost because an island is counted in `queued_` before the tokens are looked at, and a token is given back
// before `queued_` is looked at. Whatever waits in a slot is not counted: its worker looks there before it sleeps.
//
// With a virtual clock the run is deterministic: there is one token, and turns_ stands in the place of slots, queues, inbox,
// watchdog and timers' thread (sched/turns.h). Everything else, blocking in place included, is the same.
//
// Lock order: a run's lock before a goroutine's, a channel's (or the like) before a goroutine's or the timers', the
// scheduler's before a worker's queue. Never held while Lua or JavaScript runs.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/block_cache.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/ring.h"
#include "sched/interrupt.h"
#include "sched/island.h"
#include "sched/run.h"
#include "sched/timers.h"
#include "sched/trace.h"
#include "sched/turns.h"
#include "sched/watcher.h"

namespace sloth {

struct SchedulerOptions {
  int workers = 1;
  int spare_workers = 64;
  int64_t grace_ns = kSecond;           // what cleanup handlers of a cancelled goroutine may take together
  int64_t slice_ns = 10 * kMillisecond;
  uint64_t seed = 0;
  Trace* trace = nullptr;  // records what happens; outlives the scheduler
  GoroutineWatcher* watcher = nullptr;  // told of what Watch names; outlives the scheduler
};

struct SchedulerCounters {
  std::atomic<int64_t> live{0};       // goroutines not settled
  std::atomic<int64_t> records{0};    // goroutine records alive
  std::atomic<int64_t> islands{0};    // island records alive
  std::atomic<int64_t> heaps{0};      // islands that have a heap
  std::atomic<int64_t> spawned{0};
  std::atomic<int64_t> parallel{0};
  std::atomic<int64_t> shared{0};
  std::atomic<int64_t> preemptions{0};
  std::atomic<int64_t> steals{0};
  std::atomic<int64_t> blocked_in_place{0};
  std::atomic<int64_t> stuck{0};
};

class Guest;
class Worker;

class Scheduler {
 public:
  Scheduler(const SchedulerOptions& options, Clock* clock);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // What programs see; may be virtual.
  Clock* clock() const { return clock_; }
  // What the machine's own limits are measured with.
  Clock* machine_clock() { return turns_ ? &real_clock_ : clock_; }
  // Null unless the run is deterministic.
  Turns* turns() const { return turns_.get(); }
  Timers* timers() { return &timers_; }
  const SchedulerOptions& options() const { return options_; }
  SchedulerCounters& counters() { return counters_; }
  uint64_t NextId() { return next_id_.fetch_add(1, std::memory_order_relaxed) + 1; }

  uint64_t NextIslandNumber() { return next_island_.fetch_add(1, std::memory_order_relaxed) + 1; }

  // Adds a new goroutine to its run and makes it ready.
  void Start(Goroutine* goroutine, Goroutine* parent);
  // Adds it without making it ready (a queued job); Launch makes it ready later.
  void Enroll(Goroutine* goroutine, Goroutine* parent);
  void Launch(Goroutine* goroutine);

  // Blocks the calling worker inside its goroutine until its wait is claimed; the island is given away meanwhile. False, with
  // the wait untouched, when too many calls block in place already.
  [[nodiscard]] bool ReserveInPlace();
  void BlockInPlace(Goroutine* goroutine);
  // Lets others run where Lua cannot yield, and comes back before any sibling of the goroutine runs; after ReserveInPlace.
  // Deterministic runs only.
  void PreemptInPlace(Goroutine* goroutine);
  void ReleaseInPlace() { in_place_.fetch_sub(1, std::memory_order_acq_rel); }

  // Starts a timer and tells the watchdog if it is the earliest.
  void StartTimer(Timer* timer, int64_t deadline);
  // Interrupts busy workers soon: a running goroutine has been cancelled.
  void PokeRunning();
  // Whether anything else waits for a worker, so that a slice over its time should end.
  bool HasWaitingWork() const {
    return queued_.load(std::memory_order_seq_cst) > 0 || group_waiting_.load(std::memory_order_relaxed) > 0;
  }
  // How many workers may run islands at a time from now on; at most as many as it was made with. One that runs lets go when its
  // goroutine next waits, or the slice is over. Not in a deterministic run.
  void SetWorkers(int count) EXCLUDES(mutex_);
  int workers() const { return tokens_.load(std::memory_order_relaxed); }

  // Stops every worker and the watchdog. Everything must have ended, or else is abandoned; islands that nothing pins are
  // still buried. Waits until `deadline_ns` (absolute); returns the number of threads left behind because they are stuck in
  // C. When that is not zero the scheduler must live for ever: those threads come back to it.
  int Stop(int64_t deadline_ns);
  // How many workers hold a token now; zero when everything rests.
  int active_workers() const {
    return turns_ && turns_->resting() ? 0 : active_.load(std::memory_order_seq_cst);
  }

  // A worker begins: the watchdog must not sleep through it.
  void RouseWatchdog() {
    if (watchdog_asleep_.load(std::memory_order_seq_cst)) PokeWatchdog(false);
  }
  // Tells the watcher of these kinds of GoroutineEvent from now on, of no others. Any thread.
  void Watch(uint8_t kinds) { watched_.store(options_.watcher ? kinds : 0, std::memory_order_relaxed); }
  bool Watches(GoroutineEvent::Kind kind) const { return (watched_.load(std::memory_order_relaxed) & kind) != 0; }
  void Tell(const GoroutineEvent& event) { options_.watcher->OnGoroutine(event); }
  // The worker of the calling thread, or null.
  static Worker* CurrentWorker();

 private:
  friend class Worker;
  friend class Goroutine;
  friend class Guest;
  friend class Island;
  friend class IslandGroup;

  void LaunchCounted(Goroutine* goroutine);
  // For the watcher: it is about to wait.
  void TellBlocked(Goroutine* goroutine);
  void Ready(Goroutine* goroutine);
  // Makes a goroutine that is ready run, unless its island is held: the worker of this thread next of all, where there is one.
  // The caller keeps the goroutine until this returns.
  void MakeRun(Goroutine* goroutine);
  void QueueIsland(Island* island);
  void QueuePreempted(Island* island);
  // What was in a slot, as a queue has it: with a reference.
  static Island* FromSlot(Island* island);
  // An island with a reference for the caller, or from a slot and without.
  struct Next {
    Island* island = nullptr;
    bool from_slot = false;
  };
  Next NextIsland(Worker* worker);
  Island* TakeShared();
  Island* TakePreempted();
  Island* TakePreemptedLocked() REQUIRES(mutex_);
  Island* Steal(Worker* thief);
  // Whom another worker, which goes on, had woken to run next; for a thief that would take one that was preempted. Null: nobody.
  Island* StealSlot(Worker* thief);
  void NoteSteal(Island* island, Worker* victim);
  void GiveTokenLocked(Worker* worker) REQUIRES(mutex_);
  void TakeTokenLocked(Worker* worker) REQUIRES(mutex_);
  void WakeOneIfUseful();
  Worker* StartWorkerLocked() REQUIRES(mutex_);
  void AwaitHandOver(Worker* worker, Goroutine* goroutine);
  void PokeWatchdog(bool strike);
  void WatchdogLoop();
  bool InspectWorkers(int64_t now, bool strike);
  bool InspectGuestsLocked(int64_t now, bool strike) REQUIRES(mutex_);
  bool AnyGuestInside() EXCLUDES(mutex_);
  bool InspectDeterministicWorkers(int64_t now, bool strike);
  static void* WorkerMain(void* worker);
  static void* WatchdogMain(void* scheduler);

  const SchedulerOptions options_;
  Clock* const clock_;
  RealClock real_clock_;
  Timers timers_;
  const std::unique_ptr<Turns> turns_;
  std::atomic<uint8_t> watched_{0};  // kinds of GoroutineEvent; with them off, only read
  SchedulerCounters counters_;
  std::atomic<uint64_t> next_id_{0};
  std::atomic<uint64_t> next_island_{0};
  std::atomic<int64_t> queued_{0};    // islands in queues (not in slots)
  std::atomic<int64_t> group_waiting_{0};  // islands that wait in groups (sched/island_group.h)
  std::atomic<int> tokens_;           // how many there are; written under mutex_
  std::atomic<int> active_{0};        // tokens in use: workers whose has_token_ is set; written under mutex_
  std::atomic<bool> looking_{false};  // a worker has nothing to do and looks whether something comes, so that nobody need be woken
  const bool may_look_;               // there are processors enough
  std::atomic<int> in_place_{0};
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::vector<std::unique_ptr<Worker>> workers_ GUARDED_BY(mutex_);
  std::vector<Worker*> idle_ GUARDED_BY(mutex_);
  std::vector<Guest*> guests_ GUARDED_BY(mutex_);
  Ring<Island*> inbox_ GUARDED_BY(mutex_);
  Ring<Island*> preempted_ GUARDED_BY(mutex_);
  int64_t preempted_ran_at_ GUARDED_BY(mutex_) = 0;  // when one of them was taken last
  int exited_workers_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
  Condition all_exited_;

  BlockDepot record_depot_;

  Mutex watchdog_mutex_;
  Condition watchdog_condition_;
  bool watchdog_poked_ GUARDED_BY(watchdog_mutex_) = false;   // look again
  bool watchdog_strike_ GUARDED_BY(watchdog_mutex_) = false;  // and interrupt every busy worker
  bool watchdog_stop_ GUARDED_BY(watchdog_mutex_) = false;
  int64_t watchdog_until_ GUARDED_BY(watchdog_mutex_) = 0;  // when it will wake by itself
  std::atomic<bool> watchdog_asleep_{true};
  pthread_t watchdog_thread_;
};

inline Turns* Goroutine::turns() const { return scheduler_->turns(); }

}  // namespace sloth

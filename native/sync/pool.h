// Pools: named, bounded sets of goroutines. A job is a goroutine of its own that starts when it is its turn.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "sync/channel.h"
#include "sync/circuit_breaker.h"
#include "sync/pool_places.h"

namespace sloth {

class Scheduler;

struct PoolOptions {
  int64_t least_workers = 4;
  int64_t most_workers = 4;
  int64_t queue = INT64_MAX;  // how many jobs may wait for their turn
  bool refuses_when_full = false;
  int64_t submit_timeout_ns = kForever;  // how long a submit may wait for room
  double starts_per_second = 0;          // 0: no limit
  std::optional<CircuitBreakerOptions> breaker;
  int64_t kept_results = 100000;  // of jobs that ended last
};

struct PoolStatistics {
  int64_t workers = 0;
  int64_t active = 0;
  int64_t queued = 0;
  int64_t waiting = 0;    // submits that wait for room
  int64_t completed = 0;  // succeeded
  int64_t failed = 0;
  bool closed = false;
  std::optional<CircuitBreaker::State> circuit;
};

// How an ended job ended.
class KeptOutcome final : public RefCounted {
 public:
  explicit KeptOutcome(const Outcome& outcome) : outcome(outcome) {}
  const Outcome outcome;
};

// Shared by reference; thread safe. Every job is enrolled with its run when it is accepted, so that none is ever lost.
//
// A job that waits for its turn has its wait armed: the pool claims it when the turn comes, whoever cancels the job claims it
// before, and the winner launches it. What was cancelled, or is refused by the circuit breaker, needs no turn: it is launched only
// to end.
class Pool final : public Handle, public DeadlineTarget {
 public:
  Pool(Scheduler* scheduler, std::string name, const PoolOptions& options);
  ~Pool() override;
  const std::string& name() const { return name_; }
  const PoolOptions& options() const { return options_; }

  // Takes the job (made, not started): kDone, or it does not: kClosed, kFull, kNoMemory. Or kWaiting for room.
  // `ender`: ends the wait, too; may be null.
  Progress Submit(Goroutine* self, const Ref<Goroutine>& job, WaitEnder* ender = nullptr);
  // After the wait: kDone, or the job was not taken: kClosed, kNoMemory, kTimedOut, kCancelled.
  Progress FinishSubmit(Goroutine* self);
  // Refuses further jobs. False when it was closed before.
  bool Close();
  bool closed();
  // Waits until everything accepted so far has ended: kDone or kWaiting.
  Progress Wait(Goroutine* self, const WaitLimit& limit);
  Progress FinishWait(Goroutine* self);
  void Resize(int64_t least_workers, int64_t most_workers);

  PoolStatistics Statistics();
  // The job while it lives, its outcome when it has ended; neither when the pool does not know it (any more).
  struct Found {
    Ref<Goroutine> alive;
    Ref<KeptOutcome> ended;
  };
  Found Find(uint64_t id);
  bool forgets() const { return forgot_.load(std::memory_order_relaxed); }

  // Whoever reads the statistics knows of all failures, whoever reads a job's result of that one.
  void AskForAll();
  void AskFor(uint64_t id);
  struct Failures {
    int64_t unasked = 0;  // errors nobody has asked for
    int64_t failed = 0;
    int64_t ended = 0;
    std::string first;  // message of the first one nobody had asked for
  };
  Failures UnaskedFailures();

  // DeadlineTarget: the rate limit lets another job start.
  void OnDeadline() override;
  RefCounted* deadline_owner() override { return this; }

 private:
  class JobListener;
  struct Job {
    enum class Place : uint8_t { kQueued, kRunning, kOutside, kEnded };
    Place place = Place::kQueued;
    bool unasked = false;
    uint64_t breaker_period = 0;
    uint64_t ask_round = 0;
    Ref<Goroutine> goroutine;  // until it ends
    Ref<KeptOutcome> outcome;  // afterwards, when there is anything to tell
  };
  enum class Turn : uint8_t { kRun, kRefuse, kNotYet };

  static void QueuedJobCancelled(sloth::Wait* wait);
  void JobEnded(Goroutine* goroutine);
  void KeepLocked(Job* job, Goroutine* goroutine, Job* forgotten) REQUIRES(mutex_);
  bool HasRoomLocked(int64_t now) REQUIRES(mutex_);
  bool TryAcceptLocked(const Ref<Goroutine>& job, Goroutine* parent) REQUIRES(mutex_);
  // Lets one submit in that waits for room, if there is any; returns its job.
  Ref<Goroutine> AdmitLocked(int64_t now, WakeList* woken) REQUIRES(mutex_);
  Turn TurnLocked(int64_t now) REQUIRES(mutex_);
  // The next job to be launched, or null.
  Ref<Goroutine> NextLocked(int64_t now) REQUIRES(mutex_);
  void StartRateTimerLocked(int64_t now, Goroutine* waiting) REQUIRES(mutex_);
  [[nodiscard]] Ref<DeadlockDomain> StopRateTimerLocked() REQUIRES(mutex_);
  void EndIfCancelled(Goroutine* job);
  void LetGo(Goroutine* job);
  void Pump();

  Scheduler* const scheduler_;
  const std::string name_;
  const PoolOptions options_;
  std::atomic<bool> forgot_{false};
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  PoolPlaces places_ GUARDED_BY(mutex_);
  std::optional<CircuitBreaker> breaker_ GUARDED_BY(mutex_);
  int64_t next_start_ GUARDED_BY(mutex_) = 0;  // by the rate limit
  DeadlineTimer rate_timer_;                   // started and stopped under the lock
  Ref<DeadlockDomain> rate_domain_ GUARDED_BY(mutex_);  // while that runs: jobs wait for it
  std::unordered_map<uint64_t, Job> jobs_ GUARDED_BY(mutex_);
  Ring<uint64_t> queue_ GUARDED_BY(mutex_);  // jobs in order; those that left since are passed over
  Ring<uint64_t> ended_ GUARDED_BY(mutex_);  // in order of their ends
  int64_t queued_ GUARDED_BY(mutex_) = 0;
  int64_t unsettled_ GUARDED_BY(mutex_) = 0;  // accepted, and not ended
  int64_t completed_ GUARDED_BY(mutex_) = 0;
  int64_t failed_ GUARDED_BY(mutex_) = 0;
  int64_t waiting_submits_ GUARDED_BY(mutex_) = 0;
  int64_t unasked_ GUARDED_BY(mutex_) = 0;
  uint64_t ask_round_ GUARDED_BY(mutex_) = 0;
  std::string first_unasked_ GUARDED_BY(mutex_);
  WaiterList submitters_ GUARDED_BY(mutex_);  // only while there is no room
  WaiterList waiters_ GUARDED_BY(mutex_);
};

// The pools of one run, by name.
class PoolDirectory {
 public:
  Ref<Pool> Find(const std::string& name);
  void Set(const std::string& name, Ref<Pool> pool);
  // All of them, taken out, for the report at the end: what they keep may hold the run.
  std::vector<Ref<Pool>> TakeAll();

 private:
  Mutex mutex_;
  std::map<std::string, Ref<Pool>> pools_ GUARDED_BY(mutex_);
};

}  // namespace sloth

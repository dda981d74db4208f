// Goroutines whose bodies are C++ coroutines, on islands without a heap, so that the scheduler and the synchronization
// objects can be driven without Lua. Included by tests only.
//
//   World world(2);
//   world.Go([&](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
//   world.Run();
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sched/scheduler.h"
#include "sched/worker.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {

class FakeGoroutine;
class FakeIsland;
class World;

// What the body of a goroutine returns: its suspended frame.
class Body {
 public:
  struct promise_type {
    Body get_return_object() { return Body(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
  Body() = default;
  explicit Body(std::coroutine_handle<> frame) : frame(frame) {}
  std::coroutine_handle<> frame;
};

using BodyFunction = std::function<Body(FakeGoroutine&)>;

// Suspends the body; its worker gets `why`.
struct Suspend {
  FakeGoroutine& go;
  RunResult why;
  bool await_ready() { return false; }
  inline void await_suspend(std::coroutine_handle<>);
  void await_resume() {}
};

class FakeGoroutine final : public Goroutine {
 public:
  FakeGoroutine(World* world, Ref<sloth::Run> run, Ref<Island> island, Goroutine* parent, BodyFunction body);

  World* world() const { return world_; }
  inline FakeIsland* fake_island() const;
  Suspend Yield() { return {*this, RunResult::kYielded}; }
  Suspend Preempted() { return {*this, RunResult::kPreempted}; }
  // For loops that compute: whether the loop must make way now (co_await go.Preempted()).
  bool MustMakeWay();
  // Starts a goroutine on an island of its own, or on this one.
  Ref<FakeGoroutine> Spawn(BodyFunction body);
  Ref<FakeGoroutine> SpawnHome(BodyFunction body);
  void Fail(const std::string& message) {
    ending.kind = OutcomeKind::kFailed;
    *ending.failure = {FailureKind::kError, message, "", Value(), Value()};
  }
  inline auto Pause(int64_t duration);

  bool blocks_in_place = false;   // its waits happen where it cannot yield
  bool starts_cancelled = false;  // the body runs even if it was cancelled before
  std::atomic<bool> struck{false};
  std::atomic<int> resumed{0};

 private:
  friend class FakeIsland;
  friend struct Suspend;
  template <typename Derived, typename Result>
  friend class Operation;
  World* const world_;
  const BodyFunction function_;
  Body body_;
  RunResult why_ = RunResult::kParked;
};

void Suspend::await_suspend(std::coroutine_handle<>) { go.why_ = why; }

// Something that may wait. Derived has Start(), which says Result::kWaiting when it waits, and Finish().
template <typename Derived, typename Result>
class Operation {
 public:
  explicit Operation(FakeGoroutine& go) : go_(go) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<>) {
    go_.why_ = RunResult::kParked;
    parked_ = true;
  }
  Result await_resume() { return parked_ ? derived().Finish() : result_; }

 protected:
  FakeGoroutine& go_;

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }
  Result result_{};
  bool parked_ = false;
};

// An island that notices when two threads hold it.
class FakeIsland final : public Island {
 public:
  explicit FakeIsland(World* world, Ref<IslandGroup> group = nullptr);
  ~FakeIsland() override;
  void Enter() { CHECK(!held_.exchange(true)); }
  void Leave() { CHECK(held_.exchange(false)); }
  void Errand(std::function<void()> errand);
  bool buried() const { return buried_.load(); }
  std::function<void()> at_burial;
  bool doomed = false;  // may be buried though it is pinned

  RunResult Resume(Goroutine* goroutine) noexcept override;
  void Bury() noexcept override;
  void RunErrands() noexcept override;
  void Strike(Goroutine* goroutine) noexcept override;
  std::atomic<bool> burial_struck{false};

 private:
  World* const world_;
  const Ref<IslandGroup> group_;
  std::atomic<bool> held_{false};
  std::atomic<bool> buried_{false};
  Mutex mutex_;
  std::vector<std::function<void()>> todo_ GUARDED_BY(mutex_);
};

FakeIsland* FakeGoroutine::fake_island() const { return static_cast<FakeIsland*>(island()); }

class FakeRun final : public sloth::Run {
 public:
  using Run::Run;
  void WaitForEnd();
  bool ended();
  std::vector<std::string> errors();  // uncaught ones, in order

 protected:
  void OnUncaught(Goroutine* goroutine) override;
  void OnEnd() override;

 private:
  Mutex mutex_;
  Condition changed_;
  int ends_ GUARDED_BY(mutex_) = 0;
  std::vector<std::string> errors_ GUARDED_BY(mutex_);
};

struct WorldOptions {
  int workers = 2;
  int spare_workers = 64;
  int64_t grace_ns = kSecond;
  int64_t slice_ns = 10 * kMillisecond;
  RunOptions run;
  Clock* clock = nullptr;
  uint64_t seed = 0;
  Trace* trace = nullptr;
};

inline WorldOptions WithWorkers(int workers) {
  WorldOptions options;
  options.workers = workers;
  return options;
}

// A scheduler and one run. When it is destroyed everything must have ended, and nothing may be left.
class World {
 public:
  explicit World(int workers) : World(WithWorkers(workers)) {}
  explicit World(const WorldOptions& options);
  ~World();

  Scheduler* scheduler() { return scheduler_.get(); }
  FakeRun* run() { return run_.get(); }
  Clock* clock() { return clock_; }
  DeadlockDomain* domain() { return domain_.get(); }
  Ref<FakeRun> NewRun(RunOptions options = {}, Ref<DeadlockDomain> domain = nullptr);
  Ref<FakeIsland> NewIsland() { return MakeRef<FakeIsland>(this); }
  // Makes a goroutine; starting it is up to the caller.
  Ref<FakeGoroutine> Make(Ref<FakeIsland> island, BodyFunction body, Goroutine* parent = nullptr, FakeRun* run = nullptr);
  // Makes a goroutine that Launch will start.
  Ref<FakeGoroutine> Go(BodyFunction body) { return GoOn(NewIsland(), std::move(body)); }
  Ref<FakeGoroutine> GoOn(Ref<FakeIsland> island, BodyFunction body);
  // The same, as a daemon.
  Ref<FakeGoroutine> GoDaemon(BodyFunction body);
  void Launch();
  // Launches, and waits until everything has ended.
  void Run();
  // Stops the scheduler; leaves nothing to check when threads had to be left behind, which it returns the number of.
  int Stop(int64_t patience);
  // The scheduler has been stopped: nothing may be left.
  void Stopped();

 private:
  Ref<FakeGoroutine> Enroll(Ref<FakeGoroutine> goroutine);

  Clock* const clock_;
  std::unique_ptr<Scheduler> scheduler_;
  Ref<DeadlockDomain> domain_;
  Ref<FakeRun> run_;
  std::vector<Ref<FakeGoroutine>> pending_;
  std::unique_ptr<DeadlockDomain::Hold> hold_;  // until they are launched
  bool stopped_ = false;
};

// Waits, for 20 seconds at most, until `condition` holds; for what no object announces.
bool Eventually(const std::function<bool()>& condition);

template <typename Derived, typename Result>
bool Operation<Derived, Result>::await_ready() {
  bool in_place = go_.blocks_in_place;
  Scheduler* scheduler = go_.scheduler();
  if (in_place) CHECK(scheduler->ReserveInPlace());
  result_ = derived().Start();
  if (result_ != Result::kWaiting) {
    if (in_place) scheduler->ReleaseInPlace();
    return true;
  }
  if (!in_place) return false;
  go_.fake_island()->Leave();
  scheduler->BlockInPlace(&go_);
  go_.fake_island()->Enter();
  result_ = derived().Finish();
  return true;
}

enum class Waited : uint8_t { kWaiting, kDone, kTimedOut, kCancelled };

inline Waited WaitedFor(int32_t winner) {
  if (winner == Wait::kCancelled) return Waited::kCancelled;
  return winner == Wait::kTimedOut ? Waited::kTimedOut : Waited::kDone;
}

// kTimedOut when the time has passed, or kCancelled.
class Pausing final : public Operation<Pausing, Waited> {
 public:
  Pausing(FakeGoroutine& go, int64_t duration) : Operation(go), duration_(duration) {}
  Waited Start() {
    go_.BeginWait("pause", duration_ != kForever);
    go_.StartTimeout(duration_);
    go_.CommitWait();
    return Waited::kWaiting;
  }
  Waited Finish() { return WaitedFor(go_.EndWait()); }

 private:
  const int64_t duration_;
};

auto FakeGoroutine::Pause(int64_t duration) { return Pausing(*this, duration); }

// A gate that goroutines pass once it is open: the simplest object that can be waited for.
class Gate {
 public:
  class Passing final : public Operation<Passing, Waited> {
   public:
    Passing(FakeGoroutine& go, Gate* gate, int64_t timeout) : Operation(go), gate_(gate), timeout_(timeout) {}
    Waited Start();
    Waited Finish();

   private:
    Gate* const gate_;
    const int64_t timeout_;
  };
  Passing Pass(FakeGoroutine& go, int64_t timeout = kForever) { return Passing(go, this, timeout); }
  void Open();
  // Lets one waiting goroutine pass; false when none waits.
  bool LetOneThrough();
  size_t waiting();

 private:
  Mutex mutex_;
  bool open_ GUARDED_BY(mutex_) = false;
  size_t waiting_ GUARDED_BY(mutex_) = 0;
  WaiterList waiters_ GUARDED_BY(mutex_);
};

}  // namespace sloth::testing

// What a pool lets in and when: a bounded queue, a rate, a circuit breaker, a changing number of workers.
#include <atomic>
#include <vector>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

// A clock that stands still until it is set.
class SetClock final : public Clock {
 public:
  int64_t Now() override { return now.load(); }
  std::atomic<int64_t> now{0};
};

class Submitting final : public Operation<Submitting, Progress> {
 public:
  Submitting(FakeGoroutine& go, Pool* pool, BodyFunction body)
      : Operation(go), pool_(pool), job_(go.world()->Make(go.world()->NewIsland(), std::move(body), &go)) {
    job_->uncaught_rule = UncaughtRule::kBelongsToRun;
  }
  Progress Start() { return pool_->Submit(&go_, job_); }
  Progress Finish() { return go_.TakeWaitObject<Pool>()->FinishSubmit(&go_); }

 private:
  Pool* const pool_;
  const Ref<FakeGoroutine> job_;
};

Ref<Pool> MakePool(World& world, const PoolOptions& options) { return MakeRef<Pool>(world.scheduler(), "p", options); }

PoolOptions Options(int64_t workers, int64_t queue) {
  PoolOptions options;
  options.least_workers = options.most_workers = workers;
  options.queue = queue;
  return options;
}

Body Nothing(FakeGoroutine&) { co_return; }

TEST_CASE("a submit to a full pool waits for room, and no job is lost or runs beside too many") {
  for (int64_t queue : {0, 1, 3}) {
    for (int workers : {1, 2, 4}) {
      World world(workers);
      auto pool = MakePool(world, Options(2, queue));
      std::atomic<int> ran{0}, inside{0};
      for (int i = 0; i < 4; i++) {
        world.Go([&](FakeGoroutine& go) -> Body {
          for (int k = 0; k < 50; k++) {
            Progress progress = co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body {
              CHECK(++inside <= 2);
              if (ran % 5 == 0) co_await job.Yield();
              inside--;
              ran++;
            });
            CHECK(progress == Progress::kDone);
            CHECK(pool->Statistics().queued <= queue + 1);  // with no queue it passes through on its way
          }
        });
      }
      world.Run();
      CHECK(ran == 200);
      CHECK(!world.run()->deadlocked());
      CHECK(pool->Unique());
    }
  }
}

TEST_CASE("a submit that waits can time out, be cancelled, and learns that the pool was closed") {
  World world(2);
  PoolOptions options = Options(1, 0);
  options.submit_timeout_ns = kShort;
  auto timed = MakePool(world, options);
  auto pool = MakePool(world, Options(1, 0));
  Gate gate;
  BodyFunction waits = [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); };
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(co_await Submitting(go, timed.get(), waits) == Progress::kDone);
    CHECK(co_await Submitting(go, timed.get(), Nothing) == Progress::kTimedOut);
    CHECK(co_await Submitting(go, pool.get(), waits) == Progress::kDone);
    Ref<FakeGoroutine> cancelled = go.Spawn([&](FakeGoroutine& child) -> Body {
      Progress progress = co_await Submitting(child, pool.get(), Nothing);
      CHECK(progress == Progress::kCancelled);
    });
    go.Spawn([&](FakeGoroutine& child) -> Body {
      Progress progress = co_await Submitting(child, pool.get(), Nothing);
      CHECK(progress == Progress::kClosed);
    });
    while (pool->Statistics().waiting < 2) co_await go.Pause(kMillisecond);
    cancelled->Cancel(CancelKind::kCancelled, "");
    while (pool->Statistics().waiting > 1) co_await go.Pause(kMillisecond);
    CHECK(pool->Close());
    gate.Open();
  });
  world.Run();
  CHECK(pool->Statistics().completed == 1);
  CHECK(pool->Unique());
}

TEST_CASE("a full pool that refuses says so") {
  World world(1);
  PoolOptions options = Options(1, 1);
  options.refuses_when_full = true;
  auto pool = MakePool(world, options);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    BodyFunction waits = [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); };
    CHECK(co_await Submitting(go, pool.get(), waits) == Progress::kDone);
    CHECK(co_await Submitting(go, pool.get(), waits) == Progress::kDone);
    CHECK(co_await Submitting(go, pool.get(), waits) == Progress::kFull);
    gate.Open();
  });
  world.Run();
}

TEST_CASE("a full pool whose jobs wait for ever is a deadlock, for submits too") {
  World world(2);
  auto pool = MakePool(world, Options(1, 0));
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); }) == Progress::kDone);
    Progress progress = co_await Submitting(go, pool.get(), Nothing);
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("jobs start no faster than the rate limit says, and waiting for it is no deadlock") {
  for (int64_t queue : {int64_t{0}, INT64_MAX}) {
    World world(2);
    PoolOptions options = Options(8, queue);
    options.starts_per_second = 500;
    auto pool = MakePool(world, options);
    Mutex mutex;
    std::vector<int64_t> starts;
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int i = 0; i < 10; i++) {
        Progress progress = co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body {
          MutexLock lock(mutex);
          starts.push_back(job.world()->clock()->Now());
          co_return;
        });
        CHECK(progress == Progress::kDone);
      }
      co_await WaitForPool(go, pool.get());
    });
    world.Run();
    CHECK(!world.run()->deadlocked());
    CHECK(starts.size() == 10);
    // Launched that far apart; the first may have been late in running.
    CHECK(starts.back() - starts.front() >= 8 * kShort);
  }
}

TEST_CASE("cancelling a run does not wait for the rate limit of jobs that have not started") {
  World world(2);
  PoolOptions options = Options(1, INT64_MAX);
  options.starts_per_second = 0.0001;
  auto pool = MakePool(world, options);
  std::atomic<int> ran{0};
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 100; i++) {
      CHECK(co_await Submitting(go, pool.get(), [&](FakeGoroutine&) -> Body {
        ran++;
        co_return;
      }) == Progress::kDone);
    }
    while (ran == 0) co_await go.Pause(kMillisecond);
    world.run()->CancelAll(CancelKind::kCancelled, "closing");
  });
  world.Run();
  CHECK(ran == 1);
  CHECK(pool->Statistics().failed == 99);
  CHECK(pool->Statistics().queued == 0);
  CHECK(pool->Unique());
}

TEST_CASE("a job cancelled while it is queued ends at once, though the one before it runs on") {
  World world(2);
  auto pool = MakePool(world, Options(1, 1));
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); }) == Progress::kDone);
    Ref<FakeGoroutine> parent = go.Spawn([&](FakeGoroutine& child) -> Body {
      CHECK(co_await Submitting(child, pool.get(), Nothing) == Progress::kDone);
      co_await child.Pause(3600 * kSecond);
    });
    while (pool->Statistics().queued < 1) co_await go.Pause(kMillisecond);
    parent->Cancel(CancelKind::kCancelled, "");
    while (pool->Statistics().failed < 1) co_await go.Pause(kMillisecond);
    CHECK(pool->Statistics().active == 1);
    CHECK(co_await Submitting(go, pool.get(), Nothing) == Progress::kDone);  // there is room again
    gate.Open();
  });
  world.Run();
  CHECK(pool->Statistics().completed == 2);
}

TEST_CASE("an open circuit fails the jobs whose turn comes, and a good trial closes it") {
  SetClock clock;
  WorldOptions world_options = WithWorkers(1);
  world_options.clock = &clock;
  World world(world_options);
  PoolOptions options = Options(1, INT64_MAX);
  options.breaker = CircuitBreakerOptions{2, kSecond, 1};
  auto pool = MakePool(world, options);
  std::atomic<int> ran{0};
  BodyFunction fails = [&](FakeGoroutine& job) -> Body {
    ran++;
    job.Fail("no");
    co_return;
  };
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 1000; i++) CHECK(co_await Submitting(go, pool.get(), fails) == Progress::kDone);
    co_await WaitForPool(go, pool.get());
    CHECK(ran == 2);
    CHECK(pool->Statistics().failed == 1000);
    CHECK(pool->Statistics().circuit == CircuitBreaker::State::kOpen);
    clock.now = kSecond;
    CHECK(pool->Statistics().circuit == CircuitBreaker::State::kHalfOpen);
    for (int i = 0; i < 3; i++) CHECK(co_await Submitting(go, pool.get(), Nothing) == Progress::kDone);
    co_await WaitForPool(go, pool.get());
    CHECK(pool->Statistics().completed == 3);
    CHECK(pool->Statistics().circuit == CircuitBreaker::State::kClosed);
  });
  world.Run();
  CHECK(pool->Unique());
}

TEST_CASE("a pool grows while jobs wait and shrinks after an idle second") {
  SetClock clock;
  WorldOptions world_options = WithWorkers(1);
  world_options.clock = &clock;
  World world(world_options);
  PoolOptions options;
  options.least_workers = 1;
  options.most_workers = 3;
  auto pool = MakePool(world, options);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(pool->Statistics().workers == 1);
    for (int i = 0; i < 5; i++) {
      CHECK(co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); }) == Progress::kDone);
    }
    CHECK(pool->Statistics().workers == 3);
    CHECK(pool->Statistics().queued == 2);
    gate.Open();
    co_await WaitForPool(go, pool.get());
    clock.now = kSecond - 1;
    CHECK(pool->Statistics().workers == 3);
    clock.now = kSecond;
    CHECK(pool->Statistics().workers == 1);
  });
  world.Run();
}

TEST_CASE("a pool can be made larger and smaller while its jobs run") {
  World world(2);
  auto pool = MakePool(world, Options(1, INT64_MAX));
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 6; i++) {
      CHECK(co_await Submitting(go, pool.get(), [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); }) == Progress::kDone);
    }
    CHECK(pool->Statistics().active == 1);
    pool->Resize(4, 4);
    CHECK(pool->Statistics().active == 4);
    CHECK(pool->Statistics().queued == 2);
    pool->Resize(2, 2);
    CHECK(pool->Statistics().active == 4);
    while (gate.waiting() < 4) co_await go.Pause(kMillisecond);
    CHECK(gate.LetOneThrough());
    CHECK(gate.LetOneThrough());
    while (pool->Statistics().completed < 2) co_await go.Pause(kMillisecond);
    CHECK(pool->Statistics().active == 2);
    CHECK(pool->Statistics().queued == 2);
    CHECK(pool->Statistics().workers == 2);
    gate.Open();
  });
  world.Run();
  CHECK(pool->Statistics().completed == 6);
}

}  // namespace
}  // namespace sloth::testing

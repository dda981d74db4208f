// Pools: how many run, and that no job is lost.
#include "sync/pool.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

Ref<FakeGoroutine> MakeJob(FakeGoroutine& go, BodyFunction body) {
  auto made = go.world()->Make(go.world()->NewIsland(), std::move(body), &go);
  made->uncaught_rule = UncaughtRule::kReportAtEnd;
  return made;
}

// For pools that never let a submit wait.
bool Submit(Pool* pool, FakeGoroutine& go, BodyFunction body, Ref<FakeGoroutine>* job = nullptr) {
  auto made = MakeJob(go, std::move(body));
  if (job) *job = made;
  Progress progress = pool->Submit(&go, made);
  CHECK((progress == Progress::kDone || progress == Progress::kClosed || progress == Progress::kFull));
  return progress == Progress::kDone;
}

Ref<Pool> MakePool(World& world, const char* name, int64_t workers) {
  PoolOptions options;
  options.least_workers = options.most_workers = workers;
  return MakeRef<Pool>(world.scheduler(), name, options);
}

TEST_CASE("a pool runs every job, and never more at a time than it has places") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto pool = MakePool(world, "crowd", 3);
    std::atomic<int> inside{0}, most{0}, ran{0};
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int i = 0; i < 200; i++) {
        CHECK(Submit(pool.get(), go, [&, i](FakeGoroutine& job) -> Body {
          int now = ++inside;
          int seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) continue;
          if (i % 3 == 0) co_await job.Yield();
          if (i % 7 == 0) co_await job.Pause(100 * kMicrosecond);
          inside--;
          ran++;
        }));
        if (i % 10 == 0) co_await go.Yield();
      }
      Progress progress = co_await WaitForPool(go, pool.get());
      CHECK(progress == Progress::kDone);
      CHECK(ran == 200);
      PoolStatistics statistics = pool->Statistics();
      CHECK(statistics.workers == 3);
      CHECK(statistics.active == 0);
      CHECK(statistics.queued == 0);
      CHECK(statistics.completed == 200);
      CHECK(statistics.failed == 0);
      CHECK(pool->UnaskedFailures().unasked == 0);
    });
    world.Run();
    CHECK(most <= 3);
    CHECK(pool->Unique());
  }
}

TEST_CASE("a closed pool refuses jobs and finishes what it has accepted") {
  World world(1);
  auto pool = MakePool(world, "closing", 2);
  std::atomic<int> ran{0};
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 20; i++) {
      CHECK(Submit(pool.get(), go, [&](FakeGoroutine& job) -> Body {
        co_await job.Yield();
        ran++;
      }));
    }
    CHECK(pool->Close());
    CHECK(!pool->Close());
    CHECK(pool->closed());
    CHECK(!Submit(pool.get(), go, [](FakeGoroutine&) -> Body { co_return; }));
    co_return;
  });
  world.Run();
  CHECK(ran == 20);
  CHECK(pool->Unique());
}

TEST_CASE("a job that fails is counted and frees its place") {
  World world(1);
  auto pool = MakePool(world, "failing", 1);
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 10; i++) {
      CHECK(Submit(pool.get(), go, [&, i](FakeGoroutine& job) -> Body {
        if (i % 2) job.Fail("job " + std::to_string(i));
        co_return;
      }));
    }
    co_await WaitForPool(go, pool.get());
    PoolStatistics statistics = pool->Statistics();
    CHECK(statistics.completed == 5);
    CHECK(statistics.failed == 5);
    CHECK(pool->UnaskedFailures().unasked == 5);
    CHECK(pool->UnaskedFailures().first == "job 1");
    pool->AskForAll();
    CHECK(pool->UnaskedFailures().unasked == 0);
  });
  world.Run();
  CHECK(world.run()->errors().size() == 5);
}

TEST_CASE("cancelled jobs, queued or running, free their places, and no other job is lost") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto pool = MakePool(world, "cancelled", 2);
    std::atomic<int> ran{0};
    world.Go([&](FakeGoroutine& go) -> Body {
      Random random(static_cast<uint64_t>(workers));
      std::vector<Ref<FakeGoroutine>> jobs(300);
      int cancelled = 0;
      for (auto& job : jobs) {
        CHECK(Submit(pool.get(), go, [&](FakeGoroutine& self) -> Body {
          co_await self.Yield();
          ran++;
        }, &job));
        if (random.Below(3) == 0) {
          jobs[random.Below(static_cast<uint32_t>(&job - jobs.data()) + 1)]->Cancel(CancelKind::kCancelled, "");
        }
        if (random.Below(5) == 0) co_await go.Yield();
      }
      co_await WaitForPool(go, pool.get());
      for (auto& job : jobs) {
        CHECK(job->settled());
        cancelled += job->outcome().kind == OutcomeKind::kCancelled;
      }
      PoolStatistics statistics = pool->Statistics();
      CHECK(statistics.completed + statistics.failed == 300);
      CHECK(statistics.failed == cancelled);
    });
    world.Run();
    CHECK(!world.run()->deadlocked());
  }
}

TEST_CASE("a run that is cancelled ends with all its jobs") {
  World world(2);
  auto pool = MakePool(world, "ending", 2);
  auto never = Channel::Make(0);
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 50; i++) {
      CHECK(Submit(pool.get(), go, [&](FakeGoroutine& job) -> Body {
        int64_t number;
        co_await Receive(job, never, &number, 3600 * kSecond);
      }));
    }
    world.run()->CancelAll(CancelKind::kCancelled, "closing");
    co_return;
  });
  world.Run();
  CHECK(pool->Unique());
}

TEST_CASE("jobs that wait for ever, with others queued behind them, are a deadlock") {
  World world(2);
  auto pool = MakePool(world, "stuck", 1);
  auto never = Channel::Make(0);
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 3; i++) {
      CHECK(Submit(pool.get(), go, [&](FakeGoroutine& job) -> Body {
        int64_t number;
        co_await Receive(job, never, &number);
      }));
    }
    Progress progress = co_await WaitForPool(go, pool.get());
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
  CHECK(pool->Unique());
}

TEST_CASE("waiting for an idle pool takes no time, and for a busy one it can time out") {
  World world(1);
  Gate gate;
  auto pool = MakePool(world, "idle", 1);
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await WaitForPool(go, pool.get(), 0);
    CHECK(progress == Progress::kDone);
    CHECK(Submit(pool.get(), go, [&](FakeGoroutine& job) -> Body { co_await gate.Pass(job); }));
    progress = co_await WaitForPool(go, pool.get(), kShort);
    CHECK(progress == Progress::kTimedOut);
    gate.Open();
    progress = co_await WaitForPool(go, pool.get());
    CHECK(progress == Progress::kDone);
  });
  world.Run();
}

TEST_CASE("pools are found by name until they are replaced") {
  World world(1);
  PoolDirectory directory;
  auto first = MakePool(world, "p", 1);
  auto second = MakePool(world, "p", 2);
  CHECK(!directory.Find("p"));
  directory.Set("p", first);
  CHECK(directory.Find("p") == first);
  directory.Set("p", second);
  directory.Set("q", first);
  CHECK(directory.Find("p") == second);
  CHECK(directory.TakeAll().size() == 2);
  CHECK(!directory.Find("q"));
}

TEST_CASE("what ended is known by its number, as long as it is kept") {
  World world(1);
  PoolOptions options;
  options.least_workers = options.most_workers = 1;  // they end in the order in which they came
  options.kept_results = 2;
  auto pool = MakeRef<Pool>(world.scheduler(), "kept", options);
  world.Go([&](FakeGoroutine& go) -> Body {
    std::vector<Ref<FakeGoroutine>> jobs(3);
    Gate gate;
    for (auto& job : jobs) {
      CHECK(Submit(pool.get(), go, [&](FakeGoroutine& self) -> Body {
        co_await gate.Pass(self);
        self.Fail("late");
      }, &job));
      CHECK(pool->Find(job->id()).alive == job);
    }
    gate.Open();
    co_await WaitForPool(go, pool.get());
    CHECK(pool->forgets());
    CHECK(!pool->Find(jobs[0]->id()).alive);
    CHECK(!pool->Find(jobs[0]->id()).ended);
    CHECK(pool->Find(jobs[2]->id()).ended->outcome.failure->message == "late");
    CHECK(pool->UnaskedFailures().unasked == 3);
    pool->AskFor(jobs[2]->id());
    pool->AskFor(jobs[2]->id());
    CHECK(pool->UnaskedFailures().unasked == 2);
  });
  world.Run();
}

}  // namespace
}  // namespace sloth::testing

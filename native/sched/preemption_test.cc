// Slices end, strikes reach loops, and workers that are stuck are replaced.
#include <atomic>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

void BusyFor(FakeGoroutine& go, int64_t duration) {
  Clock* clock = go.world()->clock();
  int64_t end = clock->Now() + duration;
  while (clock->Now() < end) continue;
}

// Two goroutines that yield until `over`, so that one of them always waits for a worker.
void StartYielders(World& world, const std::atomic<bool>& over) {
  for (int i = 0; i < 2; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      while (!over) co_await go.Yield();
    });
  }
}

TEST_CASE("a loop makes way for goroutines on other islands") {
  World world(1);
  std::atomic<bool> over{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int slices = 0; slices < 3; slices++) {
      while (!go.MustMakeWay()) continue;
      co_await go.Preempted();
    }
    over = true;
  });
  StartYielders(world, over);
  world.Run();
  CHECK(world.scheduler()->counters().preemptions == 3);
}

TEST_CASE("a loop is preempted also when the scheduler had rested before") {
  World world(1);
  std::atomic<bool> over{false};
  timespec pause{0, 150 * 1000 * 1000};  // long enough for the watchdog to sleep
  nanosleep(&pause, nullptr);
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!go.MustMakeWay()) continue;
    co_await go.Preempted();
    over = true;
  });
  StartYielders(world, over);
  world.Run();
}

TEST_CASE("a loop that nobody waits for is not preempted") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t end = world.clock()->Now() + 60 * kMillisecond;
    while (world.clock()->Now() < end) {
      if (go.MustMakeWay()) co_await go.Preempted();
    }
  });
  world.Run();
  CHECK(world.scheduler()->counters().preemptions == 0);
  CHECK(world.scheduler()->counters().stuck == 0);
}

TEST_CASE("siblings stay where they are while a preempted goroutine rests") {
  World world(1);
  std::atomic<bool> over{false};
  auto island = world.NewIsland();
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    go.SpawnHome([&](FakeGoroutine&) -> Body {
      CHECK(over);
      co_return;
    });
    for (int slices = 0; slices < 3; slices++) {
      while (!go.MustMakeWay()) continue;
      co_await go.Preempted();
    }
    over = true;
  });
  StartYielders(world, over);
  world.Run();
}

TEST_CASE("a woken goroutine runs before any preempted one") {
  World world(1);
  Gate gate;
  std::atomic<int> loops_resumed{0};
  std::atomic<int> resumed_at_opening{-1};
  std::atomic<bool> passed{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await gate.Pass(go);
    CHECK(loops_resumed - resumed_at_opening <= 1);
    passed = true;
  });
  for (int i = 0; i < 5; i++) {
    world.Go([&, i](FakeGoroutine& go) -> Body {
      int slices = 0;
      while (!passed) {
        if (go.MustMakeWay()) {
          co_await go.Preempted();
          loops_resumed++;
          if (i == 3 && ++slices == 2) {
            resumed_at_opening = loops_resumed.load();
            gate.Open();
          }
        }
      }
    });
  }
  world.Run();
}

TEST_CASE("pauses are not late behind many loops") {
  WorldOptions options;
  options.workers = 1;
  options.slice_ns = 4 * kMillisecond;
  World world(options);
  std::atomic<bool> over{false};
  // A full round of the loops takes longer than a preempted one ever waits behind woken ones.
  for (int i = 0; i < 40; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      while (!over) {
        if (go.MustMakeWay()) co_await go.Preempted();
      }
    });
  }
  std::atomic<int> slices_between{0};
  world.Go([&](FakeGoroutine& go) -> Body {
    auto& preemptions = world.scheduler()->counters().preemptions;
    int64_t first = 0;
    for (int i = 0; i < 40; i++) {
      if (i == 10) first = preemptions;  // by now all loops have begun
      co_await go.Pause(kMillisecond);
    }
    slices_between = static_cast<int>(preemptions - first);
    over = true;
  });
  world.Run();
  // About one slice for each pause; behind all loops it would be forty.
  CHECK(slices_between <= 150);
}

TEST_CASE("whom a busy worker woke last runs elsewhere before anyone preempted") {
  WorldOptions options;
  options.workers = 2;
  options.slice_ns = 3600 * kSecond;  // nobody's slice ends by itself
  World world(options);
  Gate gate;
  std::atomic<bool> spins{false}, waits{false}, woken{false}, over{false};
  std::string order;
  world.Go([&](FakeGoroutine& go) -> Body {
    waits = true;
    co_await gate.Pass(go, kForever);
    order += "woken ";
    over = true;
  });
  // Rests, preempted, while the one it started keeps this worker.
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!waits) co_await go.Yield();
    go.Spawn([&](FakeGoroutine& self) -> Body {
      spins = true;
      while (!woken) continue;
      co_await self.Preempted();
    });
    co_await go.Preempted();
    order += "preempted ";
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!spins) co_await go.Yield();
    while (world.scheduler()->counters().preemptions < 1) continue;
    while (gate.waiting() < 1) continue;
    gate.LetOneThrough();
    woken = true;
    while (!over) continue;
  });
  world.Run();
  CHECK(order == "woken preempted ");
}

TEST_CASE("a preempted loop is not kept waiting for ever by goroutines that wake each other") {
  World world(1);
  std::atomic<bool> over{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int slices = 0; slices < 2; slices++) {
      while (!go.MustMakeWay()) continue;
      co_await go.Preempted();
    }
    over = true;
  });
  Gate ping, pong;
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!over) {
      ping.LetOneThrough();
      co_await pong.Pass(go, kMillisecond);
    }
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!over) {
      pong.LetOneThrough();
      co_await ping.Pass(go, kMillisecond);
    }
  });
  StartYielders(world, over);
  world.Run();
}

TEST_CASE("a worker that ignores the interrupt is replaced, and takes its place again afterwards") {
  World world(1);
  std::atomic<bool> ran{false};
  std::atomic<bool> over{false};
  auto stuck = world.Go([&](FakeGoroutine& go) -> Body {
    while (!ran) continue;
    for (int i = 0; i < 10; i++) {
      co_await go.Yield();
      CHECK(world.scheduler()->active_workers() <= 1);
    }
    over = true;
  });
  world.Go([&, stuck](FakeGoroutine& go) -> Body {
    while (!over) {
      ran = stuck->resumed > 0;
      CHECK(world.scheduler()->active_workers() <= 1);
      co_await go.Yield();
    }
  });
  world.Run();
  CHECK(world.scheduler()->counters().stuck >= 1);
}

TEST_CASE("several stuck workers are all replaced") {
  World world(3);
  std::atomic<int> stuck{0};
  std::atomic<int> running{0};
  for (int i = 0; i < 3; i++) {
    world.Go([&](FakeGoroutine&) -> Body {
      stuck++;
      while (running < 3) continue;
      co_return;
    });
  }
  for (int i = 0; i < 3; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      while (stuck < 3) co_await go.Yield();
      running++;
      while (running < 3) continue;  // all three at the same time
    });
  }
  world.Run();
}

TEST_CASE("what a worker without token makes ready last is not forgotten") {
  for (int round = 0; round < 5; round++) {
    World world(1);
    Gate gate;
    std::atomic<bool> replaced{false};
    std::atomic<bool> passed{false};
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await gate.Pass(go);
      passed = true;
    });
    world.Go([&](FakeGoroutine&) -> Body {
      while (!replaced) continue;
      gate.Open();  // into the slot of a worker that is about to lose its place
      co_return;
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      replaced = true;
      int64_t limit = world.clock()->Now() + 10 * kSecond;
      while (!passed && world.clock()->Now() < limit) {
        if (go.MustMakeWay()) co_await go.Preempted();
      }
      CHECK(passed);
    });
    world.Run();
  }
}

TEST_CASE("what waits in the slot of a stuck worker is freed") {
  World world(2);
  Gate gate;
  std::atomic<bool> passed{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await gate.Pass(go);
    passed = true;
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (gate.waiting() == 0) co_await go.Yield();
    gate.Open();
    while (!passed) continue;
  });
  world.Run();
}

TEST_CASE("a goroutine that runs for long is noted for a warning") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    BusyFor(go, 20 * kMillisecond);
    CHECK(!Scheduler::CurrentWorker()->warn_long_run.load());
    co_return;
  });
  world.Run();
}

TEST_CASE("a cancelled loop is struck at once") {
  for (int workers : {1, 2}) {
    WorldOptions options;
    options.workers = workers;
    options.slice_ns = 3600 * kSecond;  // the strike does not come from the end of a slice
    World world(options);
    std::atomic<bool> looping{false};
    auto loop = world.Go([&](FakeGoroutine& go) -> Body {
      looping = true;
      while (!(go.struck.load(std::memory_order_relaxed) && go.cancelled())) continue;
      co_return;
    });
    world.Launch();
    CHECK(Eventually([&] { return looping.load(); }));
    loop->Cancel(CancelKind::kCancelled, "enough");
    world.Run();
    CHECK(loop->outcome().kind == OutcomeKind::kCancelled);
  }
}

TEST_CASE("a burial that takes long is struck") {
  World world(1);
  auto island = world.NewIsland();
  FakeIsland* raw = island.get();
  std::atomic<bool> struck{false};
  island->at_burial = [&, raw] {
    while (!raw->burial_struck) continue;
    struck = true;
  };
  world.GoOn(std::move(island), [](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  CHECK(Eventually([&] { return struck.load(); }));
}

}  // namespace
}  // namespace sloth::testing

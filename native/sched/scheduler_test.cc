// Goroutines start, switch, wait and end; workers share them.
#include "sched/fake_island.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/random.h"

namespace sloth::testing {
namespace {

TEST_CASE("a goroutine runs and ends") {
  World world(1);
  auto go = world.Go([](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  CHECK(go->settled());
  CHECK(go->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("a goroutine that parks goes on when it is woken") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Gate gate;
    world.Go([&](FakeGoroutine& go) -> Body {
      Waited waited = co_await gate.Pass(go);
      CHECK(waited == Waited::kDone);
    });
    world.Go([&](FakeGoroutine&) -> Body {
      gate.Open();
      co_return;
    });
    world.Run();
  }
}

TEST_CASE("a goroutine that yields lets its siblings run first") {
  World world(1);
  std::string order;
  world.Go([&](FakeGoroutine& first) -> Body {
    for (char name : {'a', 'b', 'c'}) {
      first.SpawnHome([&, name](FakeGoroutine& go) -> Body {
        for (int i = 0; i < 3; i++) {
          order += name;
          co_await go.Yield();
        }
      });
    }
    co_return;
  });
  world.Run();
  CHECK(order == "abcabcabc");
}

TEST_CASE("a goroutine that yields lets other islands run") {
  World world(1);
  std::atomic<bool> ran{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!ran) co_await go.Yield();
  });
  world.Go([&](FakeGoroutine&) -> Body {
    ran = true;
    co_return;
  });
  world.Run();
}

TEST_CASE("siblings never run at the same time") {
  World world(4);
  auto island = world.NewIsland();
  int unguarded = 0;
  for (int i = 0; i < 20; i++) {
    world.GoOn(island, [&](FakeGoroutine& go) -> Body {
      for (int round = 0; round < 200; round++) {
        unguarded++;
        if (round % 3 == 0) co_await go.Pause(round % 7 * 1000);
        else co_await go.Yield();
      }
    });
  }
  world.Run();
  CHECK(unguarded == 4000);
}

TEST_CASE("two islands run at the same time on two workers") {
  World world(2);
  std::atomic<int> here{0};
  for (int i = 0; i < 2; i++) {
    world.Go([&](FakeGoroutine&) -> Body {
      here++;
      while (here < 2) continue;
      co_return;
    });
  }
  world.Run();
}

TEST_CASE("never more islands run at a time than there are workers") {
  WorldOptions options;
  options.workers = 3;
  options.slice_ns = 3600 * kSecond;  // nobody is taken for stuck, however busy the machine
  World world(options);
  std::atomic<int> here{0};
  std::atomic<int> most{0};
  for (int i = 0; i < 60; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int round = 0; round < 20; round++) {
        int now = ++here;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) continue;
        here--;
        co_await go.Yield();
      }
    });
  }
  world.Run();
  CHECK(most <= 3);
}

TEST_CASE("what a busy goroutine has started runs on another worker meanwhile") {
  World world(2);
  std::atomic<bool> ran{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    go.Spawn([&](FakeGoroutine&) -> Body {
      ran = true;
      co_return;
    });
    while (!ran) continue;
    co_return;
  });
  world.Run();
}

TEST_CASE("ten thousand goroutines wait and are woken, on their own islands and on one") {
  for (bool shared : {false, true}) {
    World world(2);
    Gate gate;
    std::atomic<int> passed{0};
    auto island = world.NewIsland();
    for (int i = 0; i < 10000; i++) {
      world.GoOn(shared ? island : world.NewIsland(), [&](FakeGoroutine& go) -> Body {
        co_await gate.Pass(go);
        passed++;
      });
    }
    island = nullptr;
    world.Go([&](FakeGoroutine& go) -> Body {
      while (gate.waiting() < 10000) co_await go.Yield();
      gate.Open();
    });
    world.Run();
    CHECK(passed == 10000);
  }
}

Body StartNext(FakeGoroutine& go, int left) {
  if (left > 0) go.Spawn([left](FakeGoroutine& next) -> Body { return StartNext(next, left - 1); });
  co_return;
}

TEST_CASE("goroutines that start goroutines all run") {
  World world(2);
  world.Go([](FakeGoroutine& go) -> Body { return StartNext(go, 5000); });
  world.Run();
  CHECK(world.scheduler()->counters().spawned == 5001);
}

TEST_CASE("two goroutines that wake each other in turns lose no wake-up") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Gate ping, pong;
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int i = 0; i < 5000; i++) {
        while (!pong.LetOneThrough()) co_await go.Yield();
        co_await ping.Pass(go);
      }
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int i = 0; i < 5000; i++) {
        co_await pong.Pass(go);
        while (!ping.LetOneThrough()) co_await go.Yield();
      }
    });
    world.Run();
  }
}

TEST_CASE("pauses do not end early") {
  World world(2);
  for (int64_t duration : {9, 0, 1, 4, 2}) {
    world.Go([&, duration](FakeGoroutine& go) -> Body {
      int64_t begin = world.clock()->Now();
      Waited waited = co_await go.Pause(duration * kMillisecond);
      CHECK(waited == Waited::kTimedOut);
      CHECK(world.clock()->Now() - begin >= duration * kMillisecond);
    });
  }
  world.Run();
}

TEST_CASE("a pause of zero and one of centuries work") {
  World world(2);
  auto forever = world.Go([](FakeGoroutine& go) -> Body {
    Waited waited = co_await go.Pause(kForever - 1);
    CHECK(waited == Waited::kCancelled);
  });
  world.Go([=](FakeGoroutine& go) -> Body {
    Waited waited = co_await go.Pause(0);
    CHECK(waited == Waited::kTimedOut);
    forever->Cancel(CancelKind::kCancelled, "enough");
  });
  world.Run();
}

TEST_CASE("a shorter pause begun later ends earlier") {
  World world(2);
  std::atomic<bool> long_over{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    Gate never;
    co_await never.Pass(go, 300 * kMillisecond);
    long_over = true;
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await go.Pause(5 * kMillisecond);  // by now the watchdog sleeps until the other's deadline
    co_await go.Pause(5 * kMillisecond);
    CHECK(!long_over);
  });
  world.Run();
}

TEST_CASE("short pauses are short") {
  World world(1);
  int64_t best = kForever;
  world.Go([&](FakeGoroutine& go) -> Body {
    // The best of many, as others may use the machine.
    for (int batch = 0; batch < 200 && best > 10 * kMillisecond; batch++) {
      int64_t begin = world.clock()->Now();
      for (int i = 0; i < 20; i++) co_await go.Pause(50 * kMicrosecond);
      best = std::min(best, world.clock()->Now() - begin);
    }
  });
  world.Run();
  CHECK(best <= 10 * kMillisecond);  // the watchdog's own rounds would make it twenty and more
}

class CountingClock final : public Clock {
 public:
  int64_t Now() override {
    readings++;
    return clock_.Now();
  }
  std::atomic<int64_t> readings{0};

 private:
  RealClock clock_;
};

TEST_CASE("nothing reads the clock while nothing runs and nothing waits for it") {
  CountingClock clock;
  WorldOptions options;
  options.clock = &clock;
  World world(options);
  world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
  world.Run();
  int64_t before = -1;
  CHECK(Eventually([&] {
    int64_t now = clock.readings.load();
    timespec pause{0, 60 * 1000 * 1000};
    nanosleep(&pause, nullptr);
    before = clock.readings.load();
    return now == before;
  }));
}

TEST_CASE("the scheduler counts what is alive") {
  World world(1);
  auto& counters = world.scheduler()->counters();
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  world.Go([&](FakeGoroutine&) -> Body {
    CHECK(counters.live == 2);
    CHECK(counters.records == 2);
    CHECK(counters.islands == 2);
    gate.Open();
    co_return;
  });
  world.Run();
  CHECK(counters.spawned == 2);
}

TEST_CASE("what comes from outside runs, whether its worker works, looks for work, goes to sleep or sleeps") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Random random(static_cast<uint64_t>(workers));
    RealClock clock;
    std::atomic<int> ran{0};
    Gate last;
    world.Go([&](FakeGoroutine& go) -> Body { co_await last.Pass(go); });
    DeadlockDomain::Hold hold(world.domain());
    world.Launch();
    bool all = true;
    for (int i = 1; i <= 2000 && all; i++) {
      // Soon, so that the worker looks the next time, and now and then about when it ceases to.
      int64_t until = clock.Now() + static_cast<int64_t>(random.Below(i % 4 == 0 ? 120'000 : 20'000));
      while (clock.Now() < until) {
      }
      auto go = world.Make(world.NewIsland(), [&](FakeGoroutine&) -> Body {
        ran++;
        co_return;
      });
      world.scheduler()->Start(go.get(), nullptr);
      for (until = clock.Now() + 20 * kSecond; ran != i && clock.Now() < until;) std::this_thread::yield();
      all = ran == i;
    }
    CHECK(all);
    last.Open();
    world.Run();
  }
}

}  // namespace
}  // namespace sloth::testing

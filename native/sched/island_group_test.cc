// Islands of a group are run by so many workers at a time; workers of a scheduler become fewer and more.
#include <atomic>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

// How many goroutines are in between, and how many were at most.
struct Crowd {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  void Enter() {
    int count = now.fetch_add(1) + 1;
    for (int seen = most.load(); count > seen && !most.compare_exchange_weak(seen, count);) {
    }
  }
  void Leave() { now.fetch_sub(1); }
};

// Computes for about a tenth of a millisecond.
void Compute() {
  RealClock clock;
  int64_t until = clock.Now() + kMillisecond / 10;
  while (clock.Now() < until) {
  }
}

TEST_CASE("a full group makes islands wait, and all of them run") {
  for (int most : {1, 2}) {
    World world(4);
    auto group = MakeRef<IslandGroup>(world.scheduler(), most);
    Crowd crowd;
    std::atomic<int> ended{0};
    for (int i = 0; i < 20; i++) {
      world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine& go) -> Body {
        for (int round = 0; round < 10; round++) {
          crowd.Enter();
          Compute();
          crowd.Leave();
          if (round % 3 == 0) {
            co_await go.Pause(kMillisecond / 10);
          } else {
            co_await go.Yield();
          }
        }
        ended++;
      });
    }
    world.Run();
    CHECK(ended == 20);
    CHECK(crowd.most <= most);
  }
}

TEST_CASE("others run while a group is full") {
  World world(2);
  auto group = MakeRef<IslandGroup>(world.scheduler(), 1);
  std::atomic<bool> ran{false};
  for (int i = 0; i < 2; i++) {
    world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine& go) -> Body {
      while (!ran) co_await go.Yield();
    });
  }
  world.Go([&](FakeGoroutine&) -> Body {
    ran = true;
    co_return;
  });
  world.Run();
}

TEST_CASE("one that computes makes way for those of its group that wait, also where workers are idle") {
  World world(4);
  auto group = MakeRef<IslandGroup>(world.scheduler(), 1);
  std::atomic<bool> ran{false};
  world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine& go) -> Body {
    while (!ran) {
      if (go.MustMakeWay()) co_await go.Preempted();
    }
  });
  world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine&) -> Body {
    ran = true;
    co_return;
  });
  world.Run();
}

TEST_CASE("a goroutine that blocks in place leaves its group meanwhile") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto group = MakeRef<IslandGroup>(world.scheduler(), 1);
    Gate gate;
    Crowd crowd;
    for (int i = 0; i < 3; i++) {
      world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine& go) -> Body {
        go.blocks_in_place = true;
        for (int round = 0; round < 20; round++) {
          co_await go.Pause(kMillisecond / 10);
          crowd.Enter();
          Compute();
          crowd.Leave();
        }
        co_await gate.Pass(go);
      });
    }
    world.GoOn(MakeRef<FakeIsland>(&world, group), [&](FakeGoroutine& go) -> Body {
      while (gate.waiting() < 3) co_await go.Yield();
      gate.Open();
    });
    world.Run();
    CHECK(crowd.most == 1);
  }
}

// Nobody is taken for stuck, however slow the machine is.
WorldOptions Patient(int workers) {
  WorldOptions options = WithWorkers(workers);
  options.slice_ns = 3600 * kSecond;
  return options;
}

TEST_CASE("a scheduler runs islands with fewer workers, and again with more") {
  World world(Patient(4));
  world.scheduler()->SetWorkers(1);
  CHECK(world.scheduler()->workers() == 1);
  Crowd few;
  Crowd many;
  std::atomic<int> left{8};
  std::atomic<bool> limited{true};
  for (int i = 0; i < 8; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int round = 0; round < 20; round++) {
        few.Enter();
        Compute();
        few.Leave();
        co_await go.Yield();
      }
      if (--left == 0) {
        limited = false;
        world.scheduler()->SetWorkers(100);
      }
      // Until two of them are here at once.
      while (limited || many.most < 2) {
        if (limited) {
          co_await go.Pause(kMillisecond / 10);
          continue;
        }
        many.Enter();
        Compute();
        many.Leave();
        co_await go.Yield();
      }
    });
  }
  world.Run();
  CHECK(few.most == 1);
  CHECK(world.scheduler()->workers() == 4);
}

TEST_CASE("workers that are too many let go when what they run comes to a rest") {
  World world(Patient(2));
  std::atomic<int> begun{0};
  std::atomic<bool> limited{false};
  Crowd crowd;
  for (int i = 0; i < 2; i++) {
    world.Go([&, i](FakeGoroutine& go) -> Body {
      begun++;
      while (begun < 2) {
      }
      if (i == 0) {
        world.scheduler()->SetWorkers(1);
        limited = true;
      }
      while (!limited) {
      }
      co_await go.Pause(kMillisecond);
      for (int round = 0; round < 50; round++) {
        crowd.Enter();
        Compute();
        crowd.Leave();
        co_await go.Yield();
      }
    });
  }
  world.Run();
  CHECK(crowd.most == 1);
}

}  // namespace
}  // namespace sloth::testing

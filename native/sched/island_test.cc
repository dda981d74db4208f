// Islands: burial, pins and errands; the stop of the scheduler.
#include "sched/island.h"

#include <pthread.h>

#include <atomic>
#include <thread>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

TEST_CASE("an island is buried when its last goroutine has ended") {
  World world(2);
  auto island = world.NewIsland();
  for (int i = 0; i < 5; i++) {
    world.GoOn(island, [&, i](FakeGoroutine& go) -> Body {
      co_await go.Pause(i * kMillisecond);
      CHECK(!go.fake_island()->buried());
    });
  }
  world.Run();
  CHECK(Eventually([&] { return island->buried(); }));
}

TEST_CASE("a pinned island is buried when the last pin goes") {
  World world(2);
  auto island = world.NewIsland();
  island->Pin();
  world.GoOn(island, [](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  CHECK(Eventually([&] { return world.scheduler()->active_workers() == 0; }));
  CHECK(!island->buried());
  bool later = false;
  auto run = world.NewRun();
  auto go = world.Make(island, [&](FakeGoroutine&) -> Body {
    later = true;
    co_return;
  }, nullptr, run.get());
  world.scheduler()->Start(go.get(), nullptr);
  run->WaitForEnd();
  CHECK(later);
  CHECK(!island->buried());
  island->Unpin();
  CHECK(Eventually([&] { return island->buried(); }));
}

TEST_CASE("pins that come and go while goroutines end lead to one burial") {
  World world(4);
  for (int round = 0; round < 500; round++) {
    auto island = world.NewIsland();
    island->Pin();
    auto run = world.NewRun();
    auto go = world.Make(island, [](FakeGoroutine&) -> Body { co_return; }, nullptr, run.get());
    world.scheduler()->Start(go.get(), nullptr);
    island->Unpin();
    run->WaitForEnd();
    CHECK(Eventually([&] { return island->buried(); }));
  }
}

TEST_CASE("a doomed island is buried though it is pinned, once nothing runs in it") {
  World world(2);
  auto resting = world.NewIsland();
  auto running = world.NewIsland();
  std::atomic<bool> go_on{false};
  for (auto& island : {resting, running}) {
    island->doomed = true;
    island->Pin();
  }
  world.GoOn(running, [&](FakeGoroutine& go) -> Body {
    go.island()->RequestBurial();
    while (!go_on) co_await go.Yield();
    CHECK(!go.fake_island()->buried());
  });
  world.Launch();
  resting->RequestBurial();
  resting->RequestBurial();
  CHECK(Eventually([&] { return resting->buried(); }));
  CHECK(!running->buried());
  go_on = true;
  world.Run();
  CHECK(Eventually([&] { return running->buried(); }));
  for (auto& island : {resting, running}) island->Unpin();
}

TEST_CASE("errands run on a resting island, before goroutines, and holding it") {
  World world(2);
  auto island = world.NewIsland();
  island->Pin();
  std::atomic<int> done{0};
  for (int i = 0; i < 10; i++) island->Errand([&] { done++; });
  CHECK(Eventually([&] { return done == 10; }));
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    go.fake_island()->Errand([&] { done++; });
    CHECK(done == 10);
    co_await go.Yield();
    CHECK(done == 11);
    go.fake_island()->Errand([&] { done++; });
    co_await go.Pause(kMillisecond);
    CHECK(done == 12);
  });
  world.Run();
  island->Unpin();
}

TEST_CASE("errands of a buried island are refused") {
  World world(1);
  auto island = world.NewIsland();
  world.GoOn(island, [](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  CHECK(Eventually([&] { return island->buried(); }));
  island->Errand([] { CHECK(false); });
}

TEST_CASE("errands from many threads are all run") {
  World world(2);
  auto island = world.NewIsland();
  island->Pin();
  std::atomic<int> done{0};
  std::atomic<bool> over{false};
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    while (!over) co_await go.Pause(20 * kMicrosecond);
  });
  world.Launch();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; t++) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; i++) island->Errand([&] { done++; });
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(Eventually([&] { return done == 1500; }));
  over = true;
  world.Run();
  island->Unpin();
}

TEST_CASE("an island knows whether a sibling is ready") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(!go.island()->has_other_ready());
    go.SpawnHome([](FakeGoroutine&) -> Body { co_return; });
    CHECK(go.island()->has_other_ready());
    co_return;
  });
  world.Run();
}

TEST_CASE("a scheduler that never ran anything stops") {
  for (int workers : {1, 4}) World world(workers);
}

TEST_CASE("stopping buries what nothing pins, though it was just let go") {
  for (int round = 0; round < 100; round++) {
    World world(2);
    std::vector<Ref<FakeIsland>> islands;
    for (int i = 0; i < 8; i++) {
      islands.push_back(world.NewIsland());
      islands.back()->Pin();
      world.GoOn(islands.back(), [](FakeGoroutine&) -> Body { co_return; });
    }
    world.Run();
    for (auto& island : islands) island->Unpin();
    CHECK(world.scheduler()->Stop(world.clock()->Now() + 20 * kSecond) == 0);
    for (auto& island : islands) CHECK(island->buried());
    islands.clear();
    world.Stopped();
  }
}

TEST_CASE("stopping waits until its deadline and leaves behind who is stuck") {
  static std::atomic<bool> go_on;
  static std::atomic<bool> gone;
  go_on = gone = false;
  {
    World world(2);
    auto stuck = world.Go([](FakeGoroutine& go) -> Body {
      while (!go_on) continue;
      co_await go.Pause(kForever);
      gone = true;
    });
    world.Go([](FakeGoroutine&) -> Body { co_return; });
    world.Launch();
    CHECK(Eventually([&] { return stuck->resumed == 1; }));
    world.run()->CancelAll(CancelKind::kCancelled, "closing");
    int64_t begin = world.clock()->Now();
    CHECK(world.Stop(30 * kMillisecond) == 1);
    CHECK(world.clock()->Now() - begin >= 30 * kMillisecond);
  }
  go_on = true;  // it comes back to a scheduler that was left alive, and harms nobody
  timespec pause{0, 20 * 1000 * 1000};
  nanosleep(&pause, nullptr);
  CHECK(!gone);
}

TEST_CASE("stopping leaves behind who is blocked in place") {
  static Gate never;
  World world(1);
  world.Go([](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    co_await never.Pass(go, 3600 * kSecond);
  });
  world.Launch();
  CHECK(Eventually([&] { return never.waiting() == 1 && world.scheduler()->active_workers() == 0; }));
  CHECK(world.Stop(10 * kMillisecond) == 1);
}

}  // namespace
}  // namespace sloth::testing

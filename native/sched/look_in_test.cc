// Taking islands that rest, and looking at those that wait, from threads that run none of them.
#include <thread>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

TEST_CASE("an island that rests can be taken; what is woken meanwhile runs when it is let go") {
  World world(2);
  std::atomic<bool> parked{false};
  Ref<FakeGoroutine> sleeper = world.Go([&](FakeGoroutine& go) -> Body {
    parked = true;
    co_await go.Pause(50 * kMillisecond);
  });
  Ref<Island> island(sleeper->island());
  world.Launch();
  while (!parked) std::this_thread::yield();
  while (!island->TryHold()) {
    if (sleeper->settled()) break;
    std::this_thread::yield();
  }
  if (!sleeper->settled()) {
    CHECK_FALSE(island->TryHold());
    CHECK_FALSE(island->WhileResting([] { FAIL("somebody has it"); }));
    timespec pause = {0, 60 * kMillisecond};
    nanosleep(&pause, nullptr);
    CHECK_FALSE(sleeper->settled());
    island->LetGo();
  }
  world.run()->WaitForEnd();
  CHECK(sleeper->settled());
}

TEST_CASE("many looks from outside disturb nobody") {
  World world(2);
  std::atomic<bool> ended{false};
  std::vector<Ref<Island>> islands;
  for (int i = 0; i < 8; i++) {
    Ref<FakeGoroutine> goroutine = world.Go([&](FakeGoroutine& go) -> Body {
      for (int n = 0; n < 200; n++) {
        if (n % 3 == 0) co_await go.Pause(20 * kMicrosecond);
        co_await go.Yield();
      }
    });
    islands.push_back(Ref<Island>(goroutine->island()));
  }
  int looks = 0;
  std::thread looker([&] {
    while (!ended) {
      for (Ref<Island>& island : islands) {
        if (island->TryHold()) {
          static_cast<FakeIsland*>(island.get())->Enter();
          static_cast<FakeIsland*>(island.get())->Leave();
          island->LetGo();
          looks++;
        }
        if (island->WhileResting([&] { looks++; })) std::this_thread::yield();
      }
    }
  });
  world.Run();
  ended = true;
  looker.join();
  CHECK(looks > 0);
}

TEST_CASE("an island that ran in between says so") {
  World world(1);
  Ref<FakeGoroutine> first = world.Go([&](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
  Ref<Island> island(first->island());
  uint64_t before = island->times_run();
  world.Run();
  CHECK(island->times_run() > before);
}

TEST_CASE("a goroutine tells what it waits for, since when, and whether that may last for ever") {
  World world(1);
  Ref<FakeGoroutine> sleeper = world.Go([&](FakeGoroutine& go) -> Body { co_await go.Pause(20 * kMillisecond); });
  Ref<Island> island(sleeper->island());
  world.Launch();
  bool seen = false;
  while (!seen && !sleeper->settled()) {
    bool rests = island->WhileResting([&] {
      if (sleeper->state() != GoState::kParked) return;
      seen = true;
      CHECK_FALSE(sleeper->waits_for_ever());
      CHECK(sleeper->waiting_since() > 0);
    });
    if (!rests) std::this_thread::yield();
  }
  world.run()->WaitForEnd();
}

}  // namespace
}  // namespace sloth::testing

// Goroutines that wait where they cannot yield: their thread blocks, their island goes on.
#include <atomic>

#include "base/random.h"
#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

TEST_CASE("siblings run while a goroutine blocks in place") {
  for (int workers : {1, 2}) {
    WorldOptions options;
    options.workers = workers;
    options.slice_ns = 3600 * kSecond;  // nobody is taken for stuck
    World world(options);
    Gate gate;
    auto island = world.NewIsland();
    world.GoOn(island, [&](FakeGoroutine& go) -> Body {
      go.blocks_in_place = true;
      Waited waited = co_await gate.Pass(go);
      CHECK(waited == Waited::kDone);
      CHECK(go.state() == GoState::kRunning);
      CHECK(world.scheduler()->active_workers() >= 1);
      CHECK(world.scheduler()->active_workers() <= workers);
    });
    world.GoOn(island, [&](FakeGoroutine& go) -> Body {
      while (gate.waiting() == 0) co_await go.Yield();
      gate.Open();
    });
    world.Run();
    CHECK(world.scheduler()->counters().blocked_in_place == 1);
  }
}

TEST_CASE("other islands run while the only worker blocks in place") {
  World world(1);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    co_await gate.Pass(go);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (gate.waiting() == 0) co_await go.Yield();
    gate.Open();
  });
  world.Run();
}

TEST_CASE("a pause in place ends by itself") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    for (int i = 0; i < 3; i++) {
      Waited waited = co_await go.Pause(kMillisecond);
      CHECK(waited == Waited::kTimedOut);
    }
  });
  world.Run();
}

TEST_CASE("several goroutines of one island block in place and are woken in any order") {
  World world(1);
  Gate gates[4];
  std::string order;
  auto island = world.NewIsland();
  for (int i = 0; i < 4; i++) {
    world.GoOn(island, [&, i](FakeGoroutine& go) -> Body {
      go.blocks_in_place = true;
      co_await gates[i].Pass(go);
      order += static_cast<char>('0' + i);
      co_await gates[i].Pass(go);
      order += static_cast<char>('a' + i);
    });
  }
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    for (int i : {2, 0, 3, 1}) {
      while (gates[i].waiting() == 0) co_await go.Yield();
      CHECK(gates[i].LetOneThrough());
      co_await go.Pause(2 * kMillisecond);
    }
    for (Gate& gate : gates) {
      gate.Open();
      co_await go.Pause(2 * kMillisecond);
    }
  });
  world.Run();
  CHECK(order == "2031abcd");
}

// A gate that is opened when the waiter is registered, before it blocks.
class OpenedAtOnce final : public Operation<OpenedAtOnce, Waited> {
 public:
  OpenedAtOnce(FakeGoroutine& go, Gate* gate) : Operation(go), gate_(gate), passing_(gate->Pass(go)) {}
  Waited Start() {
    Waited waited = passing_.Start();
    gate_->Open();
    return waited;
  }
  Waited Finish() { return passing_.Finish(); }

 private:
  Gate* const gate_;
  Gate::Passing passing_;
};

TEST_CASE("a goroutine woken before it blocks does not block") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    for (int i = 0; i < 100; i++) {
      Gate gate;
      Waited waited = co_await OpenedAtOnce(go, &gate);
      CHECK(waited == Waited::kDone);
    }
    go.blocks_in_place = false;
    Gate gate;
    Waited waited = co_await OpenedAtOnce(go, &gate);
    CHECK(waited == Waited::kDone);
  });
  world.Run();
  CHECK(world.scheduler()->counters().blocked_in_place == 0);
}

TEST_CASE("only so many calls block in place at a time") {
  WorldOptions options;
  options.workers = 1;
  options.spare_workers = 3;
  World world(options);
  Gate gate;
  for (int i = 0; i < 3; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      go.blocks_in_place = true;
      co_await gate.Pass(go);
    });
  }
  world.Go([&](FakeGoroutine& go) -> Body {
    while (gate.waiting() < 3) co_await go.Yield();
    CHECK(!world.scheduler()->ReserveInPlace());
    gate.Open();
    while (!world.scheduler()->ReserveInPlace()) co_await go.Yield();
    world.scheduler()->ReleaseInPlace();
  });
  world.Run();
}

TEST_CASE("a goroutine that blocks in place can be cancelled") {
  World world(1);
  Gate gate;
  auto blocked = world.Go([&](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    Waited waited = co_await gate.Pass(go);
    CHECK(waited == Waited::kCancelled);
  });
  world.Go([&, blocked](FakeGoroutine& go) -> Body {
    while (gate.waiting() == 0) co_await go.Yield();
    blocked->Cancel(CancelKind::kCancelled, "enough");
  });
  world.Run();
  CHECK(blocked->outcome().kind == OutcomeKind::kCancelled);
}

TEST_CASE("a preempted sibling goes on before a goroutine that blocked in place") {
  World world(1);
  Gate gate;
  std::atomic<bool> loop_over{false};
  auto island = world.NewIsland();
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    go.blocks_in_place = true;
    co_await gate.Pass(go);
    CHECK(loop_over);
  });
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    gate.Open();
    int slices = 0;
    while (slices < 3) {
      if (go.MustMakeWay()) {
        co_await go.Preempted();
        slices++;
      }
    }
    loop_over = true;
  });
  for (int i = 0; i < 2; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      while (!loop_over) co_await go.Yield();
    });
  }
  world.Run();
}

TEST_CASE("goroutines that block in place, yield, park and loop share their islands and workers") {
  for (int workers : {1, 2, 4}) {
    WorldOptions options;
    options.workers = workers;
    options.slice_ns = 2 * kMillisecond;
    World world(options);
    constexpr int kGoroutines = 48;
    Gate gates[8];
    std::atomic<int> working{kGoroutines};
    Ref<FakeIsland> islands[6];
    for (auto& island : islands) island = world.NewIsland();
    for (int i = 0; i < kGoroutines; i++) {
      world.GoOn(islands[i % 6], [&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i * 31 + workers));
        for (int round = 0; round < 60; round++) {
          go.blocks_in_place = random.Below(2) == 0;
          switch (random.Below(4)) {
            case 0: co_await gates[random.Below(8)].Pass(go, kMillisecond * random.Below(4)); break;
            case 1: co_await go.Pause(random.Below(300) * kMicrosecond); break;
            case 2: co_await go.Yield(); break;
            default: gates[random.Below(8)].LetOneThrough();
          }
        }
        working--;
      });
    }
    world.Go([&](FakeGoroutine& go) -> Body {
      while (working > 0) {
        if (go.MustMakeWay()) co_await go.Preempted();
      }
    });
    for (auto& island : islands) island = nullptr;
    world.Run();
    CHECK(world.run()->deadlocked() == false);
  }
}

TEST_CASE("a worker that is stuck hands its place on when it blocks in place") {
  World world(1);
  Gate gate;
  std::atomic<bool> replaced{false};
  auto island = world.NewIsland();
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    while (!replaced) continue;
    go.blocks_in_place = true;
    co_await gate.Pass(go);
    for (int i = 0; i < 5; i++) co_await go.Pause(kMillisecond);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    replaced = true;
    while (gate.waiting() == 0) co_await go.Yield();
    gate.Open();
    for (int i = 0; i < 20; i++) co_await go.Yield();
  });
  world.Run();
}

}  // namespace
}  // namespace sloth::testing

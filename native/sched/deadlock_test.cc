// A deadlock is declared when everything is blocked for ever, and never otherwise.
#include <atomic>

#include "base/random.h"
#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

bool EndedByDeadlock(const Ref<FakeGoroutine>& go) {
  return go->outcome().kind == OutcomeKind::kCancelled && go->cancel_kind() == CancelKind::kDeadlock;
}

TEST_CASE("goroutines that all wait for ever are a deadlock") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Gate never;
    Ref<FakeGoroutine> all[8];
    for (int i = 0; i < 8; i++) {
      all[i] = world.Go([&, i](FakeGoroutine& go) -> Body {
        if (i % 2) co_await go.Pause(kMillisecond);
        go.blocks_in_place = i % 4 == 3;
        co_await never.Pass(go);
      });
    }
    world.Run();
    CHECK(world.run()->deadlocked());
    for (auto& go : all) CHECK(EndedByDeadlock(go));
  }
}

TEST_CASE("a daemon that could go on keeps others from a deadlock, one that is blocked does not") {
  for (bool blocked : {false, true}) {
    World world(2);
    Gate gate, never;
    auto waiting = world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
    auto daemon = world.GoDaemon([&](FakeGoroutine& go) -> Body {
      if (blocked) co_await never.Pass(go);
      co_await go.Pause(5 * kMillisecond);
      gate.Open();
    });
    world.Run();
    CHECK(world.run()->deadlocked() == blocked);
    CHECK(EndedByDeadlock(waiting) == blocked);
  }
}

TEST_CASE("goroutines of one island that all wait for ever are a deadlock") {
  World world(1);
  Gate never;
  auto island = world.NewIsland();
  for (int i = 0; i < 4; i++) {
    world.GoOn(island, [&, i](FakeGoroutine& go) -> Body {
      go.blocks_in_place = i == 0;
      co_await never.Pass(go);
    });
  }
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("an endless pause is a deadlock") {
  World world(1);
  world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(kForever); });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("the last goroutine that could wake the others ends: that is a deadlock") {
  World world(2);
  Gate never;
  auto blocked = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  auto last = world.Go([&](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
  world.Run();
  CHECK(EndedByDeadlock(blocked));
  CHECK(last->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("it is no deadlock while a timer will wake somebody") {
  World world(2);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await go.Pause(20 * kMillisecond);
    gate.Open();
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("it is no deadlock while a goroutine has a deadline") {
  World world(2);
  Gate gate, never;
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body {
    Waited waited = co_await gate.Pass(go);
    CHECK(waited == Waited::kDone);
  });
  auto limited = world.Go([&](FakeGoroutine& go) -> Body {
    co_await never.Pass(go);
    gate.Open();
  });
  limited->StartDeadline(kSecond / 2);  // long enough to begin first, also on a busy machine
  world.Run();
  CHECK(!world.run()->deadlocked());
  CHECK(limited->cancel_kind() == CancelKind::kTimeout);
}

TEST_CASE("it is a deadlock once the goroutine with the deadline has ended in time") {
  World world(2);
  Gate never;
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  auto limited = world.Go([&](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
  limited->StartDeadline(3600 * kSecond);
  world.Run();
  CHECK(EndedByDeadlock(waiter));
}

TEST_CASE("it is a deadlock once the goroutine with the deadline has been cancelled and ended") {
  World world(2);
  Gate never;
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  auto limited = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  limited->StartDeadline(kMillisecond);
  world.Run();
  CHECK(limited->cancel_kind() == CancelKind::kTimeout);
  CHECK(EndedByDeadlock(waiter));
}

TEST_CASE("it is no deadlock while a cleanup handler waits for its grace to end") {
  WorldOptions options;
  options.grace_ns = 10 * kMillisecond;
  World world(options);
  Gate gate, never;
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body {
    Waited waited = co_await gate.Pass(go);
    CHECK(waited == Waited::kDone);
  });
  auto handler = world.Go([&](FakeGoroutine& go) -> Body {
    co_await never.Pass(go);
    go.masked = true;
    co_await never.Pass(go);
    gate.Open();
  });
  handler->starts_cancelled = true;
  handler->Cancel(CancelKind::kCancelled, "");
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("it is no deadlock while somebody outside can wake one") {
  World world(1);
  Gate gate;
  auto outside = std::make_unique<DeadlockDomain::Hold>(world.domain());
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  world.Launch();
  CHECK(Eventually([&] { return waiter->state() == GoState::kParked; }));
  CHECK(!world.run()->deadlocked());
  SUBCASE("who does") { gate.Open(); }
  SUBCASE("and it is one when they have gone") {}
  outside = nullptr;
  world.Run();
  CHECK(world.run()->deadlocked() == !(waiter->outcome().kind == OutcomeKind::kDone));
}

TEST_CASE("cancelling from outside is no deadlock") {
  for (int round = 0; round < 200; round++) {
    World world(2);
    Gate gate;
    for (int i = 0; i < 3; i++) {
      world.Go([&](FakeGoroutine& go) -> Body {
        while (!go.cancelled()) co_await go.Yield();
        co_await gate.Pass(go);
      });
    }
    world.Launch();
    world.run()->CancelAll(CancelKind::kCancelled, "enough");
    world.Run();
    CHECK(!world.run()->deadlocked());
  }
}

TEST_CASE("two runs of one domain are a deadlock only when both are blocked") {
  World world(2);
  Gate gate, never;
  auto first = world.NewRun();
  auto second = world.NewRun();
  auto waiter = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body {
    Waited waited = co_await gate.Pass(go);
    CHECK(waited == Waited::kDone);
    co_await never.Pass(go);
  }, nullptr, first.get());
  auto waker = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body {
    while (gate.waiting() == 0) co_await go.Yield();
    co_await go.Pause(kMillisecond);
    gate.Open();
    co_await never.Pass(go);
  }, nullptr, second.get());
  {
    DeadlockDomain::Hold hold(world.domain());
    world.scheduler()->Start(waiter.get(), nullptr);
    world.scheduler()->Start(waker.get(), nullptr);
  }
  first->WaitForEnd();
  second->WaitForEnd();
  CHECK(EndedByDeadlock(waiter));
  CHECK(EndedByDeadlock(waker));
}

TEST_CASE("runs of different domains are a deadlock by themselves") {
  World world(2);
  Gate gate, never;
  auto domain = MakeRef<DeadlockDomain>();
  auto other = world.NewRun({}, domain);
  auto stuck = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body {
    co_await never.Pass(go);
    gate.Open();
  }, nullptr, other.get());
  std::unique_ptr<DeadlockDomain::Hold> hold(new DeadlockDomain::Hold(world.domain()));
  world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  world.scheduler()->Start(stuck.get(), nullptr);
  world.Run();
  other->WaitForEnd();
  CHECK(EndedByDeadlock(stuck));
  CHECK(!world.run()->deadlocked());
  hold = nullptr;
}

TEST_CASE("a run that is just being started is not taken for blocked when another one ends") {
  World world(4);
  auto domain = MakeRef<DeadlockDomain>();
  std::atomic<bool> over{false};
  std::atomic<int> ended{0};
  world.Go([&](FakeGoroutine& go) -> Body {  // starts and ends runs in the same domain all the time
    while (!over) {
      auto run = world.NewRun({}, domain);
      auto brief = world.Make(world.NewIsland(), [&](FakeGoroutine&) -> Body {
        ended++;
        co_return;
      }, nullptr, run.get());
      world.scheduler()->Start(brief.get(), nullptr);
      while (!run->ended()) co_await go.Yield();
    }
  });
  world.Launch();
  for (int i = 0; i < 3000; i++) {
    auto run = world.NewRun({}, domain);
    auto go = world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; }, nullptr, run.get());
    world.scheduler()->Start(go.get(), nullptr);
    run->WaitForEnd();
    CHECK(!run->deadlocked());
    CHECK(go->outcome().kind == OutcomeKind::kDone);
  }
  over = true;
  world.Run();
}

TEST_CASE("cleanup handlers after a deadlock still have their grace") {
  WorldOptions options;
  options.grace_ns = 300 * kMillisecond;
  World world(options);
  Gate never;
  for (int i = 0; i < 3; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await never.Pass(go);
      go.masked = true;
      Waited waited = co_await go.Pause(kMillisecond);
      CHECK(waited == Waited::kTimedOut);
      waited = co_await never.Pass(go);
      CHECK(waited == Waited::kCancelled);
    });
  }
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("programs whose goroutines always wake each other are never a deadlock") {
  int rounds = std::getenv("SLOTH_STRESS") ? 500 : 25;
  for (int round = 0; round < rounds; round++) {
    for (int workers : {1, 2, 4}) {
      World world(workers);
      constexpr int kRing = 6;
      Gate gates[kRing];
      std::atomic<int> steps{0};
      for (int i = 0; i < kRing; i++) {
        // A token goes round the ring; all but its owner wait for ever, many ways.
        world.Go([&, i](FakeGoroutine& go) -> Body {
          Random random(static_cast<uint64_t>(round * 64 + workers * 8 + i));
          for (int turn = 0; turn < 20; turn++) {
            go.blocks_in_place = random.Below(4) == 0;
            if (i > 0 || turn > 0) {
              Waited waited = co_await gates[i].Pass(go);
              CHECK(waited == Waited::kDone);
            }
            CHECK(steps++ == turn * kRing + i);
            switch (random.Below(5)) {
              case 0: co_await go.Pause(random.Below(30) * kMicrosecond); break;
              case 1: co_await go.Yield(); break;
              case 2: go.Spawn([](FakeGoroutine&) -> Body { co_return; }); break;
            }
            bool last = turn == 19 && i == kRing - 1;
            while (!last && !gates[(i + 1) % kRing].LetOneThrough()) co_await go.Yield();
          }
        });
      }
      world.Run();
      CHECK(!world.run()->deadlocked());
      CHECK(steps == 20 * kRing);
    }
  }
}

}  // namespace
}  // namespace sloth::testing

// Cancelling: who is asked to end, what that does to waits, and what the grace allows.
#include <atomic>

#include "base/random.h"
#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 5 * kMillisecond;

TEST_CASE("a goroutine cancelled before it starts never runs") {
  World world(1);
  bool ran = false;
  auto go = world.Go([&](FakeGoroutine&) -> Body {
    ran = true;
    co_return;
  });
  go->Cancel(CancelKind::kCancelled, "early");
  world.Run();
  CHECK(!ran);
  CHECK(go->outcome().kind == OutcomeKind::kCancelled);
}

TEST_CASE("the first cancellation wins") {
  World world(1);
  auto go = world.Go([](FakeGoroutine&) -> Body { co_return; });
  go->Cancel(CancelKind::kTimeout, "first");
  go->Cancel(CancelKind::kCancelled, "second");
  CHECK(go->cancel_kind() == CancelKind::kTimeout);
  CHECK(go->cancel_reason() == "first");
  world.Run();
}

TEST_CASE("a cancelled wait ends, and so does every later one at once") {
  World world(2);
  Gate gate;
  auto waiter = world.Go([&](FakeGoroutine& go) -> Body {
    Waited first = co_await gate.Pass(go);
    CHECK(first == Waited::kCancelled);
    CHECK(std::string(go.cancelled_wait()) == "gate");
    Waited second = co_await gate.Pass(go);
    CHECK(second == Waited::kCancelled);
    Waited third = co_await go.Pause(kForever);
    CHECK(third == Waited::kCancelled);
    CHECK(std::string(go.cancelled_wait()) == "pause");
  });
  world.Go([&, waiter](FakeGoroutine& go) -> Body {
    while (gate.waiting() == 0) co_await go.Yield();
    waiter->Cancel(CancelKind::kCancelled, "enough");
  });
  world.Run();
  CHECK(waiter->outcome().kind == OutcomeKind::kCancelled);
}

TEST_CASE("cancelling a goroutine that has ended changes nothing") {
  World world(1);
  auto go = world.Go([](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  go->Cancel(CancelKind::kCancelled, "late");
  CHECK(!go->cancelled());
  CHECK(go->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("a cancellation reaches children, their children, and those whose parent has ended") {
  World world(2);
  Gate gate, parent_gate, never;
  std::atomic<int> cancelled{0};
  auto wait = [&](FakeGoroutine& go) -> Body {
    Waited waited = co_await never.Pass(go);
    cancelled += waited == Waited::kCancelled;
  };
  auto parent = world.Go([&](FakeGoroutine& go) -> Body {
    go.Spawn([&](FakeGoroutine& child) -> Body {
      child.Spawn(wait);
      child.SpawnHome(wait);
      co_return;
    });
    go.SpawnHome(wait);
    Waited waited = co_await parent_gate.Pass(go);
    CHECK(waited == Waited::kCancelled);
  });
  auto stranger = world.Go([&](FakeGoroutine& go) -> Body {
    Waited waited = co_await gate.Pass(go);
    CHECK(waited == Waited::kDone);
  });
  world.Go([&, parent](FakeGoroutine& go) -> Body {
    while (never.waiting() < 3 || parent_gate.waiting() == 0) co_await go.Yield();
    parent->Cancel(CancelKind::kCancelled, "all of you");
    gate.Open();
  });
  world.Run();
  CHECK(cancelled == 3);
  CHECK(stranger->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("what a cancelled goroutine starts is cancelled at once, but not in its cleanup handlers") {
  World world(1);
  bool early_ran = false;
  bool late_ran = false;
  auto go = world.Go([&](FakeGoroutine& self) -> Body {
    self.Spawn([&](FakeGoroutine&) -> Body {
      early_ran = true;
      co_return;
    });
    self.masked = true;
    self.Spawn([&](FakeGoroutine&) -> Body {
      late_ran = true;
      co_return;
    });
    co_return;
  });
  go->starts_cancelled = true;
  go->Cancel(CancelKind::kCancelled, "");
  world.Run();
  CHECK(!early_ran);
  CHECK(late_ran);
}

TEST_CASE("cleanup handlers may wait until the grace is over") {
  WorldOptions options;
  options.grace_ns = 300 * kMillisecond;
  World world(options);
  Gate gate;
  auto go = world.Go([&](FakeGoroutine& self) -> Body {
    Waited waited = co_await gate.Pass(self);
    CHECK(waited == Waited::kCancelled);
    self.masked = true;
    waited = co_await self.Pause(kMillisecond);
    CHECK(waited == Waited::kTimedOut);
    // The end of the grace is not a timeout, however long the timeout, and whether there is one.
    waited = co_await gate.Pass(self);
    CHECK(waited == Waited::kCancelled);
    CHECK(self.grace_over());
    waited = co_await gate.Pass(self, 3600 * kSecond);
    CHECK(waited == Waited::kCancelled);
    waited = co_await self.Pause(0);
    CHECK(waited == Waited::kCancelled);
  });
  world.Go([&](FakeGoroutine& self) -> Body {
    while (gate.waiting() == 0) co_await self.Yield();
    go->Cancel(CancelKind::kCancelled, "");
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("a wait of a cleanup handler that was begun before the cancellation has the grace, too") {
  WorldOptions options;
  options.grace_ns = 100 * kMillisecond;
  World world(options);
  Gate gate, never;
  auto go = world.Go([&](FakeGoroutine& self) -> Body {
    self.masked = true;  // it ends by itself
    Waited waited = co_await gate.Pass(self);
    CHECK(waited == Waited::kDone);
    CHECK(self.cancelled());
    waited = co_await self.Pause(0);
    CHECK(waited == Waited::kTimedOut);
  });
  auto blocked = world.Go([&](FakeGoroutine& self) -> Body {
    self.masked = true;
    Waited waited = co_await never.Pass(self);
    CHECK(waited == Waited::kCancelled);
    CHECK(self.grace_over());
  });
  world.Go([&](FakeGoroutine& self) -> Body {
    while (gate.waiting() == 0 || never.waiting() == 0) co_await self.Yield();
    go->Cancel(CancelKind::kCancelled, "");
    blocked->Cancel(CancelKind::kCancelled, "");
    co_await self.Pause(10 * kMillisecond);
    gate.Open();
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("a deadlock ends the waits of cleanup handlers at once") {
  WorldOptions options;
  options.grace_ns = 3600 * kSecond;
  World world(options);
  Gate never;
  world.Go([&](FakeGoroutine& self) -> Body {
    self.masked = true;
    Waited waited = co_await never.Pass(self);
    CHECK(waited == Waited::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("a cleanup handler can be woken within the grace") {
  WorldOptions options;
  options.grace_ns = 3600 * kSecond;
  World world(options);
  Gate never, gate;
  auto go = world.Go([&](FakeGoroutine& self) -> Body {
    co_await never.Pass(self);
    self.masked = true;
    Waited waited = co_await gate.Pass(self);
    CHECK(waited == Waited::kDone);
  });
  world.Go([&, go](FakeGoroutine& self) -> Body {
    while (never.waiting() == 0) co_await self.Yield();
    go->Cancel(CancelKind::kCancelled, "");
    while (gate.waiting() == 0) co_await self.Yield();
    gate.Open();
  });
  world.Run();
}

TEST_CASE("a cancellation disturbs no wait of the cleanup handlers that it has started") {
  WorldOptions options;
  options.workers = 4;
  options.grace_ns = 3600 * kSecond;
  World world(options);
  for (int round = 0; round < 300; round++) {
    auto run = world.NewRun();
    std::atomic<bool> ready{false};
    auto go = world.Make(world.NewIsland(), [&](FakeGoroutine& self) -> Body {
      ready = true;
      while (!self.cancelled()) continue;
      co_await self.Pause(kForever);
      self.masked = true;
      for (int i = 0; i < 20; i++) {
        Waited waited = co_await self.Pause(0);
        CHECK(waited == Waited::kTimedOut);
      }
    }, nullptr, run.get());
    world.scheduler()->Start(go.get(), nullptr);
    while (!ready) continue;
    go->Cancel(CancelKind::kCancelled, "");
    run->WaitForEnd();
  }
}

TEST_CASE("a goroutine past its deadline is cancelled as timed out") {
  World world(1);
  Gate gate;
  auto go = world.Go([&](FakeGoroutine& self) -> Body {
    Waited waited = co_await gate.Pass(self);
    CHECK(waited == Waited::kCancelled);
  });
  go->StartDeadline(kShort);
  world.Run();
  CHECK(go->cancel_kind() == CancelKind::kTimeout);
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("a deadline of a goroutine that ends in time does nothing") {
  World world(1);
  auto go = world.Go([&](FakeGoroutine& self) -> Body { co_await self.Pause(kMillisecond); });
  go->StartDeadline(3600 * kSecond);
  world.Go([](FakeGoroutine& self) -> Body { co_await self.Pause(kShort); });
  world.Run();
  CHECK(!go->cancelled());
  CHECK(world.scheduler()->timers()->NextDeadline() == kForever);
}

TEST_CASE("a goroutine with a deadline may be forgotten before it starts") {
  World world(1);
  {
    auto go = world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; });
    go->StartDeadline(3600 * kSecond);
  }
  CHECK(world.scheduler()->timers()->NextDeadline() == kForever);
  for (int i = 0; i < 200; i++) {
    auto go = world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; });
    go->StartDeadline(i % 10 * 10 * kMicrosecond);  // fires while the last reference goes
  }
  CHECK(Eventually([&] { return world.scheduler()->timers()->NextDeadline() == kForever; }));
}

TEST_CASE("wakers, timeouts and cancellations race for a wait, and exactly one wins") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    constexpr int kWaiters = 16;
    Gate gate;
    std::atomic<int> ended{0}, done{0}, timed_out{0}, cancelled{0}, let_through{0};
    for (int i = 0; i < kWaiters; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 100; round++) {
          auto child = go.Spawn([&](FakeGoroutine& self) -> Body {
            Waited waited = co_await gate.Pass(self, 20 * kMicrosecond);
            if (waited == Waited::kDone) done++;
            if (waited == Waited::kTimedOut) timed_out++;
            if (waited == Waited::kCancelled) cancelled++;
            ended++;
          });
          if (random.Below(3) == 0) co_await go.Yield();
          if (random.Below(2) == 0) co_await go.Pause(random.Below(40) * kMicrosecond);
          if (random.Below(2) == 0) let_through += gate.LetOneThrough();
          else child->Cancel(CancelKind::kCancelled, "");
        }
      });
    }
    world.Run();
    CHECK(ended == done + timed_out + cancelled);
    CHECK(done == let_through);
  }
}

}  // namespace
}  // namespace sloth::testing

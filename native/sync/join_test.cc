// Joining and sleeping.
#include "sync/join.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

TEST_CASE("a goroutine that has ended is joined at once, any number of times") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    auto child = go.Spawn([](FakeGoroutine& self) -> Body {
      self.Fail("broken");
      co_return;
    });
    for (int i = 0; i < 3; i++) {
      Progress progress = co_await Joining(go, child.get());
      CHECK(progress == Progress::kDone);
      CHECK(child->outcome().failure->message == "broken");
    }
  });
  world.Run();
  CHECK(world.run()->uncaught() == 0);
}

TEST_CASE("many join one goroutine") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto target = world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(kShort); });
    std::atomic<int> joined{0};
    for (int i = 0; i < 20; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        Progress progress = co_await Joining(go, target.get());
        CHECK(progress == Progress::kDone);
        CHECK(target->settled());
        joined++;
      });
    }
    world.Run();
    CHECK(joined == 20);
  }
}

TEST_CASE("joining can time out and be cancelled, and the goroutine goes on") {
  World world(1);
  Gate gate;
  std::atomic<bool> timed_out{false};
  auto target = world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  auto joiner = world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await Joining(go, target.get(), kShort);
    CHECK(progress == Progress::kTimedOut);
    timed_out = true;
    progress = co_await Joining(go, target.get());
    CHECK(progress == Progress::kCancelled);
    gate.Open();
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!timed_out) co_await go.Yield();
    joiner->Cancel(CancelKind::kCancelled, "");
  });
  world.Run();
  CHECK(target->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("goroutines that join themselves or each other are a deadlock") {
  World world(2);
  Ref<FakeGoroutine> a, b, c;
  a = world.Go([&](FakeGoroutine& go) -> Body { co_await Joining(go, b.get()); });
  b = world.Go([&](FakeGoroutine& go) -> Body { co_await Joining(go, a.get()); });
  c = world.Go([&](FakeGoroutine& go) -> Body { co_await Joining(go, &go); });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("ends, timeouts and cancellations race for joins") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 150; round++) {
          auto target = go.Spawn([pause = random.Below(3)](FakeGoroutine& self) -> Body {
            if (pause == 1) co_await self.Yield();
            if (pause == 2) co_await self.Pause(10 * kMicrosecond);
          });
          int64_t timeout = random.Below(2) ? random.Below(30) * kMicrosecond : kForever;
          auto joiner = go.Spawn([=](FakeGoroutine& self) -> Body {
            Progress progress = co_await Joining(self, target.get(), timeout);
            CHECK((progress == Progress::kDone || self.cancelled() || timeout != kForever));
            if (progress == Progress::kDone) CHECK(target->settled());
          });
          if (random.Below(2)) co_await go.Yield();
          joiner->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, joiner.get());
        }
      });
    }
    world.Run();
    CHECK(!world.run()->deadlocked());
  }
}

TEST_CASE("a long chain of outcomes is let go of without a deep stack") {
  World world(1);
  Ref<FakeGoroutine> last;
  for (int i = 0; i < 30000; i++) {
    auto run = world.NewRun();
    auto go = world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; }, nullptr, run.get());
    go->ending.kind = OutcomeKind::kDone;
    if (last) go->ending.results = Value::OfHandle(std::move(last));
    world.scheduler()->Enroll(go.get(), nullptr);
    go->Settle();
    last = std::move(go);
  }
}

TEST_CASE("sleeping ends in time, at once for zero, and by cancellation") {
  World world(1);
  std::atomic<bool> sleeps_long{false};
  auto sleeper = world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await Sleeping(go, kShort);
    CHECK(progress == Progress::kDone);
    progress = co_await Sleeping(go, 0);
    CHECK(progress == Progress::kDone);
    sleeps_long = true;
    progress = co_await Sleeping(go, 3600 * kSecond);
    CHECK(progress == Progress::kCancelled);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!sleeps_long) co_await Sleeping(go, kShort);
    sleeper->Cancel(CancelKind::kCancelled, "");
  });
  world.Run();
}

}  // namespace
}  // namespace sloth::testing

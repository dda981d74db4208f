// Channels that a timer feeds.
#include "sync/channel_feed.h"

#include <bit>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

// A clock that stands still until it is set.
class SetClock final : public Clock {
 public:
  int64_t Now() override { return now.load(); }
  std::atomic<int64_t> now{0};
};

Ref<Channel> After(World& world, int64_t duration) {
  return MakeRef<Channel>(world.scheduler(), FeedSchedule{world.clock()->Now() + duration, kForever, kMillisecond});
}

Ref<Channel> Ticker(World& world, int64_t period) {
  return MakeRef<Channel>(world.scheduler(), FeedSchedule{world.clock()->Now() + period, period, kMillisecond});
}

WorldOptions WithClock(Clock* clock) {
  WorldOptions options = WithWorkers(1);
  options.clock = clock;
  return options;
}

TEST_CASE("a ticker whose ticks nobody takes keeps the oldest and counts the others") {
  SetClock clock;
  World world(WithClock(&clock));
  auto ticker = Ticker(world, 10 * kMillisecond);
  Value value;
  CHECK(ticker->TryReceive(&value) == Progress::kWouldBlock);
  clock.now = 35 * kMillisecond;
  CHECK(ticker->length() == 1);
  clock.now = 61 * kMillisecond;
  CHECK(ticker->Statistics().dropped == 5);  // at 20, 30, 40, 50 and 60
  CHECK(ticker->TryReceive(&value) == Progress::kDone);
  CHECK(value.number() == 10.0);
  CHECK(ticker->TryReceive(&value) == Progress::kWouldBlock);
  clock.now = 70 * kMillisecond;  // the beat is kept
  CHECK(ticker->TryReceive(&value) == Progress::kDone);
  CHECK(value.number() == 70.0);
}

TEST_CASE("a timer gives one value, and stopping it takes that back") {
  SetClock clock;
  World world(WithClock(&clock));
  auto taken = After(world, kMillisecond);
  auto stopped = After(world, kMillisecond);
  auto closed = After(world, kMillisecond);
  clock.now = 5 * kMillisecond;
  Value value;
  CHECK(taken->TryReceive(&value) == Progress::kDone);
  CHECK(value.number() == 1.0);
  CHECK(taken->TryReceive(&value) == Progress::kWouldBlock);
  CHECK(!taken->StopFeed());
  CHECK(taken->closed());
  CHECK(stopped->length() == 1);
  CHECK(stopped->StopFeed());
  CHECK(!stopped->StopFeed());
  CHECK(stopped->TryReceive(&value) == Progress::kClosed);
  CHECK(closed->Close());
  CHECK(!closed->Close());
}

TEST_CASE("waiting for a timer is no deadlock, and waiting for a second value of it is one") {
  World world(2);
  world.Go([&](FakeGoroutine& go) -> Body {
    auto timer = After(*go.world(), kShort);
    int64_t bits = 0;
    Progress progress = co_await Receive(go, timer, &bits);
    CHECK(progress == Progress::kDone);
    CHECK(std::bit_cast<double>(bits) > 0);
    CHECK(!go.run()->deadlocked());
    progress = co_await Receive(go, timer, &bits);
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("of two who wait for one value one gets it, and the other one is blocked for ever") {
  World world(2);
  auto timer = After(world, kShort);
  std::atomic<int> got{0}, cancelled{0};
  for (int i = 0; i < 2; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      int64_t bits = 0;
      Progress progress = co_await Receive(go, timer, &bits);
      (progress == Progress::kDone ? got : cancelled)++;
    });
  }
  world.Run();
  CHECK(got == 1);
  CHECK(cancelled == 1);
  CHECK(world.run()->deadlocked());
}

TEST_CASE("a ticker wakes those who wait, one a tick, until it is stopped") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto ticker = Ticker(world, kMillisecond / 2);
    std::atomic<int> ticks{0};
    for (int i = 0; i < 3; i++) {
      world.Go([&](FakeGoroutine& go) -> Body {
        int64_t bits = 0;
        for (;;) {
          Progress progress = co_await Receive(go, ticker, &bits);
          if (progress == Progress::kClosed) co_return;
          CHECK(progress == Progress::kDone);
          if (++ticks == 20) CHECK(ticker->StopFeed());
        }
      });
    }
    world.Run();
    CHECK(ticks >= 20);
    CHECK(!world.run()->deadlocked());
    CHECK(Eventually([&] { return ticker->Unique(); }));  // the watchdog may look at it still
  }
}

TEST_CASE("a wait for a ticker can time out, be cancelled and be one of a select's") {
  World world(2);
  auto ticker = Ticker(world, 3600 * kSecond);
  auto quick = Ticker(world, kShort);
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t bits = 0;
    Progress progress = co_await Receive(go, ticker, &bits, kShort);
    CHECK(progress == Progress::kTimedOut);
    Random random(1);
    for (int i = 0; i < 5; i++) {
      Ref<Select> select = Select::TryMake(2);
      select->AddReceive(ticker);
      select->AddReceive(quick);
      progress = co_await Selecting(go, select, &random);
      CHECK(progress == Progress::kDone);
      CHECK(select->chosen() == 1);
    }
    Ref<FakeGoroutine> waiting = go.Spawn([&](FakeGoroutine& child) -> Body {
      int64_t ignored = 0;
      Progress cancelled = co_await Receive(child, ticker, &ignored);
      CHECK(cancelled == Progress::kCancelled);
    });
    co_await go.Pause(kShort);
    waiting->Cancel(CancelKind::kCancelled, "");
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("a ticker nobody waits for keeps no run alive and no other goroutine from a deadlock") {
  World world(2);
  auto ticker = Ticker(world, kMillisecond);
  auto never = Channel::Make(0);
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    Progress progress = co_await Receive(go, ticker, &number);
    CHECK(progress == Progress::kDone);
    progress = co_await Receive(go, never, &number);
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("goroutines that come and go at a ticker leave its timer consistent") {
  World world(4);
  auto ticker = Ticker(world, 50 * kMicrosecond);
  for (int i = 0; i < 8; i++) {
    world.Go([&, i](FakeGoroutine& go) -> Body {
      Random random(static_cast<uint64_t>(i));
      for (int round = 0; round < 100; round++) {
        int64_t bits = 0;
        Progress progress = co_await Receive(go, ticker, &bits, random.Below(100) * kMicrosecond);
        CHECK((progress == Progress::kDone || progress == Progress::kTimedOut));
      }
    });
  }
  world.Run();
  CHECK(!world.run()->deadlocked());
  CHECK(Eventually([&] { return ticker->Unique(); }));  // the watchdog may look at it still
}

}  // namespace
}  // namespace sloth::testing

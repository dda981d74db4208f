// Broadcasters.
#include "sync/broadcaster.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

// One step of a publication: until all have the value, or until one had to be waited for.
class Publishing final : public Operation<Publishing, Progress> {
 public:
  Publishing(FakeGoroutine& go, Broadcaster::Publication* publication) : Operation(go), publication_(publication) {}
  Progress Start() { return publication_->Advance(&go_, go_.world()->clock()->Now()); }
  Progress Finish() { return publication_->FinishWait(&go_); }

 private:
  Broadcaster::Publication* const publication_;
};

TEST_CASE("subscribers get what is published after they came, until they leave") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    auto broadcaster = MakeRef<Broadcaster>(4, WhenFull::kBlock);
    auto first = broadcaster->Subscribe();
    Progress progress = co_await Publishing(go, broadcaster->Publish(Value::Integer(1), kForever).get());
    CHECK(progress == Progress::kDone);
    auto second = broadcaster->Subscribe();
    CHECK(broadcaster->subscribers() == 2);
    CHECK(broadcaster->Unsubscribe(first.get()));
    CHECK(!broadcaster->Unsubscribe(first.get()));
    auto publication = broadcaster->Publish(Value::Integer(2), kForever);
    progress = co_await Publishing(go, publication.get());
    CHECK(publication->reached() == 1);
    CHECK(first->length() == 1);
    CHECK(first->closed());
    CHECK(second->length() == 1);
    CHECK(broadcaster->Close());
    CHECK(!broadcaster->Close());
    CHECK(second->closed());
    CHECK(broadcaster->Subscribe()->closed());
    CHECK(!broadcaster->Publish(Value::Integer(3), kForever));
  });
  world.Run();
}

TEST_CASE("a full subscriber loses its oldest or its newest value, and nobody waits") {
  for (WhenFull when_full : {WhenFull::kDropOldest, WhenFull::kDropNewest}) {
    World world(1);
    world.Go([&](FakeGoroutine& go) -> Body {
      auto broadcaster = MakeRef<Broadcaster>(2, when_full);
      auto channel = broadcaster->Subscribe();
      int64_t reached = 0;
      for (int i = 1; i <= 5; i++) {
        auto publication = broadcaster->Publish(Value::Integer(i), kForever);
        CHECK(publication->Advance(&go, 0) == Progress::kDone);
        reached += publication->reached();
      }
      int64_t number = 0;
      Progress progress = co_await Receive(go, channel, &number);
      CHECK(progress == Progress::kDone);
      CHECK(number == (when_full == WhenFull::kDropOldest ? 4 : 1));
      CHECK(reached == (when_full == WhenFull::kDropOldest ? 5 : 2));
    });
    world.Run();
  }
}

TEST_CASE("a publisher that waits can time out, be cancelled, and go on when the subscriber leaves or all is closed") {
  World world(2);
  auto broadcaster = MakeRef<Broadcaster>(0, WhenFull::kBlock);
  auto channel = broadcaster->Subscribe();
  std::atomic<bool> timed_out{false}, left{false};
  auto cancelled = world.Go([&](FakeGoroutine& go) -> Body {
    auto publication = broadcaster->Publish(Value::Integer(1), DeadlineAfter(world.clock()->Now(), 2 * kMillisecond));
    Progress progress = co_await Publishing(go, publication.get());
    CHECK(progress == Progress::kTimedOut);
    timed_out = true;
    publication = broadcaster->Publish(Value::Integer(2), kForever);
    progress = co_await Publishing(go, publication.get());
    CHECK(progress == Progress::kCancelled);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!timed_out) co_await go.Yield();
    cancelled->Cancel(CancelKind::kCancelled, "");
    while (!cancelled->settled()) co_await go.Yield();
    left = true;
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!left) co_await go.Yield();
    auto publication = broadcaster->Publish(Value::Integer(3), kForever);
    go.Spawn([&](FakeGoroutine&) -> Body {
      CHECK(broadcaster->Unsubscribe(channel.get()));
      co_return;
    });
    Progress progress = co_await Publishing(go, publication.get());
    CHECK(progress == Progress::kDone);
    CHECK(publication->reached() == 0);
  });
  world.Run();
}

TEST_CASE("several publish to several: nothing is lost or doubled") {
  World world(4);
  auto broadcaster = MakeRef<Broadcaster>(2, WhenFull::kBlock);
  std::atomic<int> publishing{4};
  std::atomic<int64_t> sum{0}, count{0};
  for (int i = 0; i < 3; i++) {
    auto channel = broadcaster->Subscribe();
    world.Go([&, channel](FakeGoroutine& go) -> Body {
      int64_t number = 0;
      for (;;) {
        Progress progress = co_await Receive(go, channel, &number);
        if (progress != Progress::kDone) break;
        sum += number;
        count++;
      }
    });
  }
  for (int i = 0; i < 4; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int64_t k = 1; k <= 200; k++) {
        auto publication = broadcaster->Publish(Value::Integer(k), kForever);
        Progress progress = co_await Publishing(go, publication.get());
        while (progress == Progress::kDone && publication->reached() < 3) progress = co_await Publishing(go, publication.get());
        CHECK(progress == Progress::kDone);
      }
      if (--publishing == 0) CHECK(broadcaster->Close());
    });
  }
  world.Run();
  CHECK(count == 4 * 3 * 200);
  CHECK(sum == 4 * 3 * 200 * 201 / 2);
}

}  // namespace
}  // namespace sloth::testing

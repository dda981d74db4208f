// Waiting for the first of several.
#include "sync/join_any.h"

#include <atomic>

#include "base/random.h"
#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

class JoiningAny final : public Operation<JoiningAny, Progress> {
 public:
  template <typename... Targets>
  JoiningAny(FakeGoroutine& go, int64_t timeout, Targets*... targets)
      : Operation(go), any_(JoinAny::TryMake(sizeof...(targets))), timeout_(timeout) {
    (any_->Add(targets), ...);
  }
  Progress Start() { return any_->Start(&go_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<JoinAny>()->Finish(&go_); }
  const Ref<JoinAny>& any() const { return any_; }

 private:
  const Ref<JoinAny> any_;
  const int64_t timeout_;
};

TEST_CASE("the first goroutine to end is found") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Gate never;
    auto slow = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go, 3600 * kSecond); });
    auto quick = world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(2 * kMillisecond); });
    for (int i = 0; i < 10; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        JoiningAny joining(go, kForever, slow.get(), quick.get());
        Progress progress = co_await joining;
        CHECK(progress == Progress::kDone);
        CHECK(joining.any()->chosen() == 1);
        CHECK(quick->settled());
        CHECK(!slow->asked());
        if (i == 9) slow->Cancel(CancelKind::kCancelled, "enough");
      });
    }
    world.Run();
  }
}

TEST_CASE("one that has ended already is found at once, and its error is taken over") {
  World world(1);
  auto failed = world.Go([](FakeGoroutine& go) -> Body {
    go.Fail("broken");
    co_return;
  });
  failed->uncaught_rule = UncaughtRule::kReportAtEnd;
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!failed->settled()) co_await go.Yield();
    JoiningAny joining(go, kForever, &go, failed.get(), failed.get());
    Progress progress = co_await joining;
    CHECK(progress == Progress::kDone);
    CHECK(joining.any()->chosen() == 1);
  });
  world.Run();
  CHECK(world.run()->uncaught() == 0);
}

TEST_CASE("waiting for the first of several can time out and be cancelled") {
  World world(2);
  Gate gate;
  std::atomic<bool> timed_out{false};
  auto a = world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  auto b = world.Go([&](FakeGoroutine& go) -> Body { co_await gate.Pass(go); });
  auto waiting = world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await JoiningAny(go, 2 * kMillisecond, a.get(), b.get());
    CHECK(progress == Progress::kTimedOut);
    timed_out = true;
    progress = co_await JoiningAny(go, kForever, a.get(), b.get());
    CHECK(progress == Progress::kCancelled);
    gate.Open();
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (!timed_out) co_await go.Yield();
    waiting->Cancel(CancelKind::kCancelled, "");
  });
  world.Run();
  CHECK(a->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("ends, timeouts and cancellations race for the first of several") {
  World world(4);
  std::atomic<int> ended{0};
  for (int round = 0; round < 300; round++) {
    world.Go([&, round](FakeGoroutine& go) -> Body {
      Ref<FakeGoroutine> targets[3];
      for (int i = 0; i < 3; i++) {
        targets[i] = go.Spawn([=](FakeGoroutine& self) -> Body { co_await self.Pause((round * 7 + i * 5) % 11 * 20 * kMicrosecond); });
      }
      Ref<FakeGoroutine> self(&go);  // its canceller may be the last to look at it
      if (round % 3 == 0) go.Spawn([self](FakeGoroutine&) -> Body { self->Cancel(CancelKind::kCancelled, ""); co_return; });
      JoiningAny joining(go, (round % 5) * 30 * kMicrosecond, targets[0].get(), targets[1].get(), targets[2].get());
      Progress progress = co_await joining;
      if (progress == Progress::kDone) CHECK(targets[joining.any()->chosen()]->settled());
      ended++;
    });
  }
  world.Run();
  CHECK(ended > 0);
}

}  // namespace
}  // namespace sloth::testing

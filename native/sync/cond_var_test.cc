// Condition variables.
#include "sync/cond_var.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

class WaitingFor final : public Operation<WaitingFor, Progress> {
 public:
  WaitingFor(FakeGoroutine& go, const Ref<CondVar>& cond, int64_t timeout = kForever)
      : Operation(go), cond_(cond.get()), timeout_(timeout) {}
  Progress Start() { return cond_->Wait(&go_, timeout_) ? Progress::kWaiting : Progress::kWouldBlock; }
  Progress Finish() { return go_.TakeWaitObject<CondVar>()->FinishWait(&go_); }

 private:
  CondVar* const cond_;
  const int64_t timeout_;
};

struct Setting {
  Ref<Lock> lock = MakeRef<Lock>();
  Ref<CondVar> cond = MakeRef<CondVar>(lock.get());
};

TEST_CASE("waiting needs the mutex, and gives it back") {
  World world(1);
  Setting s;
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await WaitingFor(go, s.cond);
    CHECK(progress == Progress::kWouldBlock);
    co_await Acquire(go, s.lock.get());
    auto other = go.SpawnHome([&](FakeGoroutine& self) -> Body {
      Lock::Outcome outcome = co_await Acquire(self, s.lock.get());
      CHECK(outcome == Lock::Outcome::kAcquired);
      s.lock->Release(&self);
      s.cond->Signal();
    });
    progress = co_await WaitingFor(go, s.cond);
    CHECK(progress == Progress::kDone);
    CHECK(!s.lock->HeldBy(&go));
    co_await Joining(go, other.get());
  });
  world.Run();
  CHECK(s.cond->Unique());
}

TEST_CASE("a signal goes to who has waited longest and still waits, a broadcast to everybody, and neither is kept") {
  World world(1);
  Setting s;
  std::string order;
  world.Go([&](FakeGoroutine& go) -> Body {
    s.cond->Signal();
    s.cond->Broadcast();
    for (char name : {'a', 'b', 'c', 'd'}) {
      auto waiting = go.SpawnHome([&, name](FakeGoroutine& self) -> Body {
        co_await Acquire(self, s.lock.get());
        Progress progress = co_await WaitingFor(self, s.cond);
        if (progress == Progress::kDone) order += name;
      });
      co_await go.Yield();
      if (name == 'a') waiting->Cancel(CancelKind::kCancelled, "");
    }
    CHECK(order.empty());
    s.cond->Signal();
    co_await go.Yield();
    CHECK(order == "b");
    s.cond->Broadcast();
  });
  world.Run();
  CHECK(order == "bcd");
}

TEST_CASE("waiting can time out") {
  World world(1);
  Setting s;
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Acquire(go, s.lock.get());
    Progress progress = co_await WaitingFor(go, s.cond, kShort);
    CHECK(progress == Progress::kTimedOut);
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
  CHECK(s.lock->Count() == 2);
}

TEST_CASE("no signal is missed by who waits under the mutex") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Setting s;
    Ref<CondVar> space = MakeRef<CondVar>(s.lock.get());
    int items = 0;  // guarded by the mutex
    int taken = 0;
    for (int i = 0; i < 4; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (int round = 0; round < 200; round++) {
          co_await Acquire(go, s.lock.get());
          while (items == 3) {
            co_await WaitingFor(go, space);
            co_await Acquire(go, s.lock.get());
          }
          items++;
          s.cond->Signal();
          s.lock->Release(&go);
        }
      });
      world.Go([&](FakeGoroutine& go) -> Body {
        for (int round = 0; round < 200; round++) {
          co_await Acquire(go, s.lock.get());
          while (items == 0) {
            co_await WaitingFor(go, s.cond);
            co_await Acquire(go, s.lock.get());
          }
          items--;
          taken++;
          space->Signal();
          s.lock->Release(&go);
        }
      });
    }
    world.Run();
    CHECK(!world.run()->deadlocked());
    CHECK(taken == 800);
  }
}

}  // namespace
}  // namespace sloth::testing

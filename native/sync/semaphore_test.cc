// Semaphores.
#include "sync/semaphore.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

class Taking final : public Operation<Taking, Progress> {
 public:
  Taking(FakeGoroutine& go, const Ref<Semaphore>& semaphore, int64_t amount, int64_t timeout = kForever)
      : Operation(go), semaphore_(semaphore.get()), amount_(amount), timeout_(timeout) {}
  Progress Start() { return semaphore_->Acquire(&go_, amount_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<Semaphore>()->FinishAcquire(&go_); }

 private:
  Semaphore* const semaphore_;
  const int64_t amount_;
  const int64_t timeout_;
};

TEST_CASE("no more permits are out than there are") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto semaphore = MakeRef<Semaphore>(3);
    std::atomic<int64_t> out{0};
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 100; round++) {
          auto amount = static_cast<int64_t>(1 + random.Below(3));
          Progress progress = co_await Taking(go, semaphore, amount);
          CHECK(progress == Progress::kDone);
          CHECK((out += amount) <= 3);
          if (round % 4 == 0) co_await go.Yield();
          out -= amount;
          CHECK(semaphore->GiveBack(amount));
        }
      });
    }
    world.Run();
    CHECK(semaphore->available() == 3);
  }
}

TEST_CASE("who asks for many is not overtaken by who asks for few") {
  World world(1);
  auto semaphore = MakeRef<Semaphore>(4);
  std::string order;
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Taking(go, semaphore, 2);
    auto take = [&](char name, int64_t amount) {
      go.SpawnHome([&, name, amount](FakeGoroutine& self) -> Body {
        co_await Taking(self, semaphore, amount);
        order += name;
        co_await self.Yield();
        CHECK(semaphore->GiveBack(amount));
      });
    };
    take('a', 4);
    co_await go.Yield();
    take('b', 1);
    take('c', 1);
    co_await go.Yield();
    CHECK(order.empty());
    CHECK(!semaphore->TryAcquire(1));
    CHECK(semaphore->available() == 2);
    CHECK(semaphore->GiveBack(2));
  });
  world.Run();
  CHECK(order == "abc");
}

TEST_CASE("who gives up stands in nobody's way") {
  for (bool cancels : {false, true}) {
    World world(1);
    auto semaphore = MakeRef<Semaphore>(2);
    world.Go([&](FakeGoroutine& go) -> Body {
      CHECK(semaphore->TryAcquire(1));
      auto many = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        Progress progress = co_await Taking(self, semaphore, 2, cancels ? kForever : kShort);
        CHECK(progress == (cancels ? Progress::kCancelled : Progress::kTimedOut));
      });
      co_await go.Yield();
      auto few = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        Progress progress = co_await Taking(self, semaphore, 1);
        CHECK(progress == Progress::kDone);
      });
      co_await go.Yield();
      if (cancels) many->Cancel(CancelKind::kCancelled, "");
      co_await Joining(go, few.get());
      CHECK(semaphore->available() == 0);
      CHECK(semaphore->GiveBack(2));
      CHECK(!semaphore->GiveBack(1));
      CHECK(!semaphore->GiveBack(INT64_MAX));
      CHECK(semaphore->available() == 2);
    });
    world.Run();
  }
}

TEST_CASE("those who time out or are cancelled lose no permits") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto semaphore = MakeRef<Semaphore>(5);
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 60; round++) {
          auto amount = static_cast<int64_t>(1 + random.Below(5));
          auto child = go.Spawn([&, amount, yields = random.Below(2), wait = random.Below(60)](FakeGoroutine& self) -> Body {
            Progress progress = co_await Taking(self, semaphore, amount, wait * kMicrosecond);
            if (progress != Progress::kDone) co_return;
            if (yields) co_await self.Yield();
            CHECK(semaphore->GiveBack(amount));
          });
          if (random.Below(4) == 0) child->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, child.get());
        }
      });
    }
    world.Run();
    CHECK(semaphore->available() == 5);
    CHECK(semaphore->Unique());
  }
}

}  // namespace
}  // namespace sloth::testing

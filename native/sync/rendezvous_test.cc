// Latches and barriers.
#include <atomic>

#include "sync/barrier.h"
#include "sync/fake_calls.h"
#include "sync/latch.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

class WaitingAt final : public Operation<WaitingAt, Progress> {
 public:
  WaitingAt(FakeGoroutine& go, const Ref<Latch>& latch, int64_t timeout = kForever)
      : Operation(go), latch_(latch.get()), timeout_(timeout) {}
  Progress Start() { return latch_->Wait(&go_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<Latch>()->FinishWait(&go_); }

 private:
  Latch* const latch_;
  const int64_t timeout_;
};

using Outcome = Barrier::Outcome;

class Arriving final : public Operation<Arriving, Outcome> {
 public:
  Arriving(FakeGoroutine& go, const Ref<Barrier>& barrier, int64_t* index, int64_t timeout = kForever)
      : Operation(go), barrier_(barrier.get()), index_(index), timeout_(timeout) {}
  Outcome Start() { return barrier_->Wait(&go_, timeout_, index_); }
  Outcome Finish() { return go_.TakeWaitObject<Barrier>()->FinishWait(&go_, index_); }

 private:
  Barrier* const barrier_;
  int64_t* const index_;
  const int64_t timeout_;
};

TEST_CASE("a latch lets everybody go at zero and stays open") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto latch = MakeRef<Latch>(6);
    std::atomic<int> working{6};
    for (int i = 0; i < 4; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        Progress progress = co_await WaitingAt(go, latch);
        CHECK(progress == Progress::kDone);
        CHECK(working == 0);
      });
    }
    for (int i = 0; i < 6; i++) {
      world.Go([&](FakeGoroutine& go) -> Body {
        co_await go.Yield();
        working--;
        latch->CountDown(1);
      });
    }
    world.Run();
    CHECK(latch->count() == 0);
    CHECK(latch->CountDown(INT64_MAX) == 0);
    CHECK(latch->Unique());
  }
}

TEST_CASE("waiting for a latch can time out and be cancelled") {
  World world(1);
  auto latch = MakeRef<Latch>(3);
  CHECK(latch->CountDown(2) == 1);
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await WaitingAt(go, latch, kShort);
    CHECK(progress == Progress::kTimedOut);
    progress = co_await WaitingAt(go, latch);
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
  CHECK(latch->Unique());
}

TEST_CASE("a barrier lets its parties pass together, again and again") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto barrier = MakeRef<Barrier>(5);
    std::atomic<int> arrived[20] = {};
    std::atomic<int> indexes[20] = {};
    for (int i = 0; i < 5; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (int round = 0; round < 20; round++) {
          arrived[round]++;
          int64_t index = 0;
          Outcome outcome = co_await Arriving(go, barrier, &index);
          CHECK(outcome == Outcome::kPassed);
          CHECK(arrived[round] == 5);
          indexes[round] |= 1 << index;
        }
      });
    }
    world.Run();
    for (auto& seen : indexes) CHECK(seen == 0b111110);
    CHECK(!barrier->broken());
  }
}

TEST_CASE("a party that gives up breaks the barrier until it is reset") {
  for (bool cancels : {false, true}) {
    World world(1);
    auto barrier = MakeRef<Barrier>(3);
    world.Go([&](FakeGoroutine& go) -> Body {
      auto other = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        int64_t index = 0;
        Outcome outcome = co_await Arriving(self, barrier, &index);
        CHECK(outcome == Outcome::kBroken);
      });
      auto leaver = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        int64_t index = 0;
        Outcome outcome = co_await Arriving(self, barrier, &index, cancels ? kForever : kShort);
        CHECK(outcome == (cancels ? Outcome::kCancelled : Outcome::kTimedOut));
      });
      co_await go.Yield();
      if (cancels) leaver->Cancel(CancelKind::kCancelled, "");
      co_await Joining(go, other.get());
      CHECK(barrier->broken());
      int64_t index = 0;
      Outcome outcome = co_await Arriving(go, barrier, &index);
      CHECK(outcome == Outcome::kBroken);
      barrier->Reset();
      CHECK(!barrier->broken());
    });
    world.Run();
  }
}

TEST_CASE("a reset breaks off who waits and begins anew") {
  World world(1);
  auto barrier = MakeRef<Barrier>(2);
  std::string order;
  world.Go([&](FakeGoroutine& go) -> Body {
    auto waiting = go.SpawnHome([&](FakeGoroutine& self) -> Body {
      int64_t index = 0;
      Outcome outcome = co_await Arriving(self, barrier, &index);
      CHECK(outcome == Outcome::kBroken);
    });
    co_await go.Yield();
    barrier->Reset();
    auto again = go.SpawnHome([&](FakeGoroutine& self) -> Body {
      int64_t index = 0;
      Outcome outcome = co_await Arriving(self, barrier, &index);
      CHECK(outcome == Outcome::kPassed);
    });
    co_await Joining(go, waiting.get());
    int64_t index = 0;
    Outcome outcome = co_await Arriving(go, barrier, &index);
    CHECK(outcome == Outcome::kPassed);
    co_await Joining(go, again.get());
  });
  world.Run();
}

TEST_CASE("a generation passes as a whole or not at all, whoever gives up") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    for (int round = 0; round < 60; round++) {
      world.Go([&, round](FakeGoroutine& go) -> Body {
        auto barrier = MakeRef<Barrier>(4);
        std::atomic<int> passed{0};
        Ref<FakeGoroutine> parties[4];
        for (int i = 0; i < 4; i++) {
          parties[i] = go.Spawn([&, i](FakeGoroutine& self) -> Body {
            int64_t index = 0;
            int64_t timeout = (round + i) % 3 == 0 ? (round % 7) * 10 * kMicrosecond : kForever;
            Outcome outcome = co_await Arriving(self, barrier, &index, timeout);
            passed += outcome == Outcome::kPassed;
          });
          if ((round + i) % 5 == 0) parties[i]->Cancel(CancelKind::kCancelled, "");
        }
        // A party that was cancelled before it came leaves the others waiting.
        co_await Joining(go, parties[round % 4].get(), kShort);
        barrier->Reset();
        for (auto& party : parties) {
          while (!party->settled()) {
            barrier->Reset();
            co_await Joining(go, party.get(), kShort);
          }
        }
        CHECK((passed == 0 || passed == 4));
      });
    }
    world.Run();
  }
}

}  // namespace
}  // namespace sloth::testing

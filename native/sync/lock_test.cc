// Locks and wait groups.
#include "sync/lock.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;
using Outcome = Lock::Outcome;

TEST_CASE("a lock is held by one goroutine at a time") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto lock = MakeRef<Lock>();
    int unguarded = 0;
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (int round = 0; round < 100; round++) {
          Outcome outcome = co_await Acquire(go, lock.get());
          CHECK(outcome == Outcome::kAcquired);
          CHECK(lock->HeldBy(&go));
          int before = unguarded;
          if (round % 8 == 0) co_await go.Yield();
          unguarded = before + 1;
          CHECK(lock->Release(&go) == Outcome::kAcquired);
        }
      });
    }
    world.Run();
    CHECK(unguarded == 800);
  }
}

TEST_CASE("a lock is given in the order in which it was asked for") {
  World world(1);
  auto lock = MakeRef<Lock>();
  std::string order;
  world.Go([&](FakeGoroutine& first) -> Body {
    co_await Acquire(first, lock.get());
    for (char name : {'a', 'b', 'c', 'd'}) {
      first.SpawnHome([&, name](FakeGoroutine& go) -> Body {
        co_await Acquire(go, lock.get());
        order += name;
        co_await go.Yield();
        lock->Release(&go);
      });
    }
    co_await first.Yield();
    lock->Release(&first);
    // It has been passed on: who comes now must wait, even if the next holder does not run yet.
    CHECK(lock->TryAcquire(&first) == Outcome::kWouldBlock);
    co_await Acquire(first, lock.get());
    order += 'e';
    lock->Release(&first);
  });
  world.Run();
  CHECK(order == "abcde");
}

TEST_CASE("a lock is neither taken twice nor given back by a stranger") {
  World world(1);
  auto lock = MakeRef<Lock>();
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(lock->Release(&go) == Outcome::kNotHeld);
    CHECK(lock->TryAcquire(&go) == Outcome::kAcquired);
    CHECK(lock->TryAcquire(&go) == Outcome::kAlreadyHeld);
    Outcome outcome = co_await Acquire(go, lock.get());
    CHECK(outcome == Outcome::kAlreadyHeld);
    auto stranger = go.Spawn([&](FakeGoroutine& other) -> Body {
      CHECK(lock->Release(&other) == Outcome::kNotHeld);
      CHECK(lock->TryAcquire(&other) == Outcome::kWouldBlock);
      co_return;
    });
    co_await Joining(go, stranger.get());
    CHECK(lock->Release(&go) == Outcome::kAcquired);
    CHECK(lock->Release(&go) == Outcome::kNotHeld);
  });
  world.Run();
  CHECK(lock->Unique());
}

TEST_CASE("a lock whose holder ends is released, and the next holder is told once") {
  for (bool waiting : {false, true}) {
    World world(1);
    auto lock = MakeRef<Lock>();
    bool seen = false;
    world.Go([&](FakeGoroutine& go) -> Body {
      auto holder = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        co_await Acquire(self, lock.get());
        while (waiting && !seen) co_await self.Yield();
      });
      co_await go.Yield();
      CHECK(lock->HeldBy(holder.get()) == waiting);
      seen = true;
      Outcome outcome = co_await Acquire(go, lock.get());
      CHECK(outcome == Outcome::kAbandoned);
      lock->Release(&go);
      outcome = co_await Acquire(go, lock.get());
      CHECK(outcome == Outcome::kAcquired);
      lock->Release(&go);
    });
    world.Run();
    CHECK(lock->Unique());
  }
}

TEST_CASE("a goroutine that ends with several locks releases them all") {
  World world(1);
  Ref<Lock> locks[5];
  for (auto& lock : locks) lock = MakeRef<Lock>();
  world.Go([&](FakeGoroutine& go) -> Body {
    for (auto& lock : locks) co_await Acquire(go, lock.get());
    locks[2]->Release(&go);
  });
  world.Run();
  for (auto& lock : locks) CHECK(lock->Unique());
}

TEST_CASE("waiting for a lock can time out and be cancelled, and the queue goes on") {
  World world(1);
  auto lock = MakeRef<Lock>();
  std::atomic<bool> got_it{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Acquire(go, lock.get());
    go.SpawnHome([&](FakeGoroutine& self) -> Body {
      Outcome outcome = co_await Acquire(self, lock.get(), kShort);
      CHECK(outcome == Outcome::kTimedOut);
    });
    auto cancelled = go.SpawnHome([&](FakeGoroutine& self) -> Body {
      Outcome outcome = co_await Acquire(self, lock.get());
      CHECK(outcome == Outcome::kCancelled);
    });
    go.SpawnHome([&](FakeGoroutine& self) -> Body {
      Outcome outcome = co_await Acquire(self, lock.get());
      CHECK(outcome == Outcome::kAcquired);
      got_it = true;
      lock->Release(&self);
    });
    co_await go.Pause(2 * kShort);
    cancelled->Cancel(CancelKind::kCancelled, "");
    lock->Release(&go);
  });
  world.Run();
  CHECK(got_it);
}

TEST_CASE("a goroutine cancelled after the lock was passed to it holds it, and its end releases it") {
  World world(1);
  auto lock = MakeRef<Lock>();
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Acquire(go, lock.get());
    auto next = go.SpawnHome([&](FakeGoroutine& self) -> Body {
      Outcome outcome = co_await Acquire(self, lock.get());
      CHECK(outcome == Outcome::kAcquired);
      CHECK(self.cancelled());
    });
    co_await go.Yield();
    lock->Release(&go);
    next->Cancel(CancelKind::kCancelled, "");
    Outcome outcome = co_await Acquire(go, lock.get());
    CHECK(outcome == Outcome::kAbandoned);
  });
  world.Run();
}

TEST_CASE("holders that end, time out or are cancelled never lose a lock") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto lock = MakeRef<Lock>();
    std::atomic<int> inside{0};
    std::atomic<int> abandoned{0};
    std::atomic<int> left_behind{0};
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 60; round++) {
          auto child = go.Spawn([&, fate = random.Below(4), wait = random.Below(60)](FakeGoroutine& self) -> Body {
            Outcome outcome = co_await Acquire(self, lock.get(), wait * kMicrosecond);
            if (outcome != Outcome::kAcquired && outcome != Outcome::kAbandoned) co_return;
            CHECK(++inside == 1);
            if (outcome == Outcome::kAbandoned) abandoned++;
            if (fate == 0) co_await self.Yield();
            inside--;
            if (fate == 1) left_behind++;
            else lock->Release(&self);
          });
          if (random.Below(4) == 0) child->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, child.get());
        }
      });
    }
    world.Run();
    CHECK(lock->Unique());
    CHECK(abandoned <= left_behind);
    CHECK(abandoned >= left_behind - 1);
  }
}

TEST_CASE("a wait group lets everybody go at zero, again and again") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto group = MakeRef<WaitGroup>();
    std::atomic<int> working{0};
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int round = 0; round < 50; round++) {
        CHECK(group->Add(8));
        working = 8;
        for (int i = 0; i < 8; i++) {
          go.Spawn([&, i](FakeGoroutine& self) -> Body {
            if (i % 3 == 0) co_await self.Yield();
            working--;
            CHECK(group->Add(-1));
          });
        }
        auto also = go.Spawn([&](FakeGoroutine& self) -> Body {
          self.blocks_in_place = true;
          Progress progress = co_await WaitFor(self, group.get());
          CHECK(progress == Progress::kDone);
          CHECK(working == 0);
        });
        Progress progress = co_await WaitFor(go, group.get());
        CHECK(progress == Progress::kDone);
        CHECK(working == 0);
        co_await Joining(go, also.get());
      }
    });
    world.Run();
  }
}

TEST_CASE("a wait group refuses to go below zero or beyond its range, and stays as it was") {
  World world(1);
  auto group = MakeRef<WaitGroup>();
  CHECK(!group->Add(-1));
  CHECK(group->Add(2));
  CHECK(!group->Add(-3));
  CHECK(!group->Add(INT64_MAX));
  CHECK(!group->Add(INT64_MIN));
  CHECK(group->Add(-2));
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await WaitFor(go, group.get());
    CHECK(progress == Progress::kDone);
  });
  world.Run();
}

TEST_CASE("waiting for a group can time out and be cancelled") {
  World world(1);
  auto group = MakeRef<WaitGroup>();
  CHECK(group->Add(1));
  auto waiting = world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await WaitFor(go, group.get(), kShort);
    CHECK(progress == Progress::kTimedOut);
    progress = co_await WaitFor(go, group.get());
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
  CHECK(group->Unique());
}

}  // namespace
}  // namespace sloth::testing

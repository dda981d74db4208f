// Readers-writer mutexes.
#include "sync/rw_lock.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;
using Outcome = RwLock::Outcome;
using Access = RwLock::Access;
constexpr Access kRead = Access::kRead;
constexpr Access kWrite = Access::kWrite;

class Entering final : public Operation<Entering, Outcome> {
 public:
  Entering(FakeGoroutine& go, const Ref<RwLock>& lock, Access access, int64_t timeout = kForever)
      : Operation(go), lock_(lock.get()), access_(access), timeout_(timeout) {}
  Outcome Start() { return lock_->Acquire(&go_, access_, timeout_); }
  Outcome Finish() { return go_.TakeWaitObject<RwLock>()->FinishAcquire(&go_, access_); }

 private:
  RwLock* const lock_;
  const Access access_;
  const int64_t timeout_;
};

TEST_CASE("many read at once, and one writes") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto lock = MakeRef<RwLock>();
    std::atomic<int> readers{0}, writers{0};
    int unguarded = 0;
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (int round = 0; round < 100; round++) {
          bool writes = (round + i) % 4 == 0;
          Outcome outcome = co_await Entering(go, lock, writes ? kWrite : kRead);
          CHECK(outcome == Outcome::kAcquired);
          if (writes) {
            CHECK(++writers == 1);
            CHECK(readers == 0);
            int before = unguarded;
            if (round % 8 == 0) co_await go.Yield();
            unguarded = before + 1;
            writers--;
          } else {
            readers++;
            CHECK(writers == 0);
            if (round % 8 == 1) co_await go.Yield();
            readers--;
          }
          CHECK(lock->GiveBack(&go, writes ? kWrite : kRead) == Outcome::kAcquired);
        }
      });
    }
    world.Run();
    CHECK(unguarded == 200);
    CHECK(lock->Unique());
  }
}

TEST_CASE("a waiting writer stops new readers, and those who read again pass it") {
  World world(1);
  auto lock = MakeRef<RwLock>();
  std::string order;
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Entering(go, lock, kRead);
    auto enter = [&](char name, Access access) {
      go.SpawnHome([&, name, access](FakeGoroutine& self) -> Body {
        co_await Entering(self, lock, access);
        order += name;
        co_await self.Yield();
        lock->GiveBack(&self, access);
      });
    };
    enter('a', kRead);  // reads beside us
    co_await go.Yield();
    co_await go.Yield();
    enter('w', kWrite);
    co_await go.Yield();
    enter('b', kRead);
    enter('c', kRead);
    enter('x', kWrite);
    co_await go.Yield();
    Outcome again = co_await Entering(go, lock, kRead);
    CHECK(again == Outcome::kAcquired);
    order += '+';
    lock->GiveBack(&go, kRead);
    lock->GiveBack(&go, kRead);
    CHECK(lock->TryAcquire(&go, kRead) == Outcome::kWouldBlock);
    CHECK(lock->TryAcquire(&go, kWrite) == Outcome::kWouldBlock);
    co_await Entering(go, lock, kRead);
    order += 'd';
    lock->GiveBack(&go, kRead);
  });
  world.Run();
  CHECK(order == "a+wbcxd");
}

TEST_CASE("what its holder may not ask for is told at once") {
  World world(1);
  auto lock = MakeRef<RwLock>();
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(lock->GiveBack(&go, kRead) == Outcome::kNotHeld);
    CHECK(lock->GiveBack(&go, kWrite) == Outcome::kNotHeld);
    co_await Entering(go, lock, kRead);
    Outcome outcome = co_await Entering(go, lock, kWrite);
    CHECK(outcome == Outcome::kReadsAlready);
    CHECK(lock->TryAcquire(&go, kWrite) == Outcome::kReadsAlready);
    CHECK(lock->GiveBack(&go, kWrite) == Outcome::kReadsAlready);
    CHECK(lock->GiveBack(&go, kRead) == Outcome::kAcquired);
    co_await Entering(go, lock, kWrite);
    outcome = co_await Entering(go, lock, kWrite);
    CHECK(outcome == Outcome::kWritesAlready);
    outcome = co_await Entering(go, lock, kRead);
    CHECK(outcome == Outcome::kWritesAlready);
    CHECK(lock->GiveBack(&go, kRead) == Outcome::kWritesAlready);
    CHECK(lock->GiveBack(&go, kWrite) == Outcome::kAcquired);
    CHECK(lock->GiveBack(&go, kWrite) == Outcome::kNotHeld);
  });
  world.Run();
  CHECK(lock->Unique());
}

TEST_CASE("a writer's end releases the lock and says so; a reader's end releases it quietly") {
  for (Access access : {kWrite, kRead}) {
    World world(1);
    auto lock = MakeRef<RwLock>();
    world.Go([&](FakeGoroutine& go) -> Body {
      auto holder = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        co_await Entering(self, lock, access);
        if (access == kRead) co_await Entering(self, lock, kRead);
        co_await self.Pause(kShort);
      });
      co_await go.Yield();
      Outcome first = co_await Entering(go, lock, kWrite);
      CHECK(first == (access == kWrite ? Outcome::kAbandoned : Outcome::kAcquired));
      lock->GiveBack(&go, kWrite);
      Outcome second = co_await Entering(go, lock, kRead);
      CHECK(second == Outcome::kAcquired);
      lock->GiveBack(&go, kRead);
    });
    world.Run();
    CHECK(lock->Unique());
  }
}

TEST_CASE("of several readers that an abandoned lock lets in, the first is told") {
  World world(1);
  auto lock = MakeRef<RwLock>();
  std::string told;
  world.Go([&](FakeGoroutine& go) -> Body {
    go.SpawnHome([&](FakeGoroutine& self) -> Body {
      co_await Entering(self, lock, kWrite);
      co_await self.Pause(kShort);
    });
    co_await go.Yield();
    for (char name : {'a', 'b', 'c'}) {
      go.SpawnHome([&, name](FakeGoroutine& self) -> Body {
        Outcome outcome = co_await Entering(self, lock, kRead);
        told += name;
        told += outcome == Outcome::kAbandoned ? '!' : '.';
      });
    }
  });
  world.Run();
  CHECK(told == "a!b.c.");
}

TEST_CASE("a writer that gives up lets the readers behind it in") {
  for (bool cancels : {false, true}) {
    World world(1);
    auto lock = MakeRef<RwLock>();
    bool read = false;
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await Entering(go, lock, kRead);
      auto writer = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        Outcome outcome = co_await Entering(self, lock, kWrite, cancels ? kForever : kShort);
        CHECK(outcome == (cancels ? Outcome::kCancelled : Outcome::kTimedOut));
      });
      co_await go.Yield();
      auto reader = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        Outcome outcome = co_await Entering(self, lock, kRead);
        CHECK(outcome == Outcome::kAcquired);
        read = true;
      });
      co_await go.Yield();
      CHECK(!read);
      if (cancels) writer->Cancel(CancelKind::kCancelled, "");
      co_await Joining(go, reader.get());
      CHECK(read);
      lock->GiveBack(&go, kRead);
    });
    world.Run();
    CHECK(lock->Unique());
  }
}

TEST_CASE("readers and writers that end, time out or are cancelled never lose the lock") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto lock = MakeRef<RwLock>();
    std::atomic<int> readers{0}, writers{0};
    std::atomic<int> told{0}, left_behind{0};
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 60; round++) {
          Access access = random.Below(3) == 0 ? kWrite : kRead;
          auto child = go.Spawn([&, access, fate = random.Below(4), wait = random.Below(60)](FakeGoroutine& self) -> Body {
            Outcome outcome = co_await Entering(self, lock, access, wait * kMicrosecond);
            if (outcome != Outcome::kAcquired && outcome != Outcome::kAbandoned) co_return;
            if (outcome == Outcome::kAbandoned) told++;
            if (access == kWrite) CHECK(++writers == 1);
            else readers++;
            CHECK((access == kWrite ? readers : writers) == 0);
            if (fate == 0) co_await self.Yield();
            (access == kWrite ? writers : readers)--;
            if (fate == 1) left_behind += access == kWrite;
            else lock->GiveBack(&self, access);
          });
          if (random.Below(4) == 0) child->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, child.get());
        }
      });
    }
    world.Run();
    CHECK(lock->Unique());
    CHECK(told <= left_behind);
    CHECK(told >= left_behind - 1);
  }
}

}  // namespace
}  // namespace sloth::testing

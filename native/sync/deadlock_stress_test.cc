// Whole programs that use everything at once: those that can end do, and are never taken for a deadlock; those in which
// somebody forgets to close a channel always are.
#include <atomic>
#include <cstdlib>
#include <deque>
#include <thread>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

int Rounds() { return std::getenv("SLOTH_STRESS") ? 300 : 12; }

// Answers every call from its own thread, some of them late.
class SlowHost final : public HostPort {
 public:
  SlowHost() : thread_([this] { Serve(); }) {}
  ~SlowHost() override {
    {
      MutexLock lock(mutex_);
      closed_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
  }

 protected:
  bool Post(Ref<HostCall> call) override {
    {
      MutexLock lock(mutex_);
      calls_.push_back(std::move(call));
    }
    changed_.NotifyOne();
    return true;
  }
  void Abandon(HostCall*) override {}

 private:
  void Serve() {
    for (;;) {
      Ref<HostCall> call;
      {
        MutexLock lock(mutex_);
        while (calls_.empty() && !closed_) changed_.Wait(mutex_);
        if (calls_.empty()) return;
        call = std::move(calls_.front());
        calls_.pop_front();
      }
      if (call->id % 8 == 0) {
        timespec pause{0, 50 * 1000};
        nanosleep(&pause, nullptr);
      }
      call->Settle(true, call->arguments, "");
    }
  }
  Mutex mutex_;
  Condition changed_;
  std::deque<Ref<HostCall>> calls_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Producers -> stage one -> stage two -> one collector, over channels; each stage also locks, pauses, selects, calls the
// host, starts and joins helpers, and runs jobs in a pool.
struct Program {
  Program(World& world, uint64_t seed, bool forgetful, bool in_place)
      : seed(seed), forgetful(forgetful), in_place(in_place), pool(MakeRef<Pool>(world.scheduler(), "jobs", PoolOptions())) {}

  static constexpr int kProducers = 3;
  static constexpr int kWorkers = 4;
  static constexpr int64_t kItems = 12;

  const uint64_t seed;
  const bool forgetful;  // the last worker of stage two does not close the channel
  const bool in_place;
  SlowHost host;
  Ref<Channel> first = Channel::Make(seed % 3);
  Ref<Channel> second = Channel::Make(seed % 2);
  Ref<Channel> quiet = Channel::Make(0);
  Ref<Channel> results = Channel::Make(1);
  Ref<WaitGroup> producers = MakeRef<WaitGroup>();
  Ref<WaitGroup> stage_one = MakeRef<WaitGroup>();
  Ref<WaitGroup> stage_two = MakeRef<WaitGroup>();
  Ref<Lock> lock = MakeRef<Lock>();
  Ref<Pool> pool;
  int64_t guarded = 0;
  std::atomic<int64_t> collected{0};
  std::atomic<bool> collector_saw_the_end{false};

  Random MakeRandom(int64_t who) { return Random(seed * 1000 + static_cast<uint64_t>(who)); }

  Body Produce(FakeGoroutine& go, int64_t who) {
    Random random = MakeRandom(who);
    for (int64_t i = 0; i < kItems; i++) {
      if (random.Below(3) == 0) co_await go.Pause(random.Below(20) * kMicrosecond);
      Progress progress = co_await Send(go, first, 1);
      CHECK(progress == Progress::kDone);
    }
    CHECK(producers->Add(-1));
  }

  Body Work(FakeGoroutine& go, int64_t who, Ref<Channel> in, Ref<Channel> out, Ref<WaitGroup> group) {
    Random random = MakeRandom(100 + who);
    for (;;) {
      go.blocks_in_place = in_place && random.Below(4) == 0;
      auto select = Select::TryMake(2);
      select->AddReceive(in);
      select->AddReceive(quiet);
      Progress progress = co_await Selecting(go, select, &random, random.Below(2) ? kForever : 30 * kMicrosecond);
      if (progress == Progress::kTimedOut) continue;
      CHECK(progress == Progress::kDone);
      if (!select->received_ok()) break;
      int64_t number = select->TakeReceived().integer();
      switch (random.Below(5)) {
        case 0: {
          std::string message;
          progress = co_await Calling(go, &host, 0, number, &number, &message);
          CHECK(progress == Progress::kDone);
          break;
        }
        case 1: {
          Lock::Outcome outcome = co_await Acquire(go, lock.get());
          CHECK(outcome == Lock::Outcome::kAcquired);
          guarded++;
          if (random.Below(2)) co_await go.Yield();
          lock->Release(&go);
          break;
        }
        case 2: {
          auto helper = go.Spawn([](FakeGoroutine& self) -> Body { co_await self.Yield(); });
          progress = co_await Joining(go, helper.get());
          CHECK(progress == Progress::kDone);
          break;
        }
        case 3: {
          auto job = go.world()->Make(go.world()->NewIsland(), [](FakeGoroutine& self) -> Body {
            co_await self.Pause(5 * kMicrosecond);
          }, &go, static_cast<FakeRun*>(go.run()));
          progress = pool->Submit(&go, job);
          CHECK(progress == Progress::kDone);
          co_await WaitForPool(go, pool.get());
          break;
        }
      }
      progress = co_await Send(go, out, number);
      CHECK(progress == Progress::kDone);
    }
    CHECK(group->Add(-1));
  }

  Body CloseAfter(FakeGoroutine& go, Ref<WaitGroup> group, Ref<Channel> channel, bool forgets) {
    Progress progress = co_await WaitFor(go, group.get());
    CHECK(progress == Progress::kDone);
    if (!forgets) channel->Close();
  }

  Body Collect(FakeGoroutine& go) {
    int64_t number = 0;
    Progress progress;
    while ((progress = co_await Receive(go, results, &number)) == Progress::kDone) collected += number;
    if (progress == Progress::kClosed) collector_saw_the_end = true;
  }

  void Start(World& world) {
    CHECK(producers->Add(kProducers));
    CHECK(stage_one->Add(kWorkers));
    CHECK(stage_two->Add(kWorkers));
    auto shared = world.NewIsland();
    for (int i = 0; i < kProducers; i++) world.Go([this, i](FakeGoroutine& go) { return Produce(go, i); });
    for (int i = 0; i < kWorkers; i++) {
      auto island = i % 2 ? shared : world.NewIsland();
      world.GoOn(island, [this, i](FakeGoroutine& go) { return Work(go, i, first, second, stage_one); });
      world.GoOn(island, [this, i](FakeGoroutine& go) { return Work(go, 50 + i, second, results, stage_two); });
    }
    world.Go([this](FakeGoroutine& go) { return CloseAfter(go, producers, first, false); });
    world.Go([this](FakeGoroutine& go) { return CloseAfter(go, stage_one, second, false); });
    world.Go([this](FakeGoroutine& go) { return CloseAfter(go, stage_two, results, forgetful); });
    world.Go([this](FakeGoroutine& go) { return Collect(go); });
  }
};

TEST_CASE("a program that can end does, and one that cannot is a deadlock") {
  for (int round = 0; round < Rounds(); round++) {
    for (int workers : {1, 2, 4}) {
      bool forgetful = round % 3 == 2;
      CAPTURE(round);
      CAPTURE(workers);
      World world(workers);
      Program program(world, static_cast<uint64_t>(round), forgetful, round % 2 == 1);
      program.Start(world);
      world.Run();
      CHECK(world.run()->deadlocked() == forgetful);
      CHECK(program.collector_saw_the_end == !forgetful);
      CHECK(program.collected == Program::kProducers * Program::kItems);
      CHECK(world.run()->uncaught() == 0);
    }
  }
}

TEST_CASE("a program that is cancelled at any moment ends, and is no deadlock") {
  for (int round = 0; round < Rounds(); round++) {
    for (int workers : {1, 2, 4}) {
      World world(workers);
      auto silent = Channel::Make(0);
      std::atomic<int> ended{0};
      for (int i = 0; i < 12; i++) {
        world.Go([&, i](FakeGoroutine& go) -> Body {
          Random random(static_cast<uint64_t>(round * 100 + i));
          go.blocks_in_place = i % 4 == 0;
          while (!go.cancelled()) {
            int64_t number;
            if (random.Below(2)) co_await Receive(go, silent, &number, random.Below(40) * kMicrosecond);
            else co_await Send(go, silent, 1, random.Below(40) * kMicrosecond);
            if (random.Below(4) == 0) go.Spawn([](FakeGoroutine& self) -> Body { co_await self.Yield(); });
          }
          go.masked = true;  // cleanup
          co_await go.Pause(random.Below(3) * 10 * kMicrosecond);
          co_await Sleeping(go, 0);
          ended++;
        });
      }
      world.Launch();
      Random random(static_cast<uint64_t>(round));
      timespec pause{0, static_cast<long>(random.Below(1000)) * 1000};
      nanosleep(&pause, nullptr);
      world.run()->CancelAll(CancelKind::kCancelled, "closing");
      world.Run();
      CHECK(!world.run()->deadlocked());
      CHECK(ended <= 12);
      CHECK(silent->Unique());
    }
  }
}

}  // namespace
}  // namespace sloth::testing

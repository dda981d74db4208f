#include "sched/turns.h"

#include <set>
#include <thread>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

WorldOptions Deterministic(VirtualClock* clock, uint64_t seed, int workers = 2) {
  WorldOptions options;
  options.clock = clock;
  options.seed = seed;
  options.workers = workers;
  return options;
}

// Goroutines are started by one of them: what a thread outside starts is taken in whenever it comes.
//
// The order in which eight goroutines, four of them on one island, pass three points each.
std::vector<int> OrderOf(uint64_t seed, int workers = 2) {
  VirtualClock clock;
  World world(Deterministic(&clock, seed, workers));
  std::vector<int> order;
  world.Go([&](FakeGoroutine& root) -> Body {
    for (int id = 0; id < 8; id++) {
      auto body = [&order, id](FakeGoroutine& go) -> Body {
        for (int i = 0; i < 3; i++) {
          order.push_back(id);
          if (i % 2 == id % 2) co_await go.Pause(id * kMillisecond);
          else co_await go.Yield();
        }
      };
      id % 2 ? root.SpawnHome(body) : root.Spawn(body);
    }
    co_return;
  });
  world.Run();
  return order;
}

TEST_CASE("a seed is one order, whatever the number of workers, and other seeds are others") {
  std::set<std::vector<int>> orders;
  for (uint64_t seed = 0; seed < 10; seed++) {
    std::vector<int> order = OrderOf(seed);
    CHECK(order.size() == 24);
    CHECK(OrderOf(seed, 1) == order);
    CHECK(OrderOf(seed, 4) == order);
    orders.insert(order);
  }
  CHECK(orders.size() > 5);
}

TEST_CASE("time jumps to the next timer when everybody waits") {
  VirtualClock clock;
  RealClock machine;
  int64_t begin = machine.Now();
  World world(Deterministic(&clock, 1));
  std::vector<int> woken;
  world.Go([&](FakeGoroutine& root) -> Body {
    for (int hours : {3, 1, 2}) {
      root.Spawn([&woken, hours](FakeGoroutine& go) -> Body {
        co_await go.Pause(hours * 3600 * kSecond);
        woken.push_back(hours);
      });
    }
    co_return;
  });
  world.Run();
  CHECK(woken == std::vector<int>{1, 2, 3});
  CHECK(clock.Peek() >= 3 * 3600 * kSecond);
  CHECK(machine.Now() - begin < 60 * kSecond);
}

TEST_CASE("a held clock passes as far as it is let, and tells when everybody waits again") {
  struct Watcher final : public GoroutineWatcher {
    void OnClockRests() override { rests++; }
    std::atomic<int> rests{0};
  };
  VirtualClock clock;
  Watcher watcher;
  World world(Deterministic(&clock, 1));
  Turns* turns = world.scheduler()->turns();
  turns->HoldClock(&watcher);
  std::atomic<int> woken{0};
  for (int seconds : {1, 2, 3}) {
    world.Go([&woken, seconds](FakeGoroutine& go) -> Body {
      co_await go.Pause(seconds * kSecond);
      woken++;
    });
  }
  world.Launch();
  auto pass = [&](int64_t duration) {
    int before = watcher.rests;
    turns->LetPass(duration);
    while (watcher.rests == before) std::this_thread::yield();
    return woken.load();
  };
  CHECK(pass(0) == 0);
  CHECK(pass(kSecond + kMillisecond) == 1);
  CHECK(pass(kMillisecond) == 1);
  CHECK(pass(kSecond) == 2);
  turns->LetPass(kForever);
  world.Run();
  CHECK(woken == 3);
}

TEST_CASE("calls blocked in place hand the turn on") {
  for (uint64_t seed = 0; seed < 10; seed++) {
    VirtualClock clock;
    World world(Deterministic(&clock, seed));
    std::vector<Gate> gates(4);
    int passed = 0;
    for (int i = 0; i < 4; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = true;
        CHECK(co_await gates[i].Pass(go) == Waited::kDone);
        co_await go.Pause(kSecond);
        passed++;
      });
    }
    world.Go([&](FakeGoroutine& go) -> Body {
      for (Gate& gate : gates) {
        co_await go.Pause(kMillisecond);
        gate.Open();
      }
    });
    world.Run();
    CHECK(passed == 4);
  }
}

TEST_CASE("a goroutine preempted in place lets other islands run, and none of its siblings") {
  VirtualClock clock;
  World world(Deterministic(&clock, 3));
  bool elsewhere = false;
  bool sibling = false;
  int rounds = 0;
  Ref<FakeIsland> island = world.NewIsland();
  world.GoOn(island, [&](FakeGoroutine& go) -> Body {
    go.SpawnHome([&](FakeGoroutine&) -> Body {
      sibling = true;
      co_return;
    });
    go.Spawn([&](FakeGoroutine&) -> Body {
      elsewhere = true;
      co_return;
    });
    while (!elsewhere) {
      rounds++;
      CHECK(go.world()->scheduler()->ReserveInPlace());
      go.fake_island()->Leave();
      go.world()->scheduler()->PreemptInPlace(&go);
      go.fake_island()->Enter();
      CHECK(!sibling);
    }
    co_return;
  });
  island = nullptr;
  world.Run();
  CHECK(rounds > 0);
  CHECK(sibling);
  CHECK(world.scheduler()->counters().preemptions == rounds);
}

TEST_CASE("goroutines that wait for ever are a deadlock") {
  VirtualClock clock;
  World world(Deterministic(&clock, 1));
  Gate never;
  Waited result = Waited::kWaiting;
  world.Go([&](FakeGoroutine& go) -> Body {
    go.Spawn([](FakeGoroutine& other) -> Body { co_await other.Pause(kSecond); });
    result = co_await never.Pass(go);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
  CHECK(result == Waited::kCancelled);
}

// A call whose answer opens a gate.
class GateCall final : public OutsideCall {
 public:
  explicit GateCall(Gate* gate) : gate_(gate) {}
  void TakeIn() override { gate_->Open(); }

 private:
  Gate* const gate_;
};

// The order in which the answers of three calls are taken in, answered from outside in the order `answered`.
std::vector<int> AnswersOf(uint64_t seed, const std::vector<int>& answered) {
  VirtualClock clock;
  World world(Deterministic(&clock, seed));
  Turns* turns = world.scheduler()->turns();
  std::vector<Gate> gates(3);
  std::vector<int> order;
  std::thread host;
  std::atomic<int> begun{0};
  auto call = [&](FakeGoroutine& root, int i) {
    root.Spawn([&, i](FakeGoroutine& go) -> Body {
      turns->CallStarted(static_cast<uint64_t>(i), MakeRef<GateCall>(&gates[i]));
      if (++begun == 3) {
        host = std::thread([&] {
          for (int id : answered) turns->CallAnswered(static_cast<uint64_t>(id));
        });
      }
      // Never over while a call is out: the clock stands still.
      CHECK(co_await gates[i].Pass(go, kMillisecond) == Waited::kDone);
      order.push_back(i);
    });
  };
  world.Go([&](FakeGoroutine& root) -> Body {
    for (int i = 0; i < 3; i++) call(root, i);
    co_return;
  });
  world.Run();
  host.join();
  CHECK(clock.Peek() < kMillisecond);
  return order;
}

TEST_CASE("answers of the host are taken in when all are there, in an order of the seed") {
  std::set<std::vector<int>> orders;
  for (uint64_t seed = 0; seed < 10; seed++) {
    std::vector<int> order = AnswersOf(seed, {0, 1, 2});
    CHECK(AnswersOf(seed, {2, 0, 1}) == order);
    orders.insert(order);
  }
  CHECK(orders.size() > 1);
}

TEST_CASE("an answer that others wait for is taken in while a call is out") {
  VirtualClock clock;
  World world(Deterministic(&clock, 1));
  Turns* turns = world.scheduler()->turns();
  Gate first;
  Gate second;
  world.Go([&](FakeGoroutine& go) -> Body {
    go.Spawn([&](FakeGoroutine& other) -> Body {
      turns->CallStarted(1, MakeRef<GateCall>(&first));
      CHECK(co_await first.Pass(other, kMillisecond) == Waited::kDone);
    });
    turns->CallStarted(2, MakeRef<GateCall>(&second));
    turns->CallAnswered(2);
    CHECK(co_await second.Pass(go, kMillisecond) == Waited::kDone);
    turns->CallAnswered(1);
  });
  world.Run();
}

TEST_CASE("a forgotten call holds neither clock nor answers") {
  VirtualClock clock;
  World world(Deterministic(&clock, 1));
  Turns* turns = world.scheduler()->turns();
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    turns->CallStarted(1, MakeRef<GateCall>(&gate));
    turns->CallForgotten(1);
    turns->CallAnswered(1);
    CHECK(co_await gate.Pass(go, kSecond) == Waited::kTimedOut);
  });
  world.Run();
}

TEST_CASE("a run that the host cancels ends, although a call is out") {
  VirtualClock clock;
  World world(Deterministic(&clock, 1));
  Turns* turns = world.scheduler()->turns();
  Gate never;
  std::atomic<bool> waits{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    turns->CallStarted(1, MakeRef<GateCall>(&never));
    waits = true;
    CHECK(co_await never.Pass(go, 3600 * kSecond) == Waited::kCancelled);
    go.masked = true;
    CHECK(co_await never.Pass(go) == Waited::kCancelled);  // at the end of its grace
    turns->CallForgotten(1);
  });
  world.Launch();
  CHECK(Eventually([&] { return waits.load() && never.waiting() == 1; }));
  world.run()->CancelAll(CancelKind::kCancelled, "enough");
  world.run()->WaitForEnd();
}

TEST_CASE("slices are short and long") {
  VirtualClock clock;
  Timers timers;
  Turns turns(1, &clock, &timers);
  int shortest = 1 << 30;
  int longest = 0;
  for (int i = 0; i < 2000; i++) {
    int length = turns.SliceLength();
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
  }
  CHECK(shortest >= 1);
  CHECK(shortest < 32);
  CHECK(longest > 8192);
  CHECK(longest <= 1 << 14);
}

}  // namespace
}  // namespace sloth::testing

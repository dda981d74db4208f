// Timers by themselves: order, stopping, targets.
#include "sched/timers.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

struct Sleeper {
  Sleeper() {
    wait.wake = [](Wait* woken) {
      auto* sleeper = static_cast<Sleeper*>(woken->owner);
      sleeper->order->push_back(sleeper->timer.deadline);
    };
    wait.owner = this;
    timer.wait = &wait;
    wait.Arm();
  }
  Wait wait;
  Timer timer;
  std::vector<int64_t>* order = nullptr;
};

TEST_CASE("timers fire in the order of their deadlines, and only those that are due") {
  Random random(3);
  Timers timers;
  std::vector<int64_t> order;
  std::vector<Sleeper> sleepers(2000);
  for (Sleeper& sleeper : sleepers) {
    sleeper.order = &order;
    timers.Start(&sleeper.timer, random.Below(500));
  }
  for (int64_t now = 0; now < 500; now += 7) {
    int64_t next = timers.Fire(now);
    CHECK(next > now);
    CHECK(next == timers.NextDeadline());
    if (!order.empty()) CHECK(order.back() <= now);
  }
  CHECK(timers.Fire(500) == kForever);
  CHECK(order.size() == sleepers.size());
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a stopped timer does not fire, and stopping says whether it had") {
  Random random(4);
  Timers timers;
  std::vector<int64_t> order;
  std::vector<Sleeper> sleepers(1000);
  for (Sleeper& sleeper : sleepers) {
    sleeper.order = &order;
    timers.Start(&sleeper.timer, random.Below(100));
  }
  timers.Fire(49);
  size_t fired = order.size();
  size_t stopped = 0;
  for (Sleeper& sleeper : sleepers) {
    bool early = sleeper.timer.deadline <= 49;
    CHECK(timers.Stop(&sleeper.timer) == !early);
    stopped += !early;
  }
  CHECK(timers.Fire(1000) == kForever);
  CHECK(order.size() == fired);
  CHECK(fired + stopped == sleepers.size());
}

TEST_CASE("timers that start, stop and fire in any order behave as a sorted list") {
  Random random(5);
  Timers timers;
  std::vector<int64_t> order;
  std::vector<Sleeper> sleepers(300);
  std::vector<bool> running(sleepers.size());
  for (Sleeper& sleeper : sleepers) sleeper.order = &order;
  int64_t now = 0;
  for (int step = 0; step < 20000; step++) {
    size_t i = random.Below(static_cast<uint32_t>(sleepers.size()));
    Sleeper& sleeper = sleepers[i];
    if (running[i]) {
      CHECK(timers.Stop(&sleeper.timer));
      running[i] = false;
    } else {
      if (sleeper.wait.winner() != Wait::kArmed) {  // it has fired since
        sleeper.wait.Rest();
        sleeper.wait.Arm();
      }
      timers.Start(&sleeper.timer, now + random.Below(1000));
      running[i] = true;
    }
    if (random.Below(4) == 0) {
      now += random.Below(8);
      order.clear();
      std::vector<int64_t> expected;
      for (size_t k = 0; k < sleepers.size(); k++) {
        if (!running[k] || sleepers[k].timer.deadline > now) continue;
        expected.push_back(sleepers[k].timer.deadline);
        running[k] = false;
      }
      std::sort(expected.begin(), expected.end());
      timers.Fire(now);
      CHECK(order == expected);
    }
  }
}

TEST_CASE("starting tells whether the timer is now the earliest") {
  Timers timers;
  Sleeper a, b, c;
  CHECK(timers.Start(&a.timer, 10));
  CHECK(!timers.Start(&b.timer, 20));
  CHECK(timers.Start(&c.timer, 5));
  CHECK(timers.Stop(&a.timer));
  CHECK(timers.Stop(&b.timer));
  CHECK(timers.Stop(&c.timer));
}

TEST_CASE("a timer does not touch a wait that somebody else has won") {
  Timers timers;
  std::vector<int64_t> order;
  Sleeper sleeper;
  sleeper.order = &order;
  timers.Start(&sleeper.timer, 1);
  CHECK(sleeper.wait.TryClaim(0));
  timers.Fire(1);
  CHECK(order.empty());
  CHECK(sleeper.wait.winner() == 0);
}

class Bomb final : public RefCounted, public DeadlineTarget {
 public:
  explicit Bomb(int* exploded) : exploded_(exploded) { timer.target = this; }
  void OnDeadline() override { ++*exploded_; }
  RefCounted* deadline_owner() override { return this; }
  DeadlineTimer timer;

 private:
  int* const exploded_;
};

TEST_CASE("a deadline calls its target once") {
  Timers timers;
  int exploded = 0;
  auto bomb = MakeRef<Bomb>(&exploded);
  timers.Start(&bomb->timer, 5);
  timers.Fire(4);
  CHECK(exploded == 0);
  timers.Fire(5);
  timers.Fire(6);
  CHECK(exploded == 1);
  CHECK(!timers.Stop(&bomb->timer));
  timers.Start(&bomb->timer, 7);
  timers.Fire(7);
  CHECK(exploded == 2);
}

}  // namespace
}  // namespace sloth::testing

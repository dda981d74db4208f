#include "sched/host_end.h"

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

class Shared final : public Handle {
 public:
  Shared() : Handle(HandleKind::kChannel) {}
};

}  // namespace

TEST_CASE("a run that shares an object with the host is deadlocked only once the host lets go of it") {
  World world(2);
  Gate gate;
  auto shared = MakeRef<Shared>();
  HostEnd* end = HostEnd::Of(shared.get());
  CHECK(HostEnd::Find(shared.get()) == end);
  std::atomic<bool> passed{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await gate.Pass(go);
    passed = true;
  });
  end->Hold();
  end->Hold();
  end->Attach(world.domain());
  end->Attach(world.domain());  // counts once
  world.Launch();
  timespec pause = {0, 20 * kMillisecond};
  nanosleep(&pause, nullptr);
  end->Drop();
  CHECK_FALSE(world.run()->deadlocked());
  SUBCASE("the host wakes it") {
    gate.Open();
    world.Run();
    CHECK(passed);
    CHECK_FALSE(world.run()->deadlocked());
    end->Drop();
  }
  SUBCASE("the host lets go") {
    end->Drop();
    world.Run();
    CHECK(world.run()->deadlocked());
    end->Attach(world.domain());  // nobody holds it: nothing happens
  }
}

TEST_CASE("an end outlives the domains it held up, and they outlive it") {
  auto shared = MakeRef<Shared>();
  HostEnd* end = HostEnd::Of(shared.get());
  end->Hold();
  auto first = MakeRef<DeadlockDomain>();
  end->Attach(first.get());
  first = nullptr;
  auto second = MakeRef<DeadlockDomain>();
  end->Attach(second.get());
  shared = nullptr;
  second = nullptr;
}

}  // namespace sloth::testing

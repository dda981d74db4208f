// Goroutines start, switch, wait and end; workers share them.
#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

TEST_CASE("a goroutine runs and ends") {
  World world(1);
  auto go = world.Go([](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  CHECK(go->settled());
  CHECK(go->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("a goroutine that parks goes on when it is woken") {
  World world(1);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body { CHECK(co_await gate.Pass(go) == Waited::kDone); });
  world.Go([&](FakeGoroutine&) -> Body {
    gate.Open();
    co_return;
  });
  world.Run();
}

}  // namespace
}  // namespace sloth::testing

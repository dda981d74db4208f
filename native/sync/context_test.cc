// Contexts: the tree, what they end, and the races for it.
#include "sync/context.h"

#include <atomic>

#include "base/random.h"
#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

Ref<Context> Root(World& world) { return Context::Make(world.scheduler()); }
Ref<Context> Child(World& world, const Ref<Context>& parent) { return Context::Make(world.scheduler(), parent); }
Ref<Context> Timed(World& world, const Ref<Context>& parent, int64_t duration) {
  return Context::Make(world.scheduler(), parent, {world.clock()->Now() + duration, 1.0});
}
// A world has a run, which ends when its goroutines have.
void End(World& world) {
  world.Go([](FakeGoroutine&) -> Body { co_return; });
  world.Run();
}
WaitLimit With(const Ref<Context>& context) { return {kForever, context.get()}; }

TEST_CASE("ending a context ends what is below it, and nothing else") {
  World world(1);
  auto root = Root(world);
  auto left = Child(world, root), right = Child(world, root), below = Child(world, left);
  left->Cancel("enough");
  CHECK(left->cause() == Context::Cause::kCancelled);
  CHECK(below->cause() == Context::Cause::kCancelled);
  CHECK(below->reason() == "enough");
  CHECK(below->end_reason() == "context canceled: enough");
  CHECK(!root->ended());
  CHECK(!right->ended());
  left->Cancel("again");
  CHECK(left->reason() == "enough");
  CHECK(Child(world, left)->reason() == "enough");
  End(world);
}

TEST_CASE("a context that nobody has any more leaves its parent") {
  World world(1);
  auto root = Root(world);
  for (int i = 0; i < 10; i++) Child(world, Child(world, root));
  CHECK(root->Unique());
  root->Cancel("");
  End(world);
}

TEST_CASE("a chain of contexts of any length ends and goes without a deep stack") {
  World world(1);
  auto root = Root(world);
  auto last = root;
  for (int i = 0; i < 200'000; i++) last = Context::MakeWithValue(std::move(last), i == 0 ? "first" : "k", Value::Integer(i));
  CHECK(last->Find("first").integer() == 0);
  CHECK(last->Find("k").integer() == 199'999);
  CHECK(last->Find("none").is_nil());
  root->Cancel("");
  CHECK(last->ended());
  last = nullptr;
  CHECK(root->Unique());
  End(world);
}

TEST_CASE("of two deadlines the earlier counts") {
  World world(1);
  auto root = Root(world);
  auto far = Timed(world, root, kSecond * 1000);
  auto near = Timed(world, far, kSecond * 100);
  CHECK(near->deadline().at_ns < far->deadline().at_ns);
  CHECK(Timed(world, near, kSecond * 500)->deadline().at_ns == near->deadline().at_ns);
  CHECK(Child(world, near)->ends_by_itself());
  CHECK(!root->ends_by_itself());
  CHECK(Timed(world, far, -1)->cause() == Context::Cause::kDeadline);
  CHECK(!far->ended());
  End(world);
}

TEST_CASE("a deadline ends the context and all below") {
  World world(1);
  auto timed = Timed(world, nullptr, kShort);
  auto below = Child(world, timed);
  CHECK(Eventually([&] { return below->ended(); }));
  CHECK(below->cause() == Context::Cause::kDeadline);
  CHECK(std::string(timed->error()) == "context deadline exceeded");
  End(world);
}

TEST_CASE("a wait ends with its context, and says so") {
  for (bool in_place : {false, true}) {
    World world(2);
    auto root = Root(world);
    auto channel = Channel::Make(0);
    world.Go([&, in_place](FakeGoroutine& go) -> Body {
      go.blocks_in_place = in_place;
      int64_t number = 0;
      Progress progress = co_await Receive(go, channel, &number, With(root));
      CHECK(progress == Progress::kTimedOut);
      CHECK(std::string(go.ended_by()) == "context canceled");
      // One that has ended already ends it at once; a plain timeout is none of its doing.
      progress = co_await Receive(go, channel, &number, With(root));
      CHECK(progress == Progress::kTimedOut);
      CHECK(go.ended_by() != nullptr);
      progress = co_await Receive(go, channel, &number, kShort);
      CHECK(progress == Progress::kTimedOut);
      CHECK(go.ended_by() == nullptr);
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kShort);
      root->Cancel("");
    });
    world.Run();
  }
}

TEST_CASE("what can happen happens, whatever the context says") {
  World world(1);
  auto root = Root(world);
  root->Cancel("");
  auto channel = Channel::Make(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await Send(go, channel, 7, With(root));
    CHECK(progress == Progress::kDone);
    int64_t number = 0;
    progress = co_await Receive(go, channel, &number, With(root));
    CHECK(progress == Progress::kDone);
    CHECK(number == 7);
  });
  world.Run();
}

TEST_CASE("a goroutine bound to a context is cancelled when that ends") {
  World world(2);
  Gate never;
  auto root = Root(world);
  auto bound = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  bound->BindTo(root);
  auto late = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  world.Go([&](FakeGoroutine& go) -> Body {
    world.scheduler()->Start(bound.get(), nullptr);
    co_await go.Pause(kShort);
    root->Cancel("enough");
    late->BindTo(root);
    CHECK(late->cancelled());
    world.scheduler()->Start(late.get(), nullptr);
  });
  world.Run();
  for (auto& go : {bound, late}) {
    CHECK(go->outcome().kind == OutcomeKind::kCancelled);
    CHECK(go->cancel_reason() == "context canceled: enough");
  }
  CHECK(root->Unique());
}

TEST_CASE("a goroutine that ends, or never starts, leaves its context") {
  World world(1);
  auto root = Timed(world, nullptr, kSecond * 1000);
  auto bound = world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; });
  bound->BindTo(root);
  world.Make(world.NewIsland(), [](FakeGoroutine&) -> Body { co_return; })->BindTo(root);
  world.Go([&](FakeGoroutine& go) -> Body {
    world.scheduler()->Start(bound.get(), nullptr);
    co_await Joining(go, bound.get());
    CHECK(root->Unique());
    root->Cancel("");
  });
  world.Run();
  CHECK(bound->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("the channel of a context closes when it ends, and keeps it") {
  World world(2);
  auto root = Root(world);
  auto done = Child(world, root)->Done();  // nobody else has the child
  CHECK(root->Done() == root->Done());
  CHECK(!done->closed());
  auto timed = Timed(world, root, kShort)->Done();
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    Progress progress = co_await Receive(go, timed, &number);
    CHECK(progress == Progress::kClosed);
    root->Cancel("");
    progress = co_await Receive(go, done, &number);
    CHECK(progress == Progress::kClosed);
  });
  world.Run();
  CHECK(root->Done()->closed());
  done = nullptr;
  timed = nullptr;
  // The thread whose timer ended one of them may still hold it for a moment.
  CHECK(Eventually([&] { return root->Unique(); }));
}

TEST_CASE("waiting for a context that nothing can end is a deadlock") {
  World world(2);
  auto root = Root(world);
  auto channel = Channel::Make(0);
  auto done = root->Done();
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    co_await Receive(go, channel, &number, With(root));
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    co_await Receive(go, done, &number);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("waiting for a context with a deadline is none") {
  World world(2);
  auto channel = Channel::Make(0);
  Gate never;
  auto bound = world.Make(world.NewIsland(), [&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  world.Go([&](FakeGoroutine& go) -> Body {
    auto limited = Timed(world, nullptr, 10 * kShort);
    int64_t number = 0;
    Progress progress = co_await Receive(go, channel, &number, With(Child(world, limited)));
    CHECK(progress == Progress::kTimedOut);
    auto done = Timed(world, nullptr, 10 * kShort)->Done();
    auto select = Select::TryMake(2);
    select->AddReceive(channel);
    select->AddReceive(done);
    Random random(1);
    progress = co_await Selecting(go, select, &random);
    CHECK(progress == Progress::kDone);
    CHECK(select->chosen() == 1);
    bound->BindTo(Timed(world, nullptr, 10 * kShort));
    world.scheduler()->Start(bound.get(), nullptr);
    co_await Joining(go, bound.get());
  });
  world.Run();
  CHECK(!world.run()->deadlocked());
  CHECK(bound->outcome().kind == OutcomeKind::kCancelled);
}

TEST_CASE("a context with a deadline that nobody waits for hides no deadlock") {
  World world(1);
  auto timed = Timed(world, nullptr, kSecond * 1000);
  Gate never;
  world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go); });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("values, timeouts, ends of contexts and cancellations race for waits") {
  for (int round = 0; round < 60; round++) {
    World world(4);
    auto channel = Channel::Make(0);
    auto root = Root(world);
    std::atomic<int64_t> sent{0}, received{0};
    std::vector<Ref<FakeGoroutine>> all;
    for (int i = 0; i < 12; i++) {
      all.push_back(world.Go([&, i](FakeGoroutine& go) -> Body {
        for (int k = 0; k < 20; k++) {
          auto context = Child(world, root);
          auto end = go.Spawn([context](FakeGoroutine& self) -> Body {
            co_await self.Yield();
            context->Cancel("");
          });
          WaitLimit limit((k % 4 == 0) ? kMillisecond / 20 : kForever, context.get());
          int64_t number = 0;
          if (i % 2 == 0) {
            if (co_await Send(go, channel, 1, limit) == Progress::kDone) sent++;
          } else if (co_await Receive(go, channel, &number, limit) == Progress::kDone) {
            received++;
          }
          if (go.cancelled()) co_return;
        }
      }));
    }
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kMillisecond / 2);
      for (int i = 0; i < 4; i++) all[i]->Cancel(CancelKind::kCancelled, "");
      root->Cancel("");
    });
    world.Run();
    CHECK(sent == received);
  }
}

TEST_CASE("goroutines start, end and are cancelled while their context ends") {
  for (int round = 0; round < 60; round++) {
    World world(4);
    auto root = Root(world);
    for (int i = 0; i < 4; i++) {
      world.Go([&](FakeGoroutine& go) -> Body {
        for (int k = 0; k < 25; k++) {
          auto child = world.Make(world.NewIsland(), [&](FakeGoroutine& self) -> Body { co_await self.Pause(kMillisecond / 20); });
          child->BindTo(k % 2 ? Timed(world, root, kMillisecond / 20) : Child(world, root));
          world.scheduler()->Start(child.get(), &go);
          if (k % 3 == 0) co_await Joining(go, child.get());
        }
      });
    }
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kMillisecond / 4);
      root->Cancel("");
    });
    world.Run();
    CHECK(Eventually([&] { return root->Unique(); }));  // its last timer may be firing still
  }
}

}  // namespace
}  // namespace sloth::testing

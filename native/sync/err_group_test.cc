// Groups that fail together: places, the first error, and the races for them.
#include "sync/err_group.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

class Entering final : public Operation<Entering, Progress> {
 public:
  Entering(FakeGoroutine& go, ErrGroup* group) : Operation(go), group_(group) {}
  Progress Start() { return group_->Enter(&go_); }
  Progress Finish() { return go_.TakeWaitObject<ErrGroup>()->FinishEnter(&go_); }

 private:
  ErrGroup* const group_;
};

class WaitForMembers final : public Operation<WaitForMembers, Progress> {
 public:
  WaitForMembers(FakeGoroutine& go, ErrGroup* group, WaitLimit limit = kForever) : Operation(go), group_(group), limit_(limit) {}
  Progress Start() { return group_->Wait(&go_, limit_); }
  Progress Finish() { return go_.TakeWaitObject<ErrGroup>()->FinishWait(&go_); }

 private:
  ErrGroup* const group_;
  const WaitLimit limit_;
};

Ref<ErrGroup> Group(World& world, int64_t limit) { return MakeRef<ErrGroup>(Context::Make(world.scheduler()), limit); }

// Starts a member, for which a place was taken.
Ref<FakeGoroutine> StartMember(World& world, const Ref<ErrGroup>& group, Goroutine* parent, BodyFunction body) {
  auto member = world.Make(world.NewIsland(), std::move(body), parent);
  member->uncaught_rule = UncaughtRule::kReportAtEnd;
  group->Watch(member.get());
  member->BindTo(Ref<WaitEnder>(group->context()));
  world.scheduler()->Start(member.get(), parent);
  return member;
}

TEST_CASE("at most so many members run at once, and all run") {
  for (int64_t limit : {1, 3, 100}) {
    World world(4);
    auto group = Group(world, limit);
    std::atomic<int64_t> inside{0}, most{0}, all{0};
    world.Go([&](FakeGoroutine& go) -> Body {
      for (int i = 0; i < 40; i++) {
        Progress progress = co_await Entering(go, group.get());
        CHECK(progress == Progress::kDone);
        StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body {
          int64_t now = ++inside;
          for (int64_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          co_await self.Yield();
          all++;
          inside--;
        });
      }
      Progress progress = co_await WaitForMembers(go, group.get());
      CHECK(progress == Progress::kDone);
      CHECK(!group->Close().failed);
      CHECK(group->context()->ended());
      CHECK(group->TryEnter() == Progress::kClosed);
    });
    world.Run();
    CHECK(all == 40);
    CHECK(most <= limit);
  }
}

TEST_CASE("the first error cancels the others and is the group's") {
  World world(4);
  auto group = Group(world, 0);
  Gate never;
  std::vector<Ref<FakeGoroutine>> others;
  Ref<FakeGoroutine> culprit;
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 5; i++) {
      CHECK(group->TryEnter() == Progress::kDone);
      others.push_back(StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body { co_await never.Pass(self); }));
    }
    CHECK(group->TryEnter() == Progress::kDone);
    culprit = StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body {
      self.Fail("broken");
      co_return;
    });
    Progress progress = co_await WaitForMembers(go, group.get());
    CHECK(progress == Progress::kDone);
    ErrGroup::Result result = group->Close();
    CHECK(result.failed == culprit);
    CHECK(result.ended_by == nullptr);
  });
  world.Run();
  for (auto& other : others) CHECK(other->outcome().kind == OutcomeKind::kCancelled);
  CHECK(group->context()->reason() == "broken");
  CHECK(world.run()->uncaught() == 0);
}

TEST_CASE("an error nobody waits for is reported once") {
  World world(2);
  auto group = Group(world, 0);
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 0; i < 3; i++) {
      CHECK(group->TryEnter() == Progress::kDone);
      StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body {
        self.Fail("broken");
        co_return;
      });
    }
    co_return;
  });
  world.Run();
  CHECK(world.run()->uncaught() == 1);
}

TEST_CASE("a group whose context ends tells so") {
  World world(2);
  auto parent = Context::Make(world.scheduler());
  auto group = MakeRef<ErrGroup>(Context::Make(world.scheduler(), parent), 0);
  Gate never;
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(group->TryEnter() == Progress::kDone);
    StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body { co_await never.Pass(self); });
    Progress progress = co_await WaitForMembers(go, group.get(), kMillisecond);
    CHECK(progress == Progress::kTimedOut);
    parent->Cancel("");
    progress = co_await WaitForMembers(go, group.get());
    CHECK(progress == Progress::kDone);
    CHECK(std::string(group->Close().ended_by) == "context canceled");
  });
  world.Run();
}

TEST_CASE("waiting for a place is given up when cancelled, and the place stays") {
  World world(2);
  auto group = Group(world, 1);
  Gate gate;
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(group->TryEnter() == Progress::kDone);
    StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body { co_await gate.Pass(self); });
    CHECK(group->TryEnter() == Progress::kWouldBlock);
    auto waiting = go.Spawn([&](FakeGoroutine& self) -> Body {
      self.blocks_in_place = true;
      Progress progress = co_await Entering(self, group.get());
      CHECK(progress == Progress::kCancelled);
    });
    co_await go.Pause(kMillisecond);
    waiting->Cancel(CancelKind::kCancelled, "");
    co_await Joining(go, waiting.get());
    gate.Open();
    Progress progress = co_await WaitForMembers(go, group.get());
    CHECK(progress == Progress::kDone);
    CHECK(group->TryEnter() == Progress::kDone);
  });
  world.Run();
}

TEST_CASE("a member that waits for its group is a deadlock") {
  World world(2);
  auto group = Group(world, 1);
  world.Go([&](FakeGoroutine& go) -> Body {
    CHECK(group->TryEnter() == Progress::kDone);
    StartMember(world, group, &go, [&](FakeGoroutine& self) -> Body { co_await WaitForMembers(self, group.get()); });
    co_await Entering(go, group.get());
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("members end, fail and are cancelled while others enter") {
  for (int round = 0; round < 60; round++) {
    World world(4);
    auto group = Group(world, 2);
    std::atomic<int64_t> entered{0}, ended{0};
    std::vector<Ref<FakeGoroutine>> all;
    for (int i = 0; i < 4; i++) {
      all.push_back(world.Go([&, i](FakeGoroutine& go) -> Body {
        for (int k = 0; k < 20; k++) {
          if (co_await Entering(go, group.get()) != Progress::kDone) co_return;
          entered++;
          auto member = world.Make(world.NewIsland(), [&, i, k](FakeGoroutine& self) -> Body {
            co_await self.Yield();
            if (i == 0 && k == 15) self.Fail("broken");
          });
          member->uncaught_rule = UncaughtRule::kReportAtEnd;
          group->Watch(member.get());
          world.scheduler()->Start(member.get(), nullptr);
          ended++;
        }
      }));
    }
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kMillisecond / 4);
      all[1]->Cancel(CancelKind::kCancelled, "");
      Progress progress = co_await WaitForMembers(go, group.get());
      CHECK(progress == Progress::kDone);
    });
    world.Run();
    CHECK(entered == ended);
    CHECK(group->Unique());
  }
}

}  // namespace
}  // namespace sloth::testing

// Runs: when they end, which errors they report, what cancels them.
#include "sched/run.h"

#include <atomic>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

using Errors = std::vector<std::string>;

Body Failing(FakeGoroutine& go) {
  go.Fail("broken");
  co_return;
}

TEST_CASE("a run ends when all its goroutines have ended") {
  World world(2);
  std::atomic<bool> child_ended{false};
  world.Go([&](FakeGoroutine& go) -> Body {
    go.Spawn([&](FakeGoroutine& child) -> Body {
      co_await child.Pause(5 * kMillisecond);
      child_ended = true;
    });
    co_return;
  });
  world.Run();
  CHECK(child_ended);
  CHECK(world.run()->live() == 0);
}

TEST_CASE("an error nobody awaits is reported at once") {
  World world(1);
  std::atomic<bool> reported{false};
  auto failing = world.Go(Failing);
  world.Go([&, failing](FakeGoroutine& go) -> Body {
    while (!failing->settled()) co_await go.Yield();
    while (world.run()->uncaught() == 0) co_await go.Yield();
    reported = true;
  });
  world.Run();
  CHECK(reported);
  CHECK(world.run()->errors() == Errors{"broken"});
}

TEST_CASE("an error that somebody asked for before it happened is not reported") {
  World world(1);
  auto failing = world.Go(Failing);
  failing->Ask();
  world.Run();
  CHECK(world.run()->uncaught() == 0);
  CHECK(failing->outcome().failure->message == "broken");
}

TEST_CASE("an error to be reported at the end is not, if somebody asks by then") {
  for (bool ask : {false, true}) {
    World world(1);
    auto failing = world.Go(Failing);
    failing->uncaught_rule = UncaughtRule::kReportAtEnd;
    world.Go([&, failing](FakeGoroutine& go) -> Body {
      while (!failing->settled()) co_await go.Yield();
      co_await go.Pause(kMillisecond);
      CHECK(world.run()->uncaught() == 0);
      if (ask) failing->Ask();
    });
    world.Run();
    CHECK(world.run()->errors() == (ask ? Errors{} : Errors{"broken"}));
  }
}

TEST_CASE("the error of the main goroutine is the run's own") {
  World world(1);
  auto main = world.Go(Failing);
  main->uncaught_rule = UncaughtRule::kBelongsToRun;
  world.Run();
  CHECK(world.run()->uncaught() == 0);
}

TEST_CASE("who joins an error takes it over") {
  World world(1);
  auto failing = world.Go([](FakeGoroutine& go) -> Body {
    co_await go.Pause(kMillisecond);
    go.Fail("late");
  });
  world.Go([failing](FakeGoroutine& go) -> Body {
    go.waiter.clause = 0;
    go.BeginWait("await", false);
    CHECK(failing->AddJoiner(&go.waiter));
    go.CommitWait();
    co_await Suspend{go, RunResult::kParked};
    CHECK(go.waiter.ok);
    failing->RemoveJoiner(&go.waiter);
    int32_t winner = go.EndWait();
    CHECK(winner == 0);
    CHECK(failing->settled());
  });
  world.Run();
  CHECK(world.run()->uncaught() == 0);
}

TEST_CASE("nobody can join a goroutine that has ended") {
  World world(1);
  auto ended = world.Go([](FakeGoroutine&) -> Body { co_return; });
  world.Run();
  Waiter waiter;
  CHECK(!ended->AddJoiner(&waiter));
}

TEST_CASE("with fail_fast an error nobody awaits ends the run") {
  for (UncaughtRule rule : {UncaughtRule::kPrintAtOnce, UncaughtRule::kReportAtEnd}) {
    WorldOptions options;
    options.run.fail_fast = true;
    World world(options);
    Gate never;
    auto waiting = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go, 3600 * kSecond); });
    auto failing = world.Go(Failing);
    failing->uncaught_rule = rule;
    world.Run();
    CHECK(waiting->outcome().kind == OutcomeKind::kCancelled);
    CHECK(world.run()->errors() == Errors{"broken"});
  }
}

TEST_CASE("without wait_for_all the end of the main goroutine cancels the others") {
  WorldOptions options;
  options.run.wait_for_all = false;
  World world(options);
  Gate never;
  auto main = world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
  auto waiting = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go, 3600 * kSecond); });
  CHECK(world.run()->main() == main);
  world.Run();
  CHECK(main->outcome().kind == OutcomeKind::kDone);
  CHECK(waiting->outcome().kind == OutcomeKind::kCancelled);
}

TEST_CASE("daemons keep no run alive: they are cancelled when nobody else is left") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    Gate never;
    auto main = world.Go([](FakeGoroutine& go) -> Body { co_await go.Pause(kMillisecond); });
    Ref<FakeGoroutine> daemons[3];
    for (int i = 0; i < 3; i++) {
      daemons[i] = world.GoDaemon([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 1;
        co_await never.Pass(go, i == 2 ? 3600 * kSecond : kForever);
      });
    }
    world.Run();
    CHECK(!world.run()->deadlocked());
    CHECK(main->outcome().kind == OutcomeKind::kDone);
    for (auto& daemon : daemons) CHECK(daemon->cancel_kind() == CancelKind::kCancelled);
  }
}

TEST_CASE("a daemon lives while anybody else does, and is not counted among those") {
  World world(2);
  std::atomic<bool> served{false};
  Gate gate, counted;
  auto daemon = world.GoDaemon([&](FakeGoroutine& go) -> Body {
    co_await gate.Pass(go);
    served = true;
  });
  world.Go([&](FakeGoroutine&) -> Body {
    CHECK(world.run()->live() == 2);
    CHECK(world.run()->CountStates().daemons == 1);
    counted.Open();
    co_return;
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await counted.Pass(go);
    gate.Open();
    while (!daemon->settled()) co_await go.Yield();
  });
  world.Run();
  CHECK(served);
  CHECK(daemon->outcome().kind == OutcomeKind::kDone);
}

TEST_CASE("what a daemon starts keeps the run alive like anything else") {
  World world(2);
  std::atomic<bool> ended{false};
  Gate begun;
  auto daemon = world.GoDaemon([&](FakeGoroutine& go) -> Body {
    go.Spawn([&](FakeGoroutine& child) -> Body {
      co_await child.Pause(3 * kMillisecond);
      ended = true;
    });
    begun.Open();
    co_return;
  });
  world.Go([&](FakeGoroutine& go) -> Body { co_await begun.Pass(go); });
  world.Run();
  CHECK(ended);
}

TEST_CASE("exiting ends everything with the first code") {
  World world(2);
  Gate never;
  auto waiting = world.Go([&](FakeGoroutine& go) -> Body { co_await never.Pass(go, 3600 * kSecond); });
  world.Go([&](FakeGoroutine& go) -> Body {
    world.run()->Exit(3);
    world.run()->Exit(4);
    CHECK(go.cancel_kind() == CancelKind::kExit);
    co_return;
  });
  world.Run();
  CHECK(world.run()->exited());
  CHECK(world.run()->exit_code() == 3);
  CHECK(waiting->cancel_kind() == CancelKind::kExit);
}

TEST_CASE("what is started while a run is being cancelled is cancelled, too") {
  World world(1);
  bool ran = false;
  world.Go([&](FakeGoroutine& go) -> Body {
    world.run()->CancelAll(CancelKind::kCancelled, "enough");
    go.Spawn([&](FakeGoroutine&) -> Body {
      ran = true;
      co_return;
    });
    co_return;
  });
  world.Run();
  CHECK(!ran);
}

class Listener final : public EndListener {
 public:
  void GoroutineEnded(Goroutine* goroutine) override {
    CHECK(goroutine->settled());
    told++;
  }
  std::atomic<int> told{0};
};

TEST_CASE("a listener is told once that its goroutine has ended") {
  World world(1);
  auto listener = MakeRef<Listener>();
  auto go = world.Go([](FakeGoroutine& self) -> Body { co_await self.Yield(); });
  go->end_listener = listener;
  world.Run();
  CHECK(listener->told == 1);
  CHECK(listener->Unique());
}

TEST_CASE("an enrolled goroutine that nobody launches can be ended") {
  World world(1);
  auto run = world.NewRun();
  auto island = world.NewIsland();
  auto go = world.Make(island, [](FakeGoroutine&) -> Body { co_return; }, nullptr, run.get());
  world.scheduler()->Enroll(go.get(), nullptr);
  CHECK(island->pinned());
  Outcome outcome;
  outcome.kind = OutcomeKind::kCancelled;
  go->Settle(std::move(outcome));
  CHECK(run->ended());
  CHECK(Eventually([&] { return island->buried(); }));
}

TEST_CASE("what a deadlock found blocked is listed in the order of the ids") {
  class Listing final : public Run {
   public:
    using Run::Run;
    using Run::TakeBlocked;
    void OnUncaught(Goroutine*) override {}
    void OnEnd() override {}
  };
  auto run = MakeRef<Listing>(1, MakeRef<DeadlockDomain>(), RunOptions());
  for (uint64_t id : {3, 1, 2}) run->AddBlocked({id, std::to_string(id)});
  auto blocked = run->TakeBlocked();
  CHECK(blocked.size() == 3);
  for (size_t i = 0; i < 3; i++) CHECK(blocked[i].text == std::to_string(i + 1));
  CHECK(run->TakeBlocked().empty());
}

TEST_CASE("a thousand goroutines in families end in any order, cancelled or not") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    std::atomic<int> ended{0};
    for (int family = 0; family < 20; family++) {
      world.Go([&, family](FakeGoroutine& go) -> Body {
        Ref<FakeGoroutine> child;
        for (int i = 0; i < 50; i++) {
          child = (i % 2 ? go.Spawn([&, i](FakeGoroutine& self) -> Body {
            co_await self.Pause(i * 7 % 11 * 50 * kMicrosecond);
            ended++;
          }) : go.SpawnHome([&, i](FakeGoroutine& self) -> Body {
            if (i % 3) self.Spawn([&](FakeGoroutine&) -> Body { co_return; });
            co_await self.Yield();
            ended++;
          }));
          if (i % 5 == 0) co_await go.Yield();
        }
        if (family % 3 == 0) go.Cancel(CancelKind::kCancelled, "family");
      });
    }
    world.Run();
    CHECK(ended > 0);
  }
}

}  // namespace
}  // namespace sloth::testing

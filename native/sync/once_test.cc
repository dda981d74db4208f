// What is done once.
#include "sync/once.h"

#include <atomic>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;
using Answer = Once::Answer;

class CallingOnce final : public Operation<CallingOnce, Answer> {
 public:
  CallingOnce(FakeGoroutine& go, const Ref<Once>& once, uint64_t* turn) : Operation(go), once_(once.get()), turn_(turn) {}
  Answer Start() { return once_->Call(&go_, turn_); }
  Answer Finish() { return go_.TakeWaitObject<Once>()->FinishCall(&go_, turn_); }

 private:
  Once* const once_;
  uint64_t* const turn_;
};

Outcome Result(int64_t number) {
  Outcome outcome;
  outcome.kind = OutcomeKind::kDone;
  outcome.results = Value::Integer(number);
  return outcome;
}

TEST_CASE("one does it, and everybody sees how it ended") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    auto once = MakeRef<Once>();
    std::atomic<int> done{0};
    int result = 0;  // published by the end of the turn
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        uint64_t turn;
        Answer answer = co_await CallingOnce(go, once, &turn);
        if (answer == Answer::kTurn) {
          done++;
          CHECK(once->outcome() == nullptr);
          uint64_t other;
          CHECK(once->Call(&go, &other) == Answer::kRecursive);
          co_await go.Pause(kShort);
          result = 42;
          once->Spend(turn, Result(7));
          once->Spend(turn, Result(8));
          once->PassOn(turn);
        } else {
          CHECK(answer == Answer::kSpent);
        }
        CHECK(result == 42);
        CHECK(once->outcome()->results.integer() == 7);
      });
    }
    world.Run();
    CHECK(done == 1);
    CHECK(once->Unique());
  }
}

TEST_CASE("a turn that comes to nothing passes to who has waited longest") {
  for (bool ends : {false, true}) {
    World world(1);
    auto once = MakeRef<Once>();
    std::string order;
    bool all_wait = false;
    world.Go([&](FakeGoroutine& go) -> Body {
      auto first = go.SpawnHome([&](FakeGoroutine& self) -> Body {
        uint64_t turn;
        co_await CallingOnce(self, once, &turn);
        while (!all_wait) co_await self.Yield();
        if (!ends) once->PassOn(turn);
      });
      co_await go.Yield();
      for (char name : {'a', 'b', 'c'}) {
        auto waiting = go.SpawnHome([&, name](FakeGoroutine& self) -> Body {
          uint64_t turn;
          Answer answer = co_await CallingOnce(self, once, &turn);
          if (answer == Answer::kCancelled) co_return;
          order += name;
          if (answer == Answer::kTurn) {
            order += '!';
            co_await self.Yield();
            once->Spend(turn, Result(1));
          }
        });
        co_await go.Yield();
        if (name == 'a') waiting->Cancel(CancelKind::kCancelled, "");
      }
      all_wait = true;
    });
    world.Run();
    CHECK(order == "b!c");
    CHECK(once->Unique());
  }
}

TEST_CASE("the end of an earlier turn changes nothing") {
  World world(1);
  auto once = MakeRef<Once>();
  world.Go([&](FakeGoroutine& go) -> Body {
    uint64_t first, second;
    co_await CallingOnce(go, once, &first);
    once->PassOn(first);
    co_await CallingOnce(go, once, &second);
    CHECK(first != second);
    once->PassOn(first);
    once->Spend(first, Result(1));
    CHECK(once->outcome() == nullptr);
    once->Spend(second, Result(2));
    CHECK(once->outcome()->results.integer() == 2);
  });
  world.Run();
  CHECK(once->Unique());
}

TEST_CASE("turns that are cancelled and goroutines that end never lose it") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    for (int round = 0; round < 40; round++) {
      world.Go([&, round](FakeGoroutine& go) -> Body {
        auto once = MakeRef<Once>();
        std::atomic<int> done{0};
        Ref<FakeGoroutine> children[6];
        for (int i = 0; i < 6; i++) {
          children[i] = go.Spawn([&, i, fate = (round + i) % 3](FakeGoroutine& self) -> Body {
            uint64_t turn;
            Answer answer = co_await CallingOnce(self, once, &turn);
            if (answer != Answer::kTurn) co_return;
            co_await self.Yield();
            if (fate == 0) once->PassOn(turn);
            if (fate != 1) co_return;  // with fate 2 its end passes the turn on
            done++;
            once->Spend(turn, Result(i));
          });
          if ((round + i) % 4 == 0) children[i]->Cancel(CancelKind::kCancelled, "");
        }
        for (auto& child : children) co_await Joining(go, child.get());
        CHECK(done <= 1);
        CHECK((once->outcome() != nullptr) == (done == 1));
        CHECK(once->Unique());
      });
    }
    world.Run();
  }
}

}  // namespace
}  // namespace sloth::testing

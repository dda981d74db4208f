// Select: exactly one of its clauses happens. Races are in channel_stress_test.cc.
#include "sync/select.h"

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;

Value Number(int64_t number) { return Value::Integer(number); }

Ref<Channel> Holding(int64_t number) {
  auto channel = Channel::Make(1);
  CHECK(channel->TrySend(Number(number)) == Progress::kDone);
  return channel;
}

TEST_CASE("polling takes what is ready, or says that nothing is") {
  Random random(1);
  auto empty = Channel::Make(1);
  auto full = Holding(7);
  auto nothing = Select::TryMake(2);
  nothing->AddReceive(empty);
  nothing->AddSend(full, Number(1));
  CHECK(nothing->Poll(&random) == Progress::kWouldBlock);
  auto receiving = Select::TryMake(2);
  receiving->AddReceive(empty);
  receiving->AddReceive(full);
  CHECK(receiving->Poll(&random) == Progress::kDone);
  CHECK(receiving->chosen() == 1);
  CHECK(receiving->received_ok());
  CHECK(receiving->TakeReceived().integer() == 7);
  auto sending = Select::TryMake(1);
  sending->AddSend(empty, Number(8));
  CHECK(sending->Poll(&random) == Progress::kDone);
  CHECK(sending->direction(0) == Select::Direction::kSend);
  CHECK(empty->length() == 1);
}

TEST_CASE("among ready clauses each is chosen equally often, wherever those that are not ready stand") {
  Random random(5);
  int chosen[6] = {};
  auto never = Channel::Make(0);
  auto closed = Channel::Make(0);
  closed->Close();
  for (int i = 0; i < 6000; i++) {
    auto select = Select::TryMake(6);
    for (size_t clause : {0, 1, 2, 3, 4, 5}) select->AddReceive(clause == 0 || clause == 4 || clause == 5 ? closed : never);
    CHECK(select->Poll(&random) == Progress::kDone);
    CHECK(!select->received_ok());
    chosen[select->chosen()]++;
  }
  for (size_t clause : {0, 4, 5}) CHECK(chosen[clause] > 1800);
  for (size_t clause : {1, 2, 3}) CHECK(chosen[clause] == 0);
}

TEST_CASE("a send on a closed channel is chosen and fails") {
  Random random(1);
  auto closed = Channel::Make(0);
  closed->Close();
  auto select = Select::TryMake(2);
  select->AddReceive(Channel::Make(0));
  select->AddSend(closed, Number(1));
  CHECK(select->Poll(&random) == Progress::kClosed);
  CHECK(select->chosen() == 1);
}

TEST_CASE("one channel may stand in several clauses, also in both directions") {
  for (bool sending : {false, true}) {
    World world(1);
    auto channel = Channel::Make(0);
    world.Go([&](FakeGoroutine& go) -> Body {
      Random random(1);
      auto select = Select::TryMake(4);
      for (int i = 0; i < 2; i++) {
        select->AddReceive(channel);
        select->AddSend(channel, Number(5));
      }
      Progress progress = co_await Selecting(go, select, &random);
      CHECK(progress == Progress::kDone);
      CHECK((select->direction(select->chosen()) == Select::Direction::kReceive) == sending);
      if (sending) CHECK(select->TakeReceived().integer() == 6);
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kShort);
      int64_t number = 0;
      Progress progress;
      if (sending) progress = co_await Send(go, channel, 6);
      else progress = co_await Receive(go, channel, &number);
      CHECK(progress == Progress::kDone);
      CHECK(number == (sending ? 0 : 5));
      CHECK(channel->TrySend(Number(1)) == Progress::kWouldBlock);  // no clause was left behind
    });
    world.Run();
  }
}

TEST_CASE("a waiting select is completed by the first that comes, and withdrawn everywhere else") {
  World world(1);
  auto a = Channel::Make(0);
  auto b = Channel::Make(0);
  auto selecting = world.Go([&](FakeGoroutine& go) -> Body {
    Random random(1);
    auto select = Select::TryMake(2);
    select->AddReceive(a);
    select->AddSend(b, Number(2));
    Progress progress = co_await Selecting(go, select, &random);
    CHECK(progress == Progress::kDone);
    CHECK(select->chosen() == 0);
    CHECK(select->TakeReceived().integer() == 1);
    co_await go.Pause(kShort);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (selecting->state() != GoState::kParked) co_await go.Yield();
    CHECK(a->TrySend(Number(1)) == Progress::kDone);
    CHECK(a->TrySend(Number(1)) == Progress::kWouldBlock);
    Value value;
    CHECK(b->TryReceive(&value) == Progress::kWouldBlock);
  });
  world.Run();
}

TEST_CASE("two selects meet") {
  World world(2);
  auto a = Channel::Make(0);
  auto b = Channel::Make(0);
  for (bool sends : {true, false}) {
    world.Go([&, sends](FakeGoroutine& go) -> Body {
      Random random(sends);
      for (int i = 0; i < 100; i++) {
        auto select = Select::TryMake(2);
        if (sends) {
          select->AddSend(a, Number(i));
          select->AddSend(b, Number(i));
        } else {
          select->AddReceive(b);
          select->AddReceive(a);
        }
        Progress progress = co_await Selecting(go, select, &random);
        CHECK(progress == Progress::kDone);
        if (!sends) CHECK(select->TakeReceived().integer() == i);
      }
    });
  }
  world.Run();
}

TEST_CASE("selects over the same channels in any order do not lock each other out") {
  World world(4);
  Ref<Channel> channels[5];
  for (auto& channel : channels) channel = Channel::Make(2);
  for (int g = 0; g < 6; g++) {
    world.Go([&, g](FakeGoroutine& go) -> Body {
      Random random(static_cast<uint64_t>(g));
      for (int i = 0; i < 200; i++) {
        auto select = Select::TryMake(5);
        for (int c = 0; c < 5; c++) {
          auto& channel = channels[random.Below(5)];
          if (random.Below(2)) select->AddReceive(channel);
          else select->AddSend(channel, Number(i));
        }
        co_await Selecting(go, select, &random, 20 * kMicrosecond);
      }
    });
  }
  world.Run();
}

TEST_CASE("a select without clauses waits for its timeout, and one without either is a deadlock") {
  World world(1);
  world.Go([&](FakeGoroutine& go) -> Body {
    Random random(1);
    Progress progress = co_await Selecting(go, Select::TryMake(0), &random, kShort);
    CHECK(progress == Progress::kTimedOut);
    progress = co_await Selecting(go, Select::TryMake(0), &random);
    CHECK(progress == Progress::kCancelled);
  });
  world.Run();
  CHECK(world.run()->deadlocked());
}

TEST_CASE("closing a channel wakes a select") {
  for (bool sending : {false, true}) {
    World world(1);
    auto channel = Channel::Make(0);
    world.Go([&](FakeGoroutine& go) -> Body {
      Random random(1);
      auto select = Select::TryMake(2);
      select->AddReceive(Channel::Make(0));
      if (sending) select->AddSend(channel, Number(1));
      else select->AddReceive(channel);
      Progress progress = co_await Selecting(go, select, &random);
      CHECK(progress == (sending ? Progress::kClosed : Progress::kDone));
      CHECK(select->chosen() == 1);
      CHECK(!select->received_ok());
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      co_await go.Pause(kShort);
      channel->Close();
    });
    world.Run();
  }
}

TEST_CASE("a cancelled select leaves nothing behind") {
  World world(1);
  auto channel = Channel::Make(0);
  auto selecting = world.Go([&](FakeGoroutine& go) -> Body {
    Random random(1);
    auto select = Select::TryMake(1);
    select->AddReceive(channel);
    Progress progress = co_await Selecting(go, select, &random);
    CHECK(progress == Progress::kCancelled);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await go.Pause(kShort);
    selecting->Cancel(CancelKind::kCancelled, "");
    CHECK(channel->TrySend(Number(1)) == Progress::kWouldBlock);
  });
  world.Run();
  CHECK(channel->Unique());
}

TEST_CASE("a select over a hundred channels works") {
  Random random(1);
  constexpr size_t kMany = 50;  // the lock checker of ThreadSanitizer knows 64 at a time
  auto select = Select::TryMake(2 * kMany);
  std::vector<Ref<Channel>> channels;
  for (size_t i = 0; i < 2 * kMany; i++) {
    if (i < kMany) channels.push_back(Channel::Make(1));
    select->AddReceive(channels[i % kMany]);
  }
  CHECK(select->Poll(&random) == Progress::kWouldBlock);
  CHECK(channels[33]->TrySend(Number(9)) == Progress::kDone);
  CHECK(select->Poll(&random) == Progress::kDone);
  CHECK(select->chosen() % kMany == 33);
  CHECK(select->TakeReceived().integer() == 9);
}

}  // namespace
}  // namespace sloth::testing

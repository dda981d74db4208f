// Channels with priorities, and what a full buffer does.
#include <map>
#include <vector>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

using Numbers = std::vector<int64_t>;

Value Number(int64_t number) { return Value::Integer(number); }

Ref<Channel> WithOverflow(size_t capacity, Overflow overflow, ChannelBuffer::Order order = ChannelBuffer::Order::kArrival) {
  ChannelOptions options;
  options.capacity = capacity;
  options.overflow = overflow;
  options.order = order;
  return MakeRef<Channel>(std::move(options));
}

Ref<Channel> Ranked(size_t capacity, Overflow overflow = Overflow::kBlock) {
  return WithOverflow(capacity, overflow, ChannelBuffer::Order::kPriority);
}

Numbers Drain(Channel* channel) {
  Numbers numbers;
  Value value;
  while (channel->TryReceive(&value) == Progress::kDone) numbers.push_back(value.integer());
  return numbers;
}

// How many wait in that operation.
int64_t Waiting(World& world, std::string_view operation) {
  Run::StateCounts counts = world.run()->CountStates();
  for (int i = 0; i < counts.kinds; i++) {
    if (operation == counts.waiting_for[i]) return counts.waiting[i];
  }
  return 0;
}

TEST_CASE("a full buffer drops the oldest, drops the newest, or refuses, and counts what it dropped") {
  struct Expected {
    Overflow overflow;
    Progress progress;
    Numbers left;
    int64_t dropped;
  };
  for (const Expected& expected : {Expected{Overflow::kDropOldest, Progress::kDone, {3, 4}, 2},
                                   Expected{Overflow::kDropNewest, Progress::kDone, {1, 2}, 2},
                                   Expected{Overflow::kError, Progress::kFull, {1, 2}, 0}}) {
    auto channel = WithOverflow(2, expected.overflow);
    CHECK(channel->TrySend(Number(1)) == Progress::kDone);
    CHECK(channel->TrySend(Number(2)) == Progress::kDone);
    CHECK(channel->TrySend(Number(3)) == expected.progress);
    Random random(1);
    Ref<Select> select = Select::TryMake(1);
    select->AddSend(channel, Number(4));
    CHECK(select->Poll(&random) == expected.progress);
    CHECK(Drain(channel.get()) == expected.left);
    CHECK(channel->Statistics().dropped == expected.dropped);
  }
}

TEST_CASE("a send to a channel that drops never waits, and a receiver that waits gets the value first") {
  World world(1);
  auto channel = WithOverflow(1, Overflow::kDropNewest);
  Numbers got;
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    Progress progress = co_await Receive(go, channel, &number);
    CHECK(progress == Progress::kDone);
    got.push_back(number);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int i = 1; i <= 5; i++) {
      Progress progress = co_await Send(go, channel, i);
      CHECK(progress == Progress::kDone);
    }
  });
  world.Run();
  CHECK(got == Numbers{1});
  CHECK(channel->Statistics().dropped == 3);
}

TEST_CASE("higher priorities come first, and within one the order of sending") {
  auto channel = Ranked(100);
  std::map<int64_t, Numbers, std::greater<>> expected;
  Random random(7);
  for (int64_t i = 0; i < 100; i++) {
    int64_t priority = static_cast<int64_t>(random.Below(9)) - 4;
    CHECK(channel->TrySend(Number(i), priority) == Progress::kDone);
    expected[priority].push_back(i);
  }
  CHECK(channel->length() == 100);
  Numbers all;
  for (auto& [priority, numbers] : expected) all.insert(all.end(), numbers.begin(), numbers.end());
  CHECK(Drain(channel.get()) == all);
}

TEST_CASE("a full buffer with priorities drops the oldest of the lowest, or what is lower still") {
  auto channel = Ranked(3, Overflow::kDropOldest);
  CHECK(channel->TrySend(Number(1), 5) == Progress::kDone);
  CHECK(channel->TrySend(Number(2), 3) == Progress::kDone);
  CHECK(channel->TrySend(Number(3), 3) == Progress::kDone);
  CHECK(channel->TrySend(Number(4), 1) == Progress::kDone);  // dropped itself
  CHECK(channel->TrySend(Number(5), 3) == Progress::kDone);  // instead of 2
  CHECK(channel->TrySend(Number(6), INT64_MAX) == Progress::kDone);  // instead of 3
  CHECK(Drain(channel.get()) == Numbers{6, 1, 5});
  CHECK(channel->Statistics().dropped == 3);
}

TEST_CASE("senders that wait are let in by priority, before what is buffered if theirs is higher") {
  World world(1);
  auto channel = Ranked(1);
  CHECK(channel->TrySend(Number(0), 2) == Progress::kDone);
  auto sender = [&](int64_t number, int64_t priority) {
    world.Go([&, number, priority](FakeGoroutine& go) -> Body {
      Progress progress = co_await Send(go, channel, number, kForever, priority);
      CHECK(progress == Progress::kDone);
    });
  };
  sender(1, 1);
  sender(2, 3);
  sender(3, 3);
  sender(4, INT64_MIN);
  Numbers got;
  world.Go([&](FakeGoroutine& go) -> Body {
    while (Waiting(world, "channel send") < 4) co_await go.Pause(kMillisecond);
    for (int i = 0; i < 5; i++) {
      int64_t number = 0;
      co_await Receive(go, channel, &number);
      got.push_back(number);
    }
  });
  world.Run();
  CHECK(got == Numbers{2, 3, 0, 1, 4});
}

TEST_CASE("a select sends with the priority of its clause") {
  World world(2);
  auto channel = Ranked(0);
  Numbers got;
  for (int64_t number : {1, 2}) {
    world.Go([&, number](FakeGoroutine& go) -> Body {
      Random mine(static_cast<uint64_t>(number));
      Ref<Select> select = Select::TryMake(1);
      select->AddSend(channel, Number(number), number);
      Progress progress = co_await Selecting(go, select, &mine);
      CHECK(progress == Progress::kDone);
    });
  }
  world.Go([&](FakeGoroutine& go) -> Body {
    while (Waiting(world, "select") < 2) co_await go.Pause(kMillisecond);
    for (int i = 0; i < 2; i++) {
      int64_t number = 0;
      co_await Receive(go, channel, &number);
      got.push_back(number);
    }
  });
  world.Run();
  CHECK(got == Numbers{2, 1});
}

TEST_CASE("closing a channel with priorities ends those who wait to send and keeps what is buffered") {
  World world(2);
  auto channel = Ranked(1);
  CHECK(channel->TrySend(Number(1), 1) == Progress::kDone);
  world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await Send(go, channel, 2, kForever, INT64_MIN);
    CHECK(progress == Progress::kClosed);
  });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (Waiting(world, "channel send") < 1) co_await go.Pause(kMillisecond);
    CHECK(channel->Close());
  });
  world.Run();
  CHECK(Drain(channel.get()) == Numbers{1});
}

}  // namespace
}  // namespace sloth::testing

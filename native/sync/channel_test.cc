// What one channel does. Races are in channel_stress_test.cc.
#include "sync/channel.h"

#include <vector>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int64_t kShort = 2 * kMillisecond;
using Numbers = std::vector<int64_t>;

Value Number(int64_t number) { return Value::Integer(number); }

TEST_CASE("a buffer takes values without a receiver until it is full, and gives them in order") {
  auto channel = Channel::Make(3);
  for (int i = 0; i < 3; i++) CHECK(channel->TrySend(Number(i)) == Progress::kDone);
  CHECK(channel->TrySend(Number(3)) == Progress::kWouldBlock);
  CHECK(channel->length() == 3);
  Value value;
  for (int i = 0; i < 3; i++) {
    CHECK(channel->TryReceive(&value) == Progress::kDone);
    CHECK(value.integer() == i);
  }
  CHECK(channel->TryReceive(&value) == Progress::kWouldBlock);
}

TEST_CASE("without a buffer trying alone does nothing") {
  auto channel = Channel::Make(0);
  Value value;
  CHECK(channel->TrySend(Number(1)) == Progress::kWouldBlock);
  CHECK(channel->TryReceive(&value) == Progress::kWouldBlock);
  CHECK(channel->length() == 0);
  CHECK(channel->capacity() == 0);
}

TEST_CASE("a closed channel gives what it holds and then says that it is closed") {
  auto channel = Channel::Make(2);
  CHECK(channel->TrySend(Number(1)) == Progress::kDone);
  CHECK(channel->Close());
  CHECK(channel->closed());
  CHECK(channel->TrySend(Number(2)) == Progress::kClosed);
  Value value;
  CHECK(channel->TryReceive(&value) == Progress::kDone);
  CHECK(channel->TryReceive(&value) == Progress::kClosed);
  CHECK(!channel->Close());
}

TEST_CASE("a sender and a receiver meet, whoever comes first") {
  for (bool sender_first : {true, false}) {
    for (bool in_place : {false, true}) {
      World world(1);
      auto channel = Channel::Make(0);
      world.Go([&](FakeGoroutine& go) -> Body {
        go.blocks_in_place = in_place;
        if (!sender_first) co_await go.Pause(kShort);
        Progress progress = co_await Send(go, channel, 7);
        CHECK(progress == Progress::kDone);
      });
      world.Go([&](FakeGoroutine& go) -> Body {
        go.blocks_in_place = in_place;
        if (sender_first) co_await go.Pause(kShort);
        int64_t number = 0;
        Progress progress = co_await Receive(go, channel, &number);
        CHECK(progress == Progress::kDone);
        CHECK(number == 7);
      });
      world.Run();
    }
  }
}

TEST_CASE("waiting senders are served first come, first served, behind the buffer") {
  for (size_t capacity : {0, 1, 3}) {
    World world(1);
    auto channel = Channel::Make(capacity);
    Numbers received;
    auto island = world.NewIsland();
    world.GoOn(island, [&](FakeGoroutine& first) -> Body {
      for (int i = 0; i < 6; i++) {
        first.SpawnHome([&, i](FakeGoroutine& go) -> Body { co_await Send(go, channel, i); });
      }
      co_await first.Yield();
      for (int i = 0; i < 6; i++) {
        int64_t number = -1;
        co_await Receive(first, channel, &number);
        received.push_back(number);
      }
    });
    world.Run();
    CHECK(received == Numbers{0, 1, 2, 3, 4, 5});
  }
}

TEST_CASE("waiting receivers are served first come, first served") {
  World world(1);
  auto channel = Channel::Make(4);
  Numbers received(5, -1);
  world.Go([&](FakeGoroutine& first) -> Body {
    for (int i = 0; i < 5; i++) {
      first.SpawnHome([&, i](FakeGoroutine& go) -> Body {
        co_await Receive(go, channel, &received[static_cast<size_t>(i)]);
      });
    }
    co_await first.Yield();
    for (int i = 0; i < 5; i++) CHECK(channel->TrySend(Number(i)) == Progress::kDone);
    CHECK(channel->length() == 0);
  });
  world.Run();
  CHECK(received == Numbers{0, 1, 2, 3, 4});
}

TEST_CASE("closing wakes waiting receivers and senders") {
  World world(2);
  auto empty = Channel::Make(1);
  auto full = Channel::Make(1);
  CHECK(full->TrySend(Number(1)) == Progress::kDone);
  for (int i = 0; i < 3; i++) {
    world.Go([&](FakeGoroutine& go) -> Body {
      int64_t number;
      Progress progress = co_await Receive(go, empty, &number);
      CHECK(progress == Progress::kClosed);
    });
    world.Go([&](FakeGoroutine& go) -> Body {
      Progress progress = co_await Send(go, full, 2);
      CHECK(progress == Progress::kClosed);
    });
  }
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await go.Pause(kShort);
    empty->Close();
    full->Close();
    int64_t number = 0;
    Progress progress = co_await Receive(go, full, &number);
    CHECK(progress == Progress::kDone);
    CHECK(number == 1);
    progress = co_await Receive(go, full, &number);
    CHECK(progress == Progress::kClosed);
  });
  world.Run();
}

TEST_CASE("a send and a receive that time out leave nothing behind") {
  World world(1);
  auto channel = Channel::Make(0);
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    Progress progress = co_await Send(go, channel, 1, kShort);
    CHECK(progress == Progress::kTimedOut);
    progress = co_await Receive(go, channel, &number, kShort);
    CHECK(progress == Progress::kTimedOut);
    CHECK(channel->TrySend(Number(1)) == Progress::kWouldBlock);
    progress = co_await Send(go, channel, 1, 0);
    CHECK(progress == Progress::kTimedOut);
  });
  world.Run();
}

TEST_CASE("a value that timed out on its way is not received later") {
  World world(1);
  auto channel = Channel::Make(1);
  Numbers received;
  world.Go([&](FakeGoroutine& go) -> Body {
    co_await Send(go, channel, 1);
    Progress progress = co_await Send(go, channel, 2, kShort);
    CHECK(progress == Progress::kTimedOut);
    int64_t number = 0;
    while (co_await Receive(go, channel, &number, kShort) == Progress::kDone) received.push_back(number);
  });
  world.Run();
  CHECK(received == Numbers{1});
}

TEST_CASE("cancelled senders and receivers leave nothing behind") {
  World world(1);
  auto channel = Channel::Make(0);
  auto sender = world.Go([&](FakeGoroutine& go) -> Body {
    Progress progress = co_await Send(go, channel, 1);
    CHECK(progress == Progress::kCancelled);
    CHECK(std::string(go.cancelled_wait()) == "channel send");
  });
  auto canceller = world.Go([&](FakeGoroutine& go) -> Body {
    co_await go.Pause(kShort);
    sender->Cancel(CancelKind::kCancelled, "");
    int64_t number = 0;
    Progress progress = co_await Receive(go, channel, &number, kShort);
    CHECK(progress == Progress::kTimedOut);
  });
  world.Run();
}

TEST_CASE("handles travel through channels and are let go of with them") {
  auto outer = Channel::Make(3);
  auto inner = Channel::Make(1);
  CHECK(outer->TrySend(Value::OfHandle(inner, HandleView::kReceiveOnly)) == Progress::kDone);
  CHECK(!inner->Unique());
  SUBCASE("received") {
    Value value;
    CHECK(outer->TryReceive(&value) == Progress::kDone);
    CHECK(value.handle() == inner.get());
    CHECK(value.view() == HandleView::kReceiveOnly);
  }
  SUBCASE("not received") { outer = nullptr; }
  CHECK(inner->Unique());
}

TEST_CASE("many channels inside each other can be let go of") {
  auto channel = Channel::Make(1);
  for (int i = 0; i < 100000; i++) {
    auto outer = Channel::Make(1);
    CHECK(outer->TrySend(Value::OfHandle(std::move(channel))) == Progress::kDone);
    channel = std::move(outer);
  }
}

TEST_CASE("a goroutine blocked in a channel is described as such") {
  World world(1);
  auto channel = Channel::Make(0);
  auto sender = world.Go([&](FakeGoroutine& go) -> Body { co_await Send(go, channel, 1, kSecond); });
  world.Go([&](FakeGoroutine& go) -> Body {
    while (sender->state() != GoState::kParked) co_await go.Yield();
    CHECK(std::string(sender->waiting_for()) == "channel send");
    Value value;
    CHECK(channel->TryReceive(&value) == Progress::kDone);
  });
  world.Run();
}

}  // namespace
}  // namespace sloth::testing

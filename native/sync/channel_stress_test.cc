// Channels under load: every message arrives exactly once, whatever races.
#include <atomic>
#include <cstdlib>
#include <memory>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int kSenders = 8;
constexpr int kReceivers = 8;

int64_t Messages() { return std::getenv("SLOTH_STRESS") ? 5000 : 150; }

// Counts every message that was accepted and every one that arrived.
class Ledger {
 public:
  explicit Ledger(int64_t size) : sent_(new std::atomic<int>[size]()), received_(new std::atomic<int>[size]()), size_(size) {}
  void Sent(int64_t message) { sent_[static_cast<size_t>(message)]++; }
  void Received(int64_t message) { received_[static_cast<size_t>(message)]++; }
  void Check() {
    int64_t wrong = 0;
    for (int64_t i = 0; i < size_; i++) wrong += sent_[static_cast<size_t>(i)] != received_[static_cast<size_t>(i)];
    CHECK(wrong == 0);
  }
  int64_t total() {
    int64_t total = 0;
    for (int64_t i = 0; i < size_; i++) total += received_[static_cast<size_t>(i)];
    return total;
  }

 private:
  std::unique_ptr<std::atomic<int>[]> sent_;
  std::unique_ptr<std::atomic<int>[]> received_;
  const int64_t size_;
};

template <typename Test>
void ForEachShape(Test test) {
  for (int workers : {1, 2, 4}) {
    for (size_t capacity : {0, 1, 128}) {
      CAPTURE(workers);
      CAPTURE(capacity);
      test(workers, capacity);
    }
  }
}

TEST_CASE("eight senders and eight receivers: every message arrives exactly once") {
  ForEachShape([](int workers, size_t capacity) {
    World world(workers);
    const int64_t messages = Messages();
    Ledger ledger(kSenders * messages);
    auto channel = Channel::Make(capacity);
    std::atomic<int> sending{kSenders};
    for (int s = 0; s < kSenders; s++) {
      world.Go([&, s](FakeGoroutine& go) -> Body {
        go.blocks_in_place = s == 0;
        for (int64_t i = 0; i < messages; i++) {
          Progress progress = co_await Send(go, channel, s * messages + i);
          CHECK(progress == Progress::kDone);
          ledger.Sent(s * messages + i);
        }
        if (--sending == 0) channel->Close();
      });
    }
    for (int r = 0; r < kReceivers; r++) {
      world.Go([&, r](FakeGoroutine& go) -> Body {
        go.blocks_in_place = r == 0;
        int64_t last[kSenders];
        for (int64_t& number : last) number = -1;
        int64_t number = 0;
        while (co_await Receive(go, channel, &number) == Progress::kDone) {
          ledger.Received(number);
          int64_t& before = last[number / messages];
          CHECK(before < number);  // in the order of its sender
          before = number;
        }
      });
    }
    world.Run();
    ledger.Check();
    CHECK(ledger.total() == kSenders * messages);
    CHECK(!world.run()->deadlocked());
  });
}

TEST_CASE("timeouts race with sends and receives: what was not accepted does not arrive") {
  ForEachShape([](int workers, size_t capacity) {
    World world(workers);
    const int64_t messages = Messages();
    Ledger ledger(kSenders * messages);
    auto channel = Channel::Make(capacity);
    std::atomic<int> sending{kSenders};
    for (int s = 0; s < kSenders; s++) {
      world.Go([&, s](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(s + 1));
        for (int64_t i = 0; i < messages; i++) {
          Progress progress = co_await Send(go, channel, s * messages + i, random.Below(20) * kMicrosecond);
          if (progress == Progress::kDone) ledger.Sent(s * messages + i);
          else CHECK(progress == Progress::kTimedOut);
        }
        if (--sending == 0) channel->Close();
      });
    }
    for (int r = 0; r < kReceivers; r++) {
      world.Go([&, r](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(r + 100));
        for (;;) {
          int64_t number = 0;
          Progress progress = co_await Receive(go, channel, &number, random.Below(20) * kMicrosecond);
          if (progress == Progress::kClosed) break;
          if (progress == Progress::kDone) ledger.Received(number);
          else co_await go.Yield();
        }
      });
    }
    world.Run();
    ledger.Check();
  });
}

TEST_CASE("selects with timeouts race with sends and receives") {
  ForEachShape([](int workers, size_t capacity) {
    World world(workers);
    const int64_t messages = Messages();
    Ledger ledger(2 * kSenders * messages);
    auto a = Channel::Make(capacity);
    auto b = Channel::Make(capacity);
    std::atomic<int> sending{kSenders};
    for (int s = 0; s < kSenders; s++) {
      world.Go([&, s](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(s + 1));
        go.blocks_in_place = s == 1;
        for (int64_t i = 0; i < messages; i++) {
          int64_t message = 2 * (s * messages + i);
          auto select = Select::TryMake(3);
          select->AddSend(a, Value::Integer(message));
          select->AddSend(b, Value::Integer(message + 1));
          if (s % 4 == 3) select->AddReceive(a);  // a sender that receives, too
          int64_t timeout = s % 2 ? random.Below(50) * kMicrosecond : kForever;
          Progress progress = co_await Selecting(go, select, &random, timeout);
          if (progress == Progress::kTimedOut) continue;
          CHECK(progress == Progress::kDone);
          if (select->chosen() == 2) {
            CHECK(select->received_ok());
            ledger.Received(select->TakeReceived().integer());
          } else {
            ledger.Sent(message + static_cast<int64_t>(select->chosen()));
          }
        }
        if (--sending == 0) {
          a->Close();
          b->Close();
        }
      });
    }
    for (int r = 0; r < kReceivers; r++) {
      world.Go([&, r](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(r + 100));
        bool a_open = true;
        bool b_open = true;
        while (a_open || b_open) {
          auto select = Select::TryMake(2);
          if (a_open) select->AddReceive(a);
          if (b_open) select->AddReceive(b);
          Progress progress = co_await Selecting(go, select, &random, r % 2 ? 30 * kMicrosecond : kForever);
          if (progress == Progress::kTimedOut) continue;
          CHECK(progress == Progress::kDone);
          bool from_a = a_open && select->chosen() == 0;
          if (select->received_ok()) {
            int64_t number = select->TakeReceived().integer();
            CHECK(number % 2 == !from_a);
            ledger.Received(number);
          } else {
            (from_a ? a_open : b_open) = false;
          }
        }
      });
    }
    world.Run();
    ledger.Check();
    CHECK(!world.run()->deadlocked());
  });
}

TEST_CASE("cancellations race with sends, receives and selects") {
  ForEachShape([](int workers, size_t capacity) {
    World world(workers);
    const int64_t messages = Messages();
    Ledger ledger(kSenders * messages);
    auto channel = Channel::Make(capacity);
    auto quiet = Channel::Make(0);
    std::atomic<int> sending{kSenders};
    // One short goroutine for each message, which somebody cancels at any moment.
    for (int s = 0; s < kSenders; s++) {
      world.Go([&, s](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(s + 1));
        for (int64_t i = 0; i < messages; i++) {
          int64_t message = s * messages + i;
          auto child = go.Spawn([&, message](FakeGoroutine& self) -> Body {
            Random order(static_cast<uint64_t>(message));
            Progress progress;
            if (message % 2) {
              progress = co_await Send(self, channel, message);
            } else {
              auto select = Select::TryMake(2);
              select->AddReceive(quiet);
              select->AddSend(channel, Value::Integer(message));
              progress = co_await Selecting(self, select, &order);
            }
            if (progress == Progress::kDone) ledger.Sent(message);
            else CHECK(progress == Progress::kCancelled);
          });
          if (random.Below(2)) co_await go.Yield();
          if (random.Below(2)) child->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, child.get());
        }
        if (--sending == 0) channel->Close();
      });
    }
    for (int r = 0; r < kReceivers; r++) {
      world.Go([&, r](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(r + 100));
        std::atomic<bool> closed{false};
        while (!closed) {
          auto child = go.Spawn([&](FakeGoroutine& self) -> Body {
            int64_t number = 0;
            Progress progress = co_await Receive(self, channel, &number);
            if (progress == Progress::kDone) ledger.Received(number);
            if (progress == Progress::kClosed) closed = true;
          });
          if (random.Below(4) == 0) {
            co_await go.Yield();
            child->Cancel(CancelKind::kCancelled, "");
          }
          co_await Joining(go, child.get());
        }
      });
    }
    world.Run();
    ledger.Check();
  });
}

}  // namespace
}  // namespace sloth::testing

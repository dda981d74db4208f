// Streams of the host: one value for each that is wanted, to one receiver; an end that everybody learns; a channel that goes.
#include "sync/host_stream.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

// Answers pulls of its one stream from a thread of its own: 1, 2, ... up to `most`, then the end.
class FakeSource final : public HostPort {
 public:
  explicit FakeSource(int64_t most) : most_(most), thread_([this] { Serve(); }) {}
  ~FakeSource() override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Ref<Channel> Open(Turns* turns = nullptr) {
    stream_ = MakeRef<HostStream>(7, this, releases, turns);
    return stream_->MakeChannel();
  }
  bool Pull(uint64_t stream) override {
    CHECK(stream == 7);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      CHECK(!wanted_);  // one at a time
      wanted_ = true;
    }
    changed_.notify_all();
    return true;
  }
  ChannelFeeder* feeder() { return stream_.get(); }
  const Ref<HostReleases> releases = MakeRef<HostReleases>();
  std::atomic<int64_t> made{0};

 protected:
  bool Post(Ref<HostCall>) override { return false; }
  void Abandon(HostCall*) override {}

 private:
  void Serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stop_ || wanted_; });
      if (stop_) return;
      wanted_ = false;
      lock.unlock();
      if (made < most_) {
        stream_->Give(Value::Integer(++made));
      } else {
        stream_->End();
        stream_->End();
      }
      lock.lock();
    }
  }

  const int64_t most_;
  Ref<HostStream> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool stop_ = false;
  std::thread thread_;
};

TEST_CASE("each value of a stream goes to one receiver, and all learn of the end") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    FakeSource source(300);
    Ref<Channel> channel = source.Open();
    std::atomic<int64_t> sum{0};
    std::atomic<int> many{0};
    for (int i = 0; i < 6; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (;;) {
          int64_t number = 0;
          if (co_await Receive(go, channel, &number) != Progress::kDone) break;
          sum += number;
          many++;
        }
      });
    }
    world.Run();
    CHECK(many == 300);
    CHECK(sum == 300 * 301 / 2);
    CHECK(channel->closed());
    CHECK(!world.run()->deadlocked());
  }
}

TEST_CASE("a stream makes nothing ahead, and keeps what came too late for its receiver") {
  World world(1);
  FakeSource source(1000);
  Ref<Channel> channel = source.Open();
  int64_t received = 0;
  world.Go([&](FakeGoroutine& go) -> Body {
    for (int64_t expected = 1; expected <= 20;) {
      int64_t number = 0;
      if (co_await Receive(go, channel, &number, kMicrosecond) != Progress::kDone) continue;
      CHECK(number == expected);
      expected++;
      received = number;
    }
  });
  world.Run();
  CHECK(received == 20);
  CHECK(source.made <= 21);
}

TEST_CASE("the host learns that a channel is gone, and its answer to the last pull goes nowhere") {
  FakeSource source(5);
  {
    World world(1);
    Ref<Channel> channel = source.Open();
    world.Go([&](FakeGoroutine& go) -> Body {
      int64_t number = 0;
      CHECK(co_await Receive(go, channel, &number) == Progress::kDone);
      (void)co_await Receive(go, channel, &number, kMicrosecond);
      channel = nullptr;
    });
    world.Run();
  }
  CHECK(source.releases->TakeStreams() == std::vector<uint64_t>{7});
  CHECK(source.releases->TakeStreams().empty());
}

TEST_CASE("who was given a value before asking for one asks for none that there is no room for") {
  World world(2);
  FakeSource source(3);
  Ref<Channel> channel = source.Open();
  source.feeder()->ChannelWanted();
  CHECK(Eventually([&] { return channel->length() == 1; }));
  for (int i = 0; i < 3; i++) source.feeder()->ChannelWanted();
  std::vector<int64_t> seen;
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t number = 0;
    while (co_await Receive(go, channel, &number) == Progress::kDone) seen.push_back(number);
  });
  world.Run();
  CHECK(seen == std::vector<int64_t>{1, 2, 3});
}

TEST_CASE("a select waits for a stream, too") {
  World world(2);
  FakeSource source(3);
  Ref<Channel> channel = source.Open();
  std::vector<int64_t> seen;
  world.Go([&](FakeGoroutine& go) -> Body {
    Random random(1);
    for (int i = 0; i < 3; i++) {
      Ref<Select> select = Select::TryMake(2);
      select->AddReceive(Channel::Make(0));
      select->AddReceive(channel);
      CHECK(co_await Selecting(go, select, &random) == Progress::kDone);
      CHECK(select->chosen() == 1);
      seen.push_back(select->TakeReceived().integer());
    }
  });
  world.Run();
  CHECK(seen == std::vector<int64_t>{1, 2, 3});
}

}  // namespace
}  // namespace sloth::testing

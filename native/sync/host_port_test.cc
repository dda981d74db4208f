// Calls of the host: answered once, by any thread, or given up.
#include "sync/host_port.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>

#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

enum Function : uint32_t { kDouble, kFail, kKeep };

// A host that answers from a thread of its own.
class FakeHost final : public HostPort {
 public:
  FakeHost() : thread_([this] { Serve(); }) {}
  ~FakeHost() override { Close(); }
  // Answers what has been posted and takes no more.
  void Close() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  // Waits for a call of kKeep and takes it.
  Ref<HostCall> TakeKept() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !kept_.empty(); });
    Ref<HostCall> call = std::move(kept_.front());
    kept_.pop_front();
    return call;
  }
  std::atomic<int> abandoned{0};

 protected:
  bool Post(Ref<HostCall> call) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (closed_) return false;
      calls_.push_back(std::move(call));
    }
    changed_.notify_all();
    return true;
  }
  void Abandon(HostCall*) override { abandoned++; }

 private:
  void Serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return closed_ || !calls_.empty(); });
      if (calls_.empty()) return;
      Ref<HostCall> call = std::move(calls_.front());
      calls_.pop_front();
      if (call->function == kKeep) {
        kept_.push_back(std::move(call));
        changed_.notify_all();
        continue;
      }
      lock.unlock();
      bool ok = call->function == kDouble;
      call->Settle(ok, Value::Integer(2 * call->arguments.integer()), ok ? "" : "host failed");
      call->Settle(true, Value::Integer(-1), "twice");
      call = nullptr;
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ref<HostCall>> calls_;
  std::deque<Ref<HostCall>> kept_;
  bool closed_ = false;
  std::thread thread_;
};

TEST_CASE("a host call gives its result, and only the first answer counts") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    FakeHost host;
    for (int i = 0; i < 20; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        go.blocks_in_place = i == 0;
        for (int64_t n = 0; n < 50; n++) {
          int64_t result = 0;
          std::string message;
          Progress progress = co_await Calling(go, &host, kDouble, n, &result, &message);
          CHECK(progress == Progress::kDone);
          CHECK(result == 2 * n);
        }
      });
    }
    world.Run();
    CHECK(!world.run()->deadlocked());
    CHECK(host.abandoned == 0);
  }
}

TEST_CASE("a host call that fails gives the message") {
  World world(1);
  FakeHost host;
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t result = 0;
    std::string message;
    Progress progress = co_await Calling(go, &host, kFail, 1, &result, &message);
    CHECK(progress == Progress::kClosed);
    CHECK(message == "host failed");
  });
  world.Run();
}

TEST_CASE("a closed host refuses calls") {
  World world(1);
  FakeHost host;
  host.Close();
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t result = 0;
    std::string message;
    for (bool in_place : {false, true}) {
      go.blocks_in_place = in_place;
      Progress progress = co_await Calling(go, &host, kDouble, 1, &result, &message);
      CHECK(progress == Progress::kClosed);
      CHECK(message == "the runtime is closed");
    }
  });
  world.Run();
}

TEST_CASE("waiting for the host is no deadlock") {
  World world(1);
  FakeHost host;
  world.Go([&](FakeGoroutine& go) -> Body {
    int64_t result = 0;
    std::string message;
    Progress progress = co_await Calling(go, &host, kKeep, 1, &result, &message);
    CHECK(progress == Progress::kDone);
    CHECK(result == 5);
  });
  world.Launch();
  auto call = host.TakeKept();
  CHECK(Eventually([&] { return world.scheduler()->active_workers() == 0; }));
  CHECK(!world.run()->deadlocked());
  call->Settle(true, Value::Integer(5), "");
  world.Run();
  CHECK(!world.run()->deadlocked());
}

TEST_CASE("a cancelled host call is abandoned, and a late answer is dropped") {
  World world(1);
  FakeHost host;
  auto calling = world.Go([&](FakeGoroutine& go) -> Body {
    int64_t result = 0;
    std::string message;
    Progress progress = co_await Calling(go, &host, kKeep, 1, &result, &message);
    CHECK(progress == Progress::kCancelled);
    CHECK(std::string(go.cancelled_wait()) == "host call");
  });
  world.Launch();
  auto call = host.TakeKept();
  calling->Cancel(CancelKind::kCancelled, "");
  world.Run();
  CHECK(host.abandoned == 1);
  call->Settle(true, Value::Integer(5), "");
}

TEST_CASE("a host call of a cleanup handler ends with the grace") {
  WorldOptions options;
  options.grace_ns = 300 * kMillisecond;
  World world(options);
  FakeHost host;
  auto calling = world.Go([&](FakeGoroutine& go) -> Body {
    go.masked = true;
    int64_t result = 0;
    std::string message;
    Progress progress = co_await Calling(go, &host, kDouble, 4, &result, &message);
    CHECK(progress == Progress::kDone);
    progress = co_await Calling(go, &host, kKeep, 1, &result, &message);
    CHECK(progress == Progress::kCancelled);
  });
  calling->starts_cancelled = true;
  calling->Cancel(CancelKind::kCancelled, "");
  world.Run();
  CHECK(host.abandoned == 1);
}

TEST_CASE("answers race with cancellations, and each call is answered or abandoned") {
  for (int workers : {1, 2, 4}) {
    World world(workers);
    FakeHost host;
    std::atomic<int> begun{0}, done{0}, cancelled{0};
    for (int i = 0; i < 8; i++) {
      world.Go([&, i](FakeGoroutine& go) -> Body {
        Random random(static_cast<uint64_t>(i));
        for (int round = 0; round < 60; round++) {
          auto child = go.Spawn([&](FakeGoroutine& self) -> Body {
            begun++;
            int64_t result = 0;
            std::string message;
            Progress progress = co_await Calling(self, &host, kDouble, 8, &result, &message);
            if (progress == Progress::kDone) {
              CHECK(result == 16);
              done++;
            } else {
              CHECK(progress == Progress::kCancelled);
              cancelled++;
            }
          });
          if (random.Below(2)) co_await go.Yield();
          if (random.Below(2)) co_await go.Pause(random.Below(30) * kMicrosecond);
          child->Cancel(CancelKind::kCancelled, "");
          co_await Joining(go, child.get());
        }
      });
    }
    world.Run();
    CHECK(done + cancelled == begun);
    CHECK(host.abandoned <= cancelled);
  }
}

}  // namespace
}  // namespace sloth::testing

// What tests of the runtime share: a runtime whose output is collected and whose host answers at once.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "data/host_format.h"
#include "runtime/runtime.h"
#include "sched/worker.h"

namespace sloth {

class CollectingSink final : public OutputSink {
 public:
  void Write(const char* text, size_t length) override {
    MutexLock lock(mutex_);
    text_.append(text, length);
  }
  std::string text() {
    MutexLock lock(mutex_);
    return text_;
  }

 private:
  Mutex mutex_;
  std::string text_ GUARDED_BY(mutex_);
};

// Host function 1 returns its arguments, from another thread; function 2 fails; function 3 never answers; function 4 does what
// no program can: behind everybody's back it sets the field `x` of the global `config` on the island that calls it.
class EchoHost final : public HostPort {
 public:
  ~EchoHost() override { Join(); }
  // Waits until its threads are done with the runtime.
  void Join() {
    std::vector<std::thread> threads;
    {
      MutexLock lock(mutex_);
      threads.swap(threads_);
    }
    for (std::thread& thread : threads) thread.join();
  }

 protected:
  bool Post(Ref<HostCall> call) override {
    if (call->function == 3) return true;
    if (call->function == 4) Meddle();
    MutexLock lock(mutex_);
    threads_.emplace_back([call] {
      if (call->function != 2) call->Settle(true, call->arguments, "");
      if (call->function == 2) call->Settle(false, Value(), "the host refused");
    });
    return true;
  }
  void Abandon(HostCall*) override {}

 private:
  // On the worker that holds the island.
  static void Meddle() {
    lua_State* L = static_cast<LuaIsland*>(Scheduler::CurrentWorker()->current()->island())->main_state();
    lua_getglobal(L, "config");
    lua_pushinteger(L, 99);
    lua_setfield(L, -2, "x");
    lua_pop(L, 1);
  }

  Mutex mutex_;
  std::vector<std::thread> threads_ GUARDED_BY(mutex_);
};

// One runtime for one test. Closing it checks that nothing is left alive.
class TestRuntime final : public RuntimeListener {
 public:
  explicit TestRuntime(int workers = 2, uint64_t seed = 42, Clock* clock = nullptr) : TestRuntime(OptionsFor(workers, seed), clock) {}
  explicit TestRuntime(const RuntimeOptions& options, Clock* clock = nullptr) {
    runtime_ = MakeRef<Runtime>(options, &out_, &err_, &host_, this, clock ? clock : &clock_);
  }
  ~TestRuntime() override {
    if (runtime_) Close();
  }

  // Runs a chunk to its end.
  RunReport Run(const std::string& source, int64_t timeout_ns = kForever, bool check_captures = false) {
    Begin(source, timeout_ns, check_captures);
    return Await();
  }
  void Begin(const std::string& source, int64_t timeout_ns = kForever, bool check_captures = false) {
    RunRequest request;
    request.check_captures = check_captures;
    request.id = ++last_id_;
    request.source = source;
    request.chunk_name = "=test";
    request.timeout_ns = timeout_ns;
    request.globals = HostFunctions();
    CHECK(runtime_->Start(std::move(request)));
  }
  RunReport Await() {
    MutexLock lock(mutex_);
    while (!ended_) ended_condition_.Wait(mutex_);
    ended_ = false;
    return std::move(report_);
  }
  // Closes; returns how many threads were left behind.
  int Close() {
    int left = runtime_->Close(clock_.Now() + 10 * kSecond);
    host_.Join();
    CHECK(runtime_->counters().islands == 0);
    CHECK(runtime_->counters().records == 0);
    runtime_ = nullptr;
    return left;
  }
  Runtime* runtime() { return runtime_.get(); }
  std::string out() { return out_.text(); }
  std::string err() { return err_.text(); }

  void RunEnded(uint64_t, RunReport report) override {
    MutexLock lock(mutex_);
    report_ = std::move(report);
    ended_ = true;
    ended_condition_.NotifyAll();
  }

 private:
  static RuntimeOptions OptionsFor(int workers, uint64_t seed) {
    RuntimeOptions options;
    options.workers = workers;
    options.seed = seed;
    return options;
  }
  static Value HostFunctions() {
    auto parcel = MakeRef<Parcel>();
    HostWriter writer(parcel.get());
    const char* const names[] = {"host_echo", "host_fail", "host_never", "host_meddle"};
    auto releases = MakeRef<HostReleases>();
    bool written = writer.TryHeader(8);
    for (uint32_t i = 0; i < 4; i++) {
      written = written && writer.TryString(names[i], std::char_traits<char>::length(names[i])) &&
                writer.TryHandle(MakeRef<HostFunction>(i + 1, names[i], releases), HandleView::kFull);
    }
    CHECK(written);
    return Value::OfParcel(std::move(parcel));
  }

  RealClock clock_;
  CollectingSink out_;
  CollectingSink err_;
  EchoHost host_;
  Ref<Runtime> runtime_;
  uint64_t last_id_ = 0;
  Mutex mutex_;
  Condition ended_condition_;
  bool ended_ GUARDED_BY(mutex_) = false;
  RunReport report_ GUARDED_BY(mutex_);
};

}  // namespace sloth

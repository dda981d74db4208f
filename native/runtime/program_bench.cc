// Runs a Lua program without Node, for profilers and for counting instructions:
//
//   program_bench WORKERS FILE.lua [ARGUMENT...]
//
// The arguments reach the program as `...`, numbers as numbers. Prints what the program prints, then the first number that it
// returned and the scheduler's counters, as one line of JSON. Ends with 1 when the program fails.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "data/host_format.h"
#include "runtime/output.h"
#include "runtime/runtime.h"

namespace sloth {
namespace {

class NoHost final : public HostPort {
 protected:
  bool Post(Ref<HostCall>) override { return false; }
  void Abandon(HostCall*) override {}
};

class Listener final : public RuntimeListener {
 public:
  void RunEnded(uint64_t, RunReport report) override {
    MutexLock lock(mutex_);
    report_ = std::move(report);
    ended_ = true;
    condition_.NotifyAll();
  }
  RunReport Await() {
    MutexLock lock(mutex_);
    while (!ended_) condition_.Wait(mutex_);
    return std::move(report_);
  }

 private:
  Mutex mutex_;
  Condition condition_;
  bool ended_ GUARDED_BY(mutex_) = false;
  RunReport report_ GUARDED_BY(mutex_);
};

Value PackArguments(int count, char** texts) {
  auto parcel = MakeRef<Parcel>();
  HostWriter writer(parcel.get());
  CHECK(writer.TryHeader(static_cast<uint32_t>(count)));
  for (int i = 0; i < count; i++) {
    char* end;
    long long integer = std::strtoll(texts[i], &end, 10);
    bool written = *end ? writer.TryString(texts[i], std::strlen(texts[i])) : writer.TryInteger(integer);
    CHECK(written);
  }
  return Value::OfParcel(std::move(parcel));
}

double FirstNumber(const Value& values) {
  if (values.kind() != ValueKind::kParcel) return 0;
  HostReader reader(values.parcel());
  if (reader.Count() == 0) return 0;
  reader.Count();
  switch (reader.Tag()) {
    case HostTag::kInt32: return reader.Small();
    case HostTag::kInteger:
    case HostTag::kFloat: return reader.Float();
    default: return 0;
  }
}

int Main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s WORKERS FILE.lua [ARGUMENT...]\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[2]);
  std::stringstream source;
  if (!file || !(source << file.rdbuf())) {
    std::fprintf(stderr, "%s: %s\n", argv[2], std::strerror(errno));
    return 2;
  }
  RealClock clock;
  FdSink out(1, [] {});
  FdSink err(2, [] {});
  NoHost host;
  Listener listener;
  RuntimeOptions options;
  options.workers = std::atoi(argv[1]) > 0 ? std::atoi(argv[1]) : 1;
  const char* seed = std::getenv("SLOTH_BENCH_SEED");
  options.seed = seed ? std::strtoull(seed, nullptr, 10) : 42;
  auto runtime = MakeRef<Runtime>(options, &out, &err, &host, &listener, &clock);
  RunRequest request;
  request.id = 1;
  request.source = source.str();
  request.chunk_name = std::string("@") + argv[2];
  request.arguments = PackArguments(argc - 3, argv + 3);
  CHECK(runtime->Start(std::move(request)));
  RunReport report = listener.Await();
  SchedulerCounters& counters = runtime->counters();
  SnapshotStore& snapshots = runtime->snapshots();
  std::printf("{\"result\": %g, \"spawned\": %lld, \"parallel\": %lld, \"steals\": %lld, \"cloned\": %lld, \"built\": %lld, "
              "\"refused\": %lld}\n", FirstNumber(report.values),
              static_cast<long long>(counters.spawned), static_cast<long long>(counters.parallel),
              static_cast<long long>(counters.steals), static_cast<long long>(snapshots.cloned),
              static_cast<long long>(snapshots.built), static_cast<long long>(snapshots.refused()));
  bool succeeded = std::strcmp(report.kind, "succeeded") == 0;
  if (!succeeded) std::fprintf(stderr, "%s: %s\n%s\n", report.kind, report.message.c_str(), report.traceback.c_str());
  report = RunReport();
  runtime->Close(clock.Now() + 10 * kSecond);
  return succeeded ? 0 : 1;
}

}  // namespace
}  // namespace sloth

int main(int argc, char** argv) { return sloth::Main(argc, argv); }

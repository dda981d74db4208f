#include "runtime/runtime.h"

#include "lua/dump_text.h"
#include "lua/host_modules.h"
#include "lua/registry_tables.h"
#include "runtime/output.h"
#include "runtime/run.h"
#include "runtime/start_plans.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace sloth {
namespace {

bool IsSetTo(const char* name, const char* wanted) {
  const char* value = std::getenv(name);
  return value && std::strcmp(value, wanted) == 0;
}
bool CloningIsOff() { return IsSetTo("SLOTH_CLONING", "off"); }
bool HeapsAreAudited() { return IsSetTo("SLOTH_AUDIT_HEAPS", "on"); }

}  // namespace

Runtime::Runtime(const RuntimeOptions& options, OutputSink* out, OutputSink* err, HostPort* host, RuntimeListener* listener, Clock* clock)
    : options_(options), clock_(clock), listener_(listener), seeds_(options.seed) {
  LearnStandardFunctionsOnce();
  SchedulerOptions scheduler_options;
  scheduler_options.workers = options.workers;
  scheduler_options.grace_ns = options.grace_ns;
  scheduler_options.seed = options.seed;
  if (options.trace_fd >= 0) trace_ = std::make_unique<Trace>();
  scheduler_options.trace = trace_.get();
  scheduler_options.watcher = listener;
  scheduler_ = std::make_unique<Scheduler>(scheduler_options, clock);
  world_.owner = this;
  world_.scheduler = scheduler_.get();
  world_.out = out;
  world_.err = err;
  world_.out_file = OpenSinkStream(out);
  world_.err_file = OpenSinkStream(err);
  world_.host = host;
  world_.island_memory_limit = options.island_memory_limit;
  world_.max_goroutines = options.max_goroutines;
  world_.isolated = options.isolated;
  for (const std::string& name : options.removed) world_.sandbox.Remove(name);
  world_.module_path = options.module_path;
  world_.log_level = options.log_level;
  if (!options.clones_islands || CloningIsOff()) world_.snapshots.SwitchOff();
  world_.snapshots.Sabotage(options.sabotage);
  world_.audits_heaps = options.audits_heaps || HeapsAreAudited();
  world_.hash_seed = Random(~options.seed).Next();
  for (char** entry = environ; *entry; entry++) {
    std::string_view text(*entry);
    size_t equals = text.find('=');
    if (equals != std::string_view::npos) world_.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
}

Runtime::~Runtime() {
  if (world_.out_file) std::fclose(world_.out_file);
  if (world_.err_file) std::fclose(world_.err_file);
}

bool Runtime::Register(Ref<RuntimeRun> run) {
  MutexLock lock(mutex_);
  if (closed_) return false;
  uint64_t id = run->id();
  runs_[id] = std::move(run);
  return true;
}

void Runtime::Launch(Ref<RuntimeRun> run, Ref<LuaIsland> island, Ref<StartPlan> plan, int64_t timeout_ns) {
  auto main = MakeRef<LuaGoroutine>(&world_, Ref<LuaRun>(run.get()), std::move(island), nullptr, nullptr);
  main->uncaught_rule = UncaughtRule::kBelongsToRun;
  main->host_results = true;
  main->plan = std::move(plan);
  run->StartDeadline(timeout_ns);
  scheduler_->Start(main.get(), nullptr);
}

bool Runtime::Start(RunRequest request) {
  auto run = MakeRef<RuntimeRun>(this, request.id, MakeRef<DeadlockDomain>(), request.options);
  if (!Register(run)) return false;
  if (request.explain) world_.explain.store(true, std::memory_order_relaxed);
  if (request.check_captures) world_.check_captures.store(true, std::memory_order_relaxed);
  int64_t timeout = request.timeout_ns;
  uint64_t seed;
  {
    MutexLock lock(mutex_);
    seed = seeds_.Next();
  }
  run->limits = LimitsOf(request.limits);
  auto island = MakeRef<LuaIsland>(&world_, seed, run->limits);
  Launch(std::move(run), std::move(island), MakeRef<MainPlan>(std::move(request)), timeout);
  return true;
}

bool Runtime::Call(CallRequest request) {
  auto run = MakeRef<RuntimeRun>(this, request.id, Ref<DeadlockDomain>(request.function->domain()), request.options);
  if (!Register(run)) return false;
  run->result_stands = request.at_home;
  run->limits = LimitsOf(request.limits);
  run->BeCallback();
  int64_t timeout = request.timeout_ns;
  Ref<LuaIsland> island(request.function->island());
  Launch(std::move(run), std::move(island), MakeRef<CallPlan>(std::move(request)), timeout);
  return true;
}

Ref<IslandLimits> Runtime::LimitsOf(const RunLimits& limits) {
  if (limits.memory == 0 && limits.workers == 0) return nullptr;
  return MakeRef<IslandLimits>(scheduler_.get(), &world_.memory, limits.memory, limits.workers);
}

std::unique_ptr<SyncEngine> Runtime::MakeEngine(size_t memory_limit, SyncHost* host) {
  uint64_t seed;
  {
    MutexLock lock(mutex_);
    if (closed_) return nullptr;
    seed = seeds_.Next();
  }
  EngineRuns* runs = this;
  auto engine = std::make_unique<SyncEngine>(&world_, seed, memory_limit, runs, host);
  return engine->TryOpen() ? std::move(engine) : nullptr;
}

Ref<LuaRun> Runtime::MakeEngineRun() {
  uint64_t id;
  {
    MutexLock lock(mutex_);
    id = ++last_engine_run_;
  }
  auto run = MakeRef<RuntimeRun>(this, id, MakeRef<DeadlockDomain>(), RunOptions{.wait_for_all = false});
  run->BelongToEngine();
  if (!Register(run)) return nullptr;
  return run;
}

void Runtime::Cancel(uint64_t id, const std::string& reason) {
  Ref<RuntimeRun> run;
  {
    MutexLock lock(mutex_);
    auto found = runs_.find(id);
    if (found == runs_.end()) return;
    run = found->second;
  }
  run->CancelByHost(reason);
}

void Runtime::DefineModule(const std::string& name, Value fields) { world_.modules.Set(name, MakeRef<HostModule>(std::move(fields))); }

size_t Runtime::live_runs() {
  MutexLock lock(mutex_);
  return runs_.size();
}

std::string Runtime::Dump() {
  std::vector<Ref<Run>> runs;
  {
    MutexLock lock(mutex_);
    for (auto& [id, run] : runs_) runs.push_back(Ref<Run>(run));
  }
  auto inspection = MakeRef<Inspection>(&world_, runs);
  if (!inspection->Begin(nullptr)) inspection->WaitOutside();
  return DumpText(inspection->Finish(nullptr));
}

void Runtime::Ended(uint64_t id, RunReport report) {
  listener_->RunEnded(id, std::move(report));
  Ref<RuntimeRun> run;
  {
    MutexLock lock(mutex_);
    auto found = runs_.find(id);
    if (found != runs_.end()) {
      run = std::move(found->second);
      runs_.erase(found);
    }
  }
  run_ended_.NotifyAll();
}

void Runtime::BuryAll(int64_t deadline_ns) {
  std::vector<Ref<Island>> islands;
  {
    MutexLock lock(world_.islands_mutex);
    for (ListedIsland* each = world_.islands.front(); each; each = world_.islands.Next(each)) {
      auto* island = static_cast<LuaIsland*>(each);
      if (island->TryAddRef()) islands.push_back(Ref<Island>::Adopt(island));
    }
  }
  for (Ref<Island>& island : islands) island->RequestBurial();
  for (Ref<Island>& island : islands) {
    while (!island->buried() && scheduler_->machine_clock()->Now() < deadline_ns) {
      timespec pause = {0, kMillisecond / 4};
      nanosleep(&pause, nullptr);
    }
  }
}

void Runtime::FinishTrace() {
  if (!trace_) return;
  trace_->Close();
  errno = 0;
  FILE* file = fdopen(options_.trace_fd, "w");
  if (file) trace_summary_ = WriteTrace(trace_.get(), file);
  if ((!file || std::fclose(file) != 0) && trace_summary_.error.empty()) trace_summary_.error = std::strerror(errno);
}

int Runtime::Close(int64_t deadline_ns) {
  std::vector<Ref<RuntimeRun>> runs;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (auto& [id, run] : runs_) runs.push_back(run);
  }
  for (Ref<RuntimeRun>& run : runs) run->CancelByHost("the runtime is closing");
  runs.clear();
  if (turns()) turns()->LetPass(kForever);  // a held clock must not keep cleanup handlers
  {
    MutexLock lock(mutex_);
    while (!runs_.empty()) {
      int64_t remaining = deadline_ns - scheduler_->machine_clock()->Now();
      if (remaining <= 0) break;
      run_ended_.WaitFor(mutex_, remaining);
    }
  }
  // Finalizers have their own, short limit.
  BuryAll(scheduler_->machine_clock()->Now() + 2 * world_.burial_limit_ns);
  int left = scheduler_->Stop(scheduler_->machine_clock()->Now() + kSecond);
  FinishTrace();
  if (left > 0) AddRef();  // their threads may come back: what they touch stays
  return left;
}

}  // namespace sloth

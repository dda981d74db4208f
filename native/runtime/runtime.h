// One isolated world: a scheduler, its islands, its runs and its limits. Floor 6 gives it to JavaScript, tests use it
// directly.
//
// Any thread may call it. It never blocks its caller but in Close.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lua/handles.h"
#include "lua/load.h"
#include "lua/sync_engine.h"
#include "lua/world.h"
#include "runtime/trace_writer.h"

namespace sloth {

class RuntimeRun;

struct RuntimeOptions {
  int workers = 1;
  uint64_t seed = 0;
  int64_t grace_ns = kSecond;
  size_t island_memory_limit = 0;  // bytes; 0: none
  int64_t max_goroutines = 0;      // 0: no limit
  bool isolated = false;           // every spawn is as goroutine.parallel
  std::vector<std::string> removed;  // what scripts do not get (lua/sandbox.h)
  std::string module_path;           // package.path; empty: Lua's own
  bool reports_uncaught = false;   // to the listener instead of stderr
  LogLevel log_level = LogLevel::kInfo;
  // Islands begin as clones of a pristine heap (lua/snapshot.h), which is the default unless the environment says
  // SLOTH_CLONING=off; otherwise each is built anew.
  bool clones_islands = true;
  bool audits_heaps = false;  // each heap is looked through before it goes (lua/heap_audit.h); for tests
  SnapshotSabotage sabotage = SnapshotSabotage::kNone;  // for tests
  int trace_fd = -1;  // a file to write a trace to at closing; taken over. -1: none
};

// What all islands that a run makes may use together; 0: no limit but the runtime's. With a limit every goroutine of the run lives on
// one of them, and one that cannot raises, with the reason.
struct RunLimits {
  size_t memory = 0;  // bytes
  int workers = 0;
};

// A chunk that is run before the main one, in the same goroutine: it defines globals.
struct Prelude {
  std::string chunk_name;
  std::string source;
  Value arguments;  // host format
  bool keeps_to_itself = false;  // as Code says; nobody checks it
};

struct RunRequest {
  uint64_t id = 0;
  std::string source;
  std::string chunk_name;  // "@path" or "=name"
  Dialect dialect = Dialect::kLua;
  Value arguments;  // host format, as all values here
  Value globals;    // a list: name, value, name, value, ...
  std::vector<std::string> script_arguments;  // Lua's `arg`, from index 0; empty: none
  std::vector<Prelude> preludes;
  RunOptions options;
  bool load_only = false;  // compiles the chunk; its function is the result
  bool explain = false;
  bool check_captures = false;
  int64_t timeout_ns = kForever;
  RunLimits limits;
};

struct CallRequest {
  uint64_t id = 0;
  Ref<LuaFunction> function;
  Value arguments;
  bool at_home = false;  // on the function's island whatever it captures
  RunOptions options;
  int64_t timeout_ns = kForever;
  RunLimits limits;
};

struct RunReport {
  static constexpr const char* kSucceeded = "succeeded";
  bool succeeded() const { return kind == kSucceeded; }

  const char* kind = kSucceeded;   // succeeded failed memory syntax timeout cancelled deadlock exit
  Value values;                    // host format
  Value error;                     // of "failed": the error value alone, host format; nil for a string
  std::string message;
  std::string traceback;
  int exit_code = 0;
  int uncaught = 0;
};

struct UncaughtReport {
  uint64_t goroutine = 0;
  std::string message;
  std::string traceback;
  std::string spawn_site;
};

// Told what happens; called on workers, without locks. Must not call Close.
class RuntimeListener : public GoroutineWatcher {
 public:
  virtual void RunEnded(uint64_t id, RunReport report) = 0;
  // A goroutine of the run failed and nobody awaited it (RuntimeOptions::reports_uncaught).
  virtual void UncaughtError(uint64_t run, UncaughtReport report) {
    (void)run;
    (void)report;
  }
  // The last goroutine that an engine started has ended; it may have started others since.
  virtual void EngineIdle() {}
};

class Runtime final : public RefCounted, private EngineRuns {
 public:
  // The sinks, the host and the listener outlive the runtime.
  Runtime(const RuntimeOptions& options, OutputSink* out, OutputSink* err, HostPort* host, RuntimeListener* listener, Clock* clock);

  // False when closed.
  bool Start(RunRequest request);
  bool Call(CallRequest request);
  void Cancel(uint64_t id, const std::string& reason);
  // An engine on the calling thread; null when closed, or without memory. It must be closed before the runtime is, and be gone
  // before it is. `memory_limit` as RuntimeOptions::island_memory_limit. Not where time is virtual.
  std::unique_ptr<SyncEngine> MakeEngine(size_t memory_limit, SyncHost* host);
  // What all islands together may hold from now on, in bytes; 0: no limit. What they hold already stays.
  void LimitMemory(size_t bytes) { world_.memory.SetLimit(bytes); }
  size_t memory_used() const { return world_.memory.used(); }
  // How many workers run islands at a time from now on; at most as many as it was made with.
  void LimitWorkers(int count) { scheduler_->SetWorkers(count); }
  int workers() const { return scheduler_->workers(); }
  size_t live_runs() EXCLUDES(mutex_);
  // Asked for the source of modules that nobody defined. Before the first run.
  void SetModuleResolver(Ref<HostFunction> resolver) { world_.module_resolver = std::move(resolver); }
  // What `require(name)` gives on every island from now on. `fields` as RunRequest::globals.
  void DefineModule(const std::string& name, Value fields);
  // A module with descriptions (lua/module.h). Before the first run.
  void AddModule(Ref<Module> module) { world_.catalogue.Add(std::move(module)); }
  // Null unless its runs are deterministic.
  Turns* turns() { return scheduler_->turns(); }
  // A virtual clock goes no further than Advance says; the listener is told when it has (GoroutineWatcher). Before the first run.
  void HoldClock() { turns()->HoldClock(listener_); }
  void Advance(int64_t duration_ns) { turns()->LetPass(duration_ns); }
  // Tells the listener of these kinds of GoroutineEvent from now on.
  void Watch(uint8_t kinds) { scheduler_->Watch(kinds); }
  SchedulerCounters& counters() { return scheduler_->counters(); }
  SnapshotStore& snapshots() { return world_.snapshots; }
  const RuntimeOptions& options() const { return options_; }
  // Every goroutine of every run, as text. Takes about Inspection::kPatience where some run. Not for a thread that runs Lua.
  std::string Dump() EXCLUDES(mutex_);

  // The seven steps of closing, but those of floor 6. Waits at most until the deadline for goroutines to unwind; returns the
  // number of threads left behind in C. Called once.
  int Close(int64_t deadline_ns);
  Clock* clock() const { return clock_; }
  // What became of the trace; once closed.
  const TraceSummary& trace_summary() const { return trace_summary_; }

 private:
  friend class RuntimeRun;
  ~Runtime() override;
  void Launch(Ref<RuntimeRun> run, Ref<LuaIsland> island, Ref<StartPlan> plan, int64_t timeout_ns);
  void Ended(uint64_t id, RunReport report);
  bool Register(Ref<RuntimeRun> run);
  Ref<LuaRun> MakeEngineRun() override;
  Ref<IslandLimits> LimitsOf(const RunLimits& limits);
  void BuryAll(int64_t deadline_ns);
  void FinishTrace();

  const RuntimeOptions options_;
  Clock* const clock_;
  RuntimeListener* const listener_;
  World world_;
  std::unique_ptr<Trace> trace_;  // null: nothing is recorded
  TraceSummary trace_summary_;
  std::unique_ptr<Scheduler> scheduler_;
  Random seeds_;
  Mutex mutex_;
  Condition run_ended_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::map<uint64_t, Ref<RuntimeRun>> runs_ GUARDED_BY(mutex_);
  uint64_t last_engine_run_ GUARDED_BY(mutex_) = uint64_t{1} << 52;  // beyond the ids of the host's runs
};

}  // namespace sloth

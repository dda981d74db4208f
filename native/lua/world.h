// What islands share: the scheduler, the sinks, the host and the limits of one runtime. Floor 5 owns it.
#pragma once

#include <atomic>
#include <cstdio>
#include <map>
#include <string>

#include "base/list.h"
#include "data/output.h"
#include "lua/chunk_pool.h"
#include "lua/island_limits.h"
#include "lua/module.h"
#include "lua/sandbox.h"
#include "lua/snapshot_store.h"
#include "sched/scheduler.h"
#include "sync/host_port.h"
#include "sync/pool.h"

namespace sloth {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError, kOff };

// Values that the host defined, by name: they may be replaced while programs run.
class HostDirectory {
 public:
  void Set(const std::string& name, Ref<RefCounted> value) {
    MutexLock lock(mutex_);
    values_[name] = std::move(value);
  }
  Ref<RefCounted> Find(const std::string& name) {
    MutexLock lock(mutex_);
    auto found = values_.find(name);
    return found == values_.end() ? Ref<RefCounted>() : found->second;
  }

 private:
  Mutex mutex_;
  std::map<std::string, Ref<RefCounted>> values_ GUARDED_BY(mutex_);
};

// What the list of a world's islands needs of them; only LuaIsland derives it.
struct ListedIsland {
  ListNode listed_link;
};

// Outlives every island. Fields are set before the first island and constant afterwards, unless they say otherwise.
struct World {
  RefCounted* owner = nullptr;  // kept alive by every island
  Scheduler* scheduler = nullptr;
  OutputSink* out = nullptr;
  OutputSink* err = nullptr;
  FILE* out_file = nullptr;  // the sinks as C streams, for the io library
  FILE* err_file = nullptr;
  HostPort* host = nullptr;
  size_t island_memory_limit = 0;  // bytes; 0: none
  std::atomic<size_t> posted_bytes{0};  // of stores on their way to other islands (write_back.h): together within that limit
  uint64_t hash_seed = 0;  // of strings; one for all islands, as heaps that look alike are built faster
  size_t copy_limit = 256 * 1024;  // a spawn whose copy would be larger stays home
  int64_t max_goroutines = 0;      // alive at once; 0: no limit
  bool isolated = false;           // every spawn insists on an island of its own
  HostDirectory modules;           // HostModule (host_modules.h)
  ModuleCatalogue catalogue;       // modules with descriptions, known to the analysis
  Ref<Handle> module_resolver;     // a HostFunction that gives the source of modules, or null
  std::string module_path;         // what package.path begins as; empty: Lua's own
  Sandbox sandbox;
  int64_t burial_limit_ns = 100 * kMillisecond;
  std::map<std::string, std::string, std::less<>> environment;  // as it was when the runtime began
  LogLevel log_level = LogLevel::kInfo;
  ChunkPool chunks;
  MemoryBudget memory;             // of all islands; its limit may change
  SnapshotStore snapshots;
  bool audits_heaps = false;       // each heap is looked through before it goes (heap_audit.h); a problem ends the process
  Mutex islands_mutex;
  List<ListedIsland, &ListedIsland::listed_link> islands GUARDED_BY(islands_mutex);  // all that are alive
  std::atomic<bool> explain{false};         // every spawn site tells where it runs and why
  std::atomic<bool> check_captures{false};
};

// The run of a main chunk or of a function called by the host, as Lua's libraries need it.
class LuaRun : public Run {
 public:
  using Run::Run;
  PoolDirectory pools;
  // A spawn decided where its goroutine lives (world.explain). Called without locks.
  virtual void OnPlacement(const std::string& text) { (void)text; }
  // What the islands it makes may use; a goroutine of it that would live on any other, unless that was asked for, raises. Set before it
  // starts; null: no limits.
  Ref<IslandLimits> limits;
  // The goroutine whose outcome is the run's, when it is not the main one. Set before the main one ends.
  Ref<Goroutine> primary;
};


// Prints the failures of a pool's jobs that nobody asked for, once.
void ReportPool(World* world, LuaRun* run, Pool* pool);

}  // namespace sloth

// A goroutine that runs Lua: one lua_State on one island.
//
// Its worker owns everything here; the interrupt handler of the same thread reads `innermost` and the words of the base.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "lua/api.h"
#include "lua/world.h"
#include "sched/goroutine.h"
#include "sync/select.h"

namespace sloth {

class LuaIsland;
class LuaGoroutine;
class SyncEngine;

// Why a state of the goroutine yielded to the scheduler. A yield with kNone is the program's own coroutine.yield.
enum class SchedulerYield : uint8_t { kNone, kPark, kYield, kPreempt };

// Which tables reach the host by reference: none; those with behaviour, which a copy would lose; all.
enum class TableRule : uint8_t { kCopy, kObjects, kReference };

// How far the unwinding of a cancelled goroutine is. Protected calls of an earlier phase never return to Lua.
enum class Unwinding : uint8_t {
  kNo,
  kMasked,     // the cancellation was raised, or it ends by itself: cleanup handlers run, masked, within the grace
  kGraceOver,  // nothing survives any more
};

// What a goroutine starts with when it is not a packed spawn: a chunk to load, a function of its island to call.
class StartPlan : public RefCounted {
 public:
  // Pushes the function and its arguments onto L and returns their number. Upper room; what it raises is how the
  // goroutine ends.
  virtual int PushStart(lua_State* L, LuaGoroutine* goroutine) = 0;
  // Whether its island needs every library at once.
  virtual bool needs_all_libraries() const { return true; }
};

// What functions of the upper room keep across calls that may raise, as they may own nothing.
struct Scratch {
  Value received;
  std::string text;
  Ref<RefCounted> holding;
  Ref<Goroutine> child;
};

// A function of Lua that is packed for the host; one without a handle was met by an attempt that is to be repeated.
struct HeldFunction {
  const void* function;
  bool light;  // a C function without a closure
  Ref<Handle> handle;
};

class LuaGoroutine final : public Goroutine {
 public:
  LuaGoroutine(World* world, Ref<LuaRun> run, Ref<LuaIsland> island, Goroutine* parent, Ref<SpawnSite> site);
  ~LuaGoroutine() override;
  // From the worker's cache, and back.
  static void* operator new(size_t size);
  static void operator delete(void* memory);

  World* world() const { return world_; }
  LuaRun* lua_run() const { return static_cast<LuaRun*>(run()); }
  LuaIsland* lua_island() const;

  // -- running --
  lua_State* state = nullptr;                       // its own thread; null until it starts on its own island
  std::atomic<lua_State*> innermost{nullptr};       // the state that runs: its own, or a coroutine inside it
  lua_KFunction after_park = nullptr;               // what goes on when the call that parked it is resumed
  lua_KContext after_park_context = 0;
  lua_State* rested_in = nullptr;                   // the state that yielded last: where it stands while it rests
  SyncEngine* engine = nullptr;                     // runs it on the host's own thread; null for all others
  uint32_t thread_place = 0;                        // what keeps `state` (body_threads.h)
  int unyieldable = 0;                              // levels of coroutines started where their parent cannot yield
  int slice_left = 0;                               // instructions of its slice (slices.h), as of the last count
  int slice_counted = 0;                            // how many the hook of `innermost` was set to count
  int argument_count = 0;                           // values on `state` for its first resume
  SchedulerYield yield = SchedulerYield::kNone;
  Unwinding unwinding = Unwinding::kNo;
  TableRule table_rule = TableRule::kCopy;          // how tables of it reach the host
  bool thread_seen = false;                         // the program may know `state`
  bool has_deferred = false;                        // it called `defer`
  bool slice_over = false;                          // it makes way where its line hook is called next
  bool started = false;
  bool home = true;                                 // lives on its parent's island
  bool has_followers = false;                       // it started goroutines, or deferred functions
  bool blocked_at_end = false;                      // a deadlock found it waiting, although it had ended but for deferred functions
  bool results_judged = false;                      // whether they say that it succeeded is of interest
  bool host_results = false;                        // its results go to the host: packed in the host's format

  // -- what it starts with on its own island --
  Value parcel;                                     // packed by the spawner
  Ref<StartPlan> plan;                              // instead of the parcel
  Ref<WaitEnder> context;                           // what it is to be bound to when it starts

  // -- ending --
  // Taken from the island when it is first asked for, and given back when the goroutine rests. Finalizers run in the middle of
  // other calls: while one runs, it is theirs.
  Scratch& scratch();
  void GiveScratchBack();
  // What few goroutines need.
  struct Seldom {
    Ref<RefCounted> watch;                          // of its captures (check_captures.h), when asked for
    std::string traceback;                          // of the error being unwound
    std::string blocked_text = "has not started";   // what a deadlock found it waiting for
    std::vector<HeldFunction> held_functions;       // on their way to the host
  };
  Rare<Seldom> seldom;
  const char* kind = "goroutine";                   // for reports

 private:
  World* const world_;
  Scratch* scratch_ = nullptr;
};

}  // namespace sloth

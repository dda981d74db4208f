// A synchronous engine: an island on the host's own thread. The host calls into it and is called from it directly.
//
// It is one island with one guest (sched/guest.h), which alone touches the heap. A goroutine record stands for what runs in
// it, so that everything that libraries ask of "the current goroutine" has its answer; it never waits, and where it would, the
// call raises. A record serves one entry after the other until it was cancelled or started goroutines: then it ends as any
// goroutine does, and the next entry has a new one. All records belong to one run, kept open by an anchor, until os.exit ends it.
//
// Host thread only, but Strike (its signal handler).
#pragma once

#include "lua/island.h"
#include "lua/sync_host.h"
#include "sched/guest.h"

namespace sloth {

struct PackFailure;

// Makes the runs of an engine; floor 5. Null once nothing new may begin.
class EngineRuns {
 public:
  virtual ~EngineRuns() = default;
  virtual Ref<LuaRun> MakeEngineRun() = 0;
};

// One entry into an engine, on the host's stack.
struct SyncTurn {
  lua_State* L = nullptr;  // what runs: results stand on it from base + 1 up
  int base = 0;
  LuaGoroutine* record = nullptr;
  bool syntax_error = false;  // Run failed because a chunk does not parse
  bool own_record = false;  // nested, with a limit of its own
  TableRule outer_rule = TableRule::kCopy;
  Unwinding outer_unwinding = Unwinding::kNo;
  Guest::Entry entry{};
};

// What an entry does. Its arguments are plain values, or one message.
struct SyncCall {
  enum Kind : uint8_t {
    kReference,  // call what `reference` names
    kGlobal,     // call the global `text`
    kChunk,      // compile `text` and call it
    kGetGlobal,
    kSetGlobal,  // to the one argument
    kIndex,      // of the first argument, by the second; metamethods run, here and below
    kRawIndex,   // without metamethods, of a table
    kNewIndex,
    kLength,
    kEntries,    // keys and values in turn
    kText,
  } kind = kReference;
  int reference = 0;
  const char* text = nullptr;
  size_t length = 0;
  const char* chunk_name = nullptr;
  const SyncValue* arguments = nullptr;
  int count = 0;
  const Value* message = nullptr;
  int results = -1;  // how many are wanted; -1: all
};

// Which functions get the object they are a property of as their first argument: Lua functions whose first parameter is called
// `self`, and C functions where the object is a userdata.
enum class SelfRule : uint8_t { kNever, kAlways, kOfUserdata };

struct SyncFailure {
  const char* kind = "failed";  // as RunReport::kind
  std::string message;
  std::string traceback;
  Value error;  // the error value alone, in the host's format; nil for a string
  int exit_code = 0;
};

class SyncEngine final {
 public:
  SyncEngine(World* world, uint64_t seed, size_t memory_limit, EngineRuns* runs, SyncHost* host);
  // Closed.
  ~SyncEngine();

  // Builds the heap; false without memory, or when no run may begin.
  [[nodiscard]] bool TryOpen();
  // Ends it: within an entry what runs is cancelled, and the heap goes when the outermost one is left.
  void Close();
  bool closed() const { return closed_; }
  size_t memory_used() const { return island_->memory_used(); }
  // Goroutines that it started and that keep its run alive.
  size_t live_goroutines();

  // -- entries --
  // False when it is closed. `timeout_ns` limits this entry.
  [[nodiscard]] bool Begin(SyncTurn* turn, int64_t timeout_ns, TableRule rule);
  void End(SyncTurn* turn);
  // False when it failed: then Failure tells why. Results stay on the stack until End.
  [[nodiscard]] bool Run(SyncTurn* turn, const SyncCall& call);
  SyncFailure Failure(SyncTurn* turn);
  int result_count(const SyncTurn& turn) const;
  SyncValue Result(const SyncTurn& turn, int number) const { return ReadSyncValue(turn.L, turn.base + 1 + number); }
  // Packs values of the frame of L for the host. False with the reason, a sentence that begins with `action`.
  [[nodiscard]] bool TryPack(lua_State* L, int first, int count, const char* action, Value* out, std::string* reason);

  // -- what the host holds by reference --
  // The registry's reference behind a handle of this engine; false for any other.
  bool ReferenceOf(const Handle* handle, int* reference) const;
  // The address of what it stands for, and "function", "table", ...
  const void* AddressOf(int reference, const char** type);
  // Whether the function is one of those that are called as methods.
  SelfRule SelfRuleOf(int reference);

  // -- for native/lua --
  SyncHost* host() const { return host_; }
  Guest* guest() { return &guest_; }
  // Between instructions: looks at limits, and asks the host.
  void Notice();
  // In the interrupt handler: makes L, which runs, call Notice.
  void Strike(lua_State* L) noexcept;

 private:
  Ref<LuaGoroutine> NewRecord();
  bool EnsureRecord();
  void EndRecord(Ref<LuaGoroutine> record);
  void EndRun();
  void FinishOutermost(SyncTurn* turn);
  void Bury();

  World* const world_;
  EngineRuns* const runs_;
  SyncHost* const host_;
  const Ref<LuaIsland> island_;
  Guest guest_;
  Ref<LuaRun> run_;
  Ref<LuaGoroutine> anchor_;
  Ref<LuaGoroutine> record_;
  bool closed_ = false;
  bool buried_ = false;
};

}  // namespace sloth

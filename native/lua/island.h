// An island with a Lua heap.
//
// Whoever holds the island (sched/island.h) may touch the heap. The heap is built when a worker first runs a goroutine here
// and destroyed by the worker that finds nothing pinned any more. Every entry from outside is one protected call.
#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "lua/api.h"
#include "lua/body_threads.h"
#include "lua/island_limits.h"
#include "lua/island_memory.h"
#include "lua/lua_goroutine.h"
#include "lua/write_back.h"
#include "sched/island.h"

namespace sloth {

class Inspection;
struct SnapshotKey;

// The extra space of every lua_State (lua/upstream/user.h).
struct StateExtra {
  LuaIsland* island;
  LuaGoroutine* inside;  // the goroutine that runs or waits inside this state; null at rest (but see body_threads.cc)
};

inline StateExtra* ExtraOf(lua_State* L) { return static_cast<StateExtra*>(lua_getextraspace(L)); }
inline LuaIsland* IslandOf(lua_State* L) { return ExtraOf(L)->island; }
// The goroutine that runs now on L's island; null while the heap is built or buried.
LuaGoroutine* CurrentGoroutine(lua_State* L);

// One library table of an island.
struct LibraryTable {
  const char* name;
  const void* table;  // as lua_topointer gives it
};

// Makes `main`, whose heap rests and is nobody's or another island's, the heap of `island`; null: nobody's.
void GiveHeapTo(lua_State* main, LuaIsland* island);
// Whether the world knows of an island: that in which a snapshot is built is nobody's business.
enum class IslandListing : uint8_t { kListed, kUnlisted };

class LuaIsland final : public Island, public ListedIsland {
 public:
  LuaIsland(World* world, uint64_t seed, Ref<IslandLimits> limits = nullptr, IslandListing listing = IslandListing::kListed);
  ~LuaIsland() override;

  World* world() const { return world_; }
  lua_State* main_state() const { return main_; }
  size_t memory_used() const { return memory_.used(); }
  // Those of the run that made it; null: none but the world's.
  IslandLimits* limits() const { return limits_.get(); }
  size_t memory_limit;  // bytes; 0: none. The world's, unless somebody sets another before the heap is built
  // Makes the heap, a clone where there is a snapshot for what it needs; false when there is no memory. Libraries beyond
  // those appear on first use.
  [[nodiscard]] bool TryBuild(const SnapshotKey& needs) noexcept;
  // What its random numbers start from.
  uint64_t seed() const { return seed_; }
  // Seed for the next goroutine that leaves this island.
  uint64_t NextChildSeed() { return seeds_.Next(); }
  void Reseed(uint64_t seed) { seeds_ = Random(seed); }
  Random* random() { return &random_; }

  // A reference in the registry that another thread wants to drop (function handles).
  void DropReferenceLater(int reference) EXCLUDES(drop_mutex_);

  // Compares what a goroutine captured here with what it was (check_captures.h), when the island next rests.
  void CompareLater(Ref<RefCounted> watch) EXCLUDES(drop_mutex_);
  // Lua's warnings, one line each, to the runtime's diagnostics; "@on" and "@off" as in Lua.
  void Warn(const char* message, bool to_be_continued);
  // The finalizer that runs is being interrupted: that is no error of the program, and nobody is warned.
  void FinalizerInterrupted() { finalizer_interrupted_ = true; }

  // Calls Inspection::Answer when the island next rests or its goroutine can be interrupted.
  void LookLater(Ref<Inspection> inspection) EXCLUDES(drop_mutex_);
  // It is answered no more.
  void ForgetLook(Inspection* inspection) EXCLUDES(drop_mutex_);
  // Whether somebody asked for that; read in the interrupt handler, too.
  bool look_wanted() const { return look_wanted_.load(std::memory_order_relaxed); }
  // Whoever holds the island answers them all.
  void AnswerInspections() noexcept EXCLUDES(drop_mutex_);

  // The site of that text; null for "". Whoever holds the island.
  Ref<SpawnSite> SiteOf(const char* text);

  void Strike(Goroutine* goroutine) noexcept override;

  std::vector<LibraryTable> libraries;  // library tables built so far
  bool all_libraries = false;
  bool pristine = false;                // a snapshot is built in it: nothing of the host may get in
  bool is_fresh_clone = false;          // FinishClone is still to be called
  bool has_hooks = false;               // debug.sethook was called here
  Scratch finalizer_scratch;
  std::unique_ptr<Scratch> spare_scratch;  // one that no goroutine has
  BodyThreads body_threads;
  WriteBacks write_backs{this};
  int64_t burial_deadline = kForever;   // while the heap is closed: when its finalizers are interrupted

 protected:
  RunResult Resume(Goroutine* goroutine) noexcept override;
  void Bury() noexcept override;
  void RunErrands() noexcept override;

 private:
  friend void GiveHeapTo(lua_State* main, LuaIsland* island);
  static void* Allocate(void* island, void* block, size_t old_size, size_t new_size);
  bool TryClone(const SnapshotKey& needs);
  static bool OwnsBlock(const void* island, const void* block, size_t size);
  bool PrepareStart(LuaGoroutine* goroutine);
  void Finish(LuaGoroutine* goroutine, int status);
  void SettleUnstarted(LuaGoroutine* goroutine);

  World* const world_;
  const Ref<IslandLimits> limits_;
  lua_State* main_ = nullptr;
  IslandMemory memory_;
  const IslandListing listing_;
  const uint64_t seed_;
  Random seeds_;
  Random random_;
  Ref<SpawnSite> recent_sites_[4];
  unsigned next_site_ = 0;
  std::string warning_;
  bool warnings_on_ = true;
  bool finalizer_interrupted_ = false;
  Mutex drop_mutex_;
  std::vector<int> dropped_ GUARDED_BY(drop_mutex_);
  std::vector<Ref<RefCounted>> watches_ GUARDED_BY(drop_mutex_);
  std::vector<Ref<Inspection>> inspections_ GUARDED_BY(drop_mutex_);
  std::atomic<bool> look_wanted_{false};
};

}  // namespace sloth

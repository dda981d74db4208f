#include "lua/island.h"

#include <iterator>

#include "base/cruelty.h"
#include "lua/body.h"
#include "lua/burial.h"
#include "lua/cancellation.h"
#include "lua/chance.h"
#include "lua/check_captures.h"
#include "lua/error_text.h"
#include "lua/heap.h"
#include "lua/heap_audit.h"
#include "lua/internals.h"
#include "lua/inspection.h"
#include "lua/pack.h"
#include "lua/slices.h"
#include "lua/snapshot.h"

namespace sloth {
namespace {

int Panic(lua_State* L) {
  std::fprintf(stderr, "sloth-runner: unprotected Lua error: %s\n", lua_tostring(L, -1));
  return 0;
}

void WarnIsland(void* context, const char* message, int to_be_continued) {
  static_cast<LuaIsland*>(context)->Warn(message, to_be_continued != 0);
}

}  // namespace

LuaGoroutine* CurrentGoroutine(lua_State* L) {
  LuaIsland* island = IslandOf(L);
  return island ? static_cast<LuaGoroutine*>(island->running()) : nullptr;
}

LuaIsland::LuaIsland(World* world, uint64_t seed, Ref<IslandLimits> limits, IslandListing listing)
    : Island(world->scheduler, limits.get()),
      memory_limit(world->island_memory_limit),
      world_(world),
      limits_(std::move(limits)),
      memory_(&world->chunks, limits_ ? &limits_->memory : &world->memory),
      listing_(listing),
      seed_(seed),
      seeds_(seed),
      random_(seed ^ 0xa5a5a5a5) {
  if (world_->owner) world_->owner->AddRef();
  if (listing_ == IslandListing::kUnlisted) return;
  world_->scheduler->counters().islands.fetch_add(1, std::memory_order_relaxed);
  MutexLock lock(world_->islands_mutex);
  world_->islands.PushBack(this);
}

LuaIsland::~LuaIsland() {
  CHECK(main_ == nullptr);
  if (listing_ == IslandListing::kListed) {
    world_->scheduler->counters().islands.fetch_sub(1, std::memory_order_relaxed);
    MutexLock lock(world_->islands_mutex);
    world_->islands.Remove(this);
  }
  if (world_->owner) world_->owner->Release();
}

void* LuaIsland::Allocate(void* context, void* block, size_t old_size, size_t new_size) {
  auto* island = static_cast<LuaIsland*>(context);
  // For a new block Lua passes its kind instead of a size.
  return island->memory_.Reallocate(block, block ? old_size : 0, new_size, island->memory_limit);
}

bool LuaIsland::OwnsBlock(const void* island, const void* block, size_t size) {
  return static_cast<const LuaIsland*>(island)->memory_.Owns(block, size);
}

void GiveHeapTo(lua_State* main, LuaIsland* island) {
  lua_atpanic(main, Panic);
  lua_setallocf(main, LuaIsland::Allocate, island);
  lua_setwarnf(main, WarnIsland, island);
  *ExtraOf(main) = {island, nullptr};
}

bool LuaIsland::TryClone(const SnapshotKey& needs) {
  const Snapshot* snapshot = world_->snapshots.Find(world_, needs);
  char* image = snapshot ? memory_.TryAdoptImage(snapshot->size(), snapshot->used(), memory_limit) : nullptr;
  if (!image) return false;
  main_ = snapshot->Clone(image, this);
  if (!snapshot->looked_at.load(std::memory_order_relaxed)) [[unlikely]] {
    if (!world_->snapshots.Approve(snapshot, FindHeapProblem(main_, {OwnsBlock, this}))) {
      main_ = nullptr;
      memory_.Clear();
      libraries.clear();
      all_libraries = false;
      return false;
    }
  }
  is_fresh_clone = true;
  world_->snapshots.cloned.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool LuaIsland::TryBuild(const SnapshotKey& needs) noexcept {
  if (TryClone(needs)) {
    world_->scheduler->counters().heaps.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  all_libraries = (needs.libraries & kEveryLibrary) != 0;
  SeedNextState(world_->hash_seed);
  main_ = lua_newstate(Allocate, this);
  if (!main_) return false;
  GiveHeapTo(main_, this);
  lua_pushcfunction(main_, BuildHeap);
  if (lua_pcall(main_, 0, 0, 0) == LUA_OK) {
    world_->scheduler->counters().heaps.fetch_add(1, std::memory_order_relaxed);
    world_->snapshots.built.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  lua_close(main_);
  main_ = nullptr;
  memory_.Clear();
  return false;
}

namespace {

SnapshotKey NeedsOf(const LuaGoroutine* goroutine) {
  if (goroutine->plan) return {goroutine->plan->needs_all_libraries() ? kEveryLibrary : 0, 0};
  return NeedsOfSpawn(goroutine->parcel);
}

// Protected: makes the goroutine's thread and moves its function and arguments there. [1] the goroutine.
int StartInside(lua_State* L) {
  auto* goroutine = static_cast<LuaGoroutine*>(lua_touserdata(L, 1));
  LuaIsland* island = IslandOf(L);
  if (island->is_fresh_clone) {
    FinishClone(L);
    island->is_fresh_clone = false;
  }
  int count = goroutine->plan ? goroutine->plan->PushStart(L, goroutine) : UnpackSpawn(L, goroutine->parcel);
  if (goroutine->seldom && goroutine->seldom->watch) NoteCopies(L, goroutine, count);
  PushBody(L, goroutine, count);
  return 0;
}

}  // namespace

void PushBody(lua_State* L, LuaGoroutine* goroutine, int argument_count) {
  int function = lua_gettop(L) - argument_count;
  lua_State* thread = IslandOf(L)->body_threads.Push(L, function, argument_count, &goroutine->thread_place);
  if (!lua_checkstack(thread, argument_count + 8)) luaL_error(L, "too many arguments for a goroutine");
  lua_pop(L, 1);
  lua_pushcfunction(thread, GoroutineBody);
  lua_pushcfunction(thread, BodyMessageHandler);
  lua_xmove(L, thread, argument_count + 1);
  goroutine->state = thread;
  goroutine->argument_count = argument_count + 2;
  ExtraOf(thread)->inside = goroutine;
}

void DropBody(lua_State* L, LuaGoroutine* goroutine, bool reusable) {
  lua_State* thread = std::exchange(goroutine->state, nullptr);
  if (!thread) return;
  if (goroutine->has_deferred) ForgetDeferred(L, thread);
  IslandOf(L)->body_threads.Drop(thread, goroutine->thread_place, reusable && !goroutine->thread_seen && !IslandOf(L)->has_hooks);
}

namespace {

void NoteStartFailure(LuaGoroutine* goroutine, FailureKind kind, std::string message) {
  goroutine->ending.kind = OutcomeKind::kFailed;
  goroutine->ending.failure->kind = kind;
  goroutine->ending.failure->message = std::move(message);
}

}  // namespace

bool LuaIsland::PrepareStart(LuaGoroutine* goroutine) {
  const char* problem = nullptr;
  if (!main_ && !TryBuild(NeedsOf(goroutine))) {
    problem = "not enough memory";
  } else if (!goroutine->state) {
    lua_pushcfunction(main_, StartInside);
    lua_pushlightuserdata(main_, goroutine);
    if (lua_pcall(main_, 1, 0, 0) == LUA_OK) {
      goroutine->parcel = Value();
      return true;
    }
    NoteStartFailure(goroutine, IsOutOfMemory(main_, -1) ? FailureKind::kMemory : FailureKind::kError, ErrorText(main_, -1));
    lua_pop(main_, 1);
    return false;
  }
  if (!problem) return true;
  NoteStartFailure(goroutine, FailureKind::kMemory, problem);
  return false;
}

namespace {

// Not in deep recursion, where setting a hook takes long, and not in the place of the program's own hook.
void PreemptSoon(lua_State* L) {
  if (L->nci > 500 || lua_gethook(L)) return;
  lua_sethook(L, InterruptHook, LUA_MASKCOUNT, 1 + static_cast<int>(CruelChoice(200)));
}

}  // namespace

RunResult LuaIsland::Resume(Goroutine* base) noexcept {
  auto* goroutine = static_cast<LuaGoroutine*>(base);
  // Between two waits nobody's stores show: what was interrupted goes on as it was.
  bool waited = goroutine->yield != SchedulerYield::kPreempt;
  if (waited && write_backs.has_posts()) (void)write_backs.Apply(main_);
  int arguments = 0;
  if (!goroutine->started) {
    goroutine->started = true;
    // Queued work that was cancelled never starts.
    goroutine->NoticeEnder();
    if (goroutine->cancelled()) {
      goroutine->ending = CancelledOutcome(goroutine);
      Finish(goroutine, LUA_OK);
      return RunResult::kDone;
    }
    if (goroutine->refusal) {
      NoteStartFailure(goroutine, FailureKind::kError, *goroutine->refusal);
      Finish(goroutine, LUA_OK);
      return RunResult::kDone;
    }
    if (!PrepareStart(goroutine)) {
      Finish(goroutine, LUA_OK);
      return RunResult::kDone;
    }
    arguments = goroutine->argument_count;
  }
  goroutine->yield = SchedulerYield::kNone;
  if (IsCruel(Cruelty::kPreempt)) PreemptSoon(goroutine->state);
  goroutine->innermost.store(goroutine->state, std::memory_order_relaxed);
  int results = 0;
  BeginSlice(goroutine);
  int status = lua_resume(goroutine->state, nullptr, arguments, &results);
  EndSlice(goroutine);
  goroutine->innermost.store(nullptr, std::memory_order_relaxed);
  if (status != LUA_YIELD) {
    Finish(goroutine, status);
    return RunResult::kDone;
  }
  lua_pop(goroutine->state, results);
  goroutine->GiveScratchBack();
  switch (goroutine->yield) {
    case SchedulerYield::kPark: return RunResult::kParked;
    case SchedulerYield::kYield: return RunResult::kYielded;
    case SchedulerYield::kPreempt: return RunResult::kPreempted;
    case SchedulerYield::kNone: break;
  }
  Unreachable();  // our coroutine.yield refuses to yield a goroutine's own state
}

void LuaIsland::Finish(LuaGoroutine* goroutine, int status) {
  write_backs.PostNotes();
  if (pins() == 1) write_backs.StoresNoMore();  // its own
  if (goroutine->ending.kind == OutcomeKind::kPending) {
    // Not even the bottom frame could say how it ended: no memory for it.
    goroutine->ending.kind = OutcomeKind::kFailed;
    goroutine->ending.failure->kind = status == LUA_ERRMEM ? FailureKind::kMemory : FailureKind::kError;
    goroutine->ending.failure->message = status == LUA_ERRMEM ? "not enough memory" : ErrorText(goroutine->state, -1);
  }
  // The heap of a goroutine that lived alone goes with it.
  DropBody(main_, goroutine, status == LUA_OK && pins() > 1);
  goroutine->parcel = Value();
  goroutine->plan = nullptr;
  if (goroutine->seldom && goroutine->seldom->watch) {
    Ref<CaptureWatch> watch = Ref<CaptureWatch>::Adopt(static_cast<CaptureWatch*>(goroutine->seldom->watch.Leak()));
    if (main_) CompareCaptures(main_, watch.get(), false);
    Ref<LuaIsland> home = std::move(watch->home);
    home->CompareLater(std::move(watch));
  }
  bool blocked = goroutine->ending.kind == OutcomeKind::kCancelled || goroutine->blocked_at_end;
  if (blocked && !goroutine->daemon && goroutine->cancel_kind() == CancelKind::kDeadlock) {
    std::string text = goroutine->kind + std::string(" ") + std::to_string(goroutine->id()) + " " + goroutine->seldom->blocked_text;
    if (!goroutine->seldom->traceback.empty()) text += "\n" + goroutine->seldom->traceback;
    if (*goroutine->spawn_site()) {
      text += "\nspawned at " + std::string(goroutine->spawn_site()) + " by goroutine " + std::to_string(goroutine->parent_id());
    }
    goroutine->run()->AddBlocked({goroutine->id(), std::move(text)});
  }
  goroutine->GiveScratchBack();
  goroutine->Settle();
}

Ref<SpawnSite> LuaIsland::SiteOf(const char* text) {
  if (!*text) return nullptr;
  for (Ref<SpawnSite>& known : recent_sites_) {
    if (known && known->text == text) return known;
  }
  Ref<SpawnSite>& place = recent_sites_[next_site_++ % std::size(recent_sites_)];
  place = MakeRef<SpawnSite>(text);
  return place;
}

void LuaIsland::Warn(const char* message, bool to_be_continued) {
  if (warning_.empty() && !to_be_continued && message[0] == '@') {
    if (std::string_view(message) == "@on") warnings_on_ = true;
    if (std::string_view(message) == "@off") warnings_on_ = false;
    return;
  }
  warning_ += message;
  if (to_be_continued) return;
  std::string line = "Lua warning: " + warning_ + "\n";
  warning_.clear();
  bool of_interrupt = finalizer_interrupted_ && line == "Lua warning: error in __gc (interrupted)\n";
  finalizer_interrupted_ = false;
  if (warnings_on_ && !of_interrupt) world_->err->Write(line.data(), line.size());
}

void LuaIsland::DropReferenceLater(int reference) {
  {
    MutexLock lock(drop_mutex_);
    dropped_.push_back(reference);
  }
  RequestErrands();
}

void LuaIsland::CompareLater(Ref<RefCounted> watch) {
  {
    MutexLock lock(drop_mutex_);
    watches_.push_back(std::move(watch));
  }
  RequestErrands();
}

void LuaIsland::LookLater(Ref<Inspection> inspection) {
  {
    MutexLock lock(drop_mutex_);
    inspections_.push_back(std::move(inspection));
    look_wanted_.store(true, std::memory_order_relaxed);
  }
  RequestErrands();
}

void LuaIsland::ForgetLook(Inspection* inspection) {
  MutexLock lock(drop_mutex_);
  std::erase_if(inspections_, [&](const Ref<Inspection>& each) { return each.get() == inspection; });
}

void LuaIsland::AnswerInspections() noexcept {
  std::vector<Ref<Inspection>> inspections;
  {
    MutexLock lock(drop_mutex_);
    inspections.swap(inspections_);
    look_wanted_.store(false, std::memory_order_relaxed);
  }
  for (Ref<Inspection>& inspection : inspections) inspection->Answer(this);
}

void LuaIsland::RunErrands() noexcept {
  AnswerInspections();
  std::vector<int> dropped;
  std::vector<Ref<RefCounted>> watches;
  {
    MutexLock lock(drop_mutex_);
    dropped.swap(dropped_);
    watches.swap(watches_);
  }
  for (Ref<RefCounted>& watch : watches) {
    if (main_) CompareCaptures(main_, static_cast<CaptureWatch*>(watch.get()), true);
  }
  // luaL_unref stores into existing slots of the registry: nothing to raise.
  for (int reference : dropped) {
    if (main_) luaL_unref(main_, LUA_REGISTRYINDEX, reference);
  }
  if (main_ && write_backs.has_posts() && !has_preempted()) (void)write_backs.Apply(main_);
}

void LuaIsland::Bury() noexcept {
  if (!main_) return;
  if (world_->audits_heaps) {
    const char* problem = FindHeapProblem(main_, {OwnsBlock, this});
    if (problem) CheckFailed(problem, __FILE__, __LINE__);
  }
  if (!TryReleaseHeap(main_)) {
    burial_deadline = world_->scheduler->machine_clock()->Now() + world_->burial_limit_ns;
    lua_close(main_);
  }
  main_ = nullptr;
  write_backs.Close();
  body_threads.Forget();
  memory_.Clear();
  libraries.clear();
  world_->scheduler->counters().heaps.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace sloth

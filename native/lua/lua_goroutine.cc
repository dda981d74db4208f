#include "lua/lua_goroutine.h"

#include "lua/cancellation.h"
#include "lua/island.h"
#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {
namespace {

// Sanitizers find more where every record is malloc's own.
#if defined(SLOTH_SANITIZER_BUILD)
constexpr bool kCachesRecords = false;
#else
constexpr bool kCachesRecords = true;
#endif

}  // namespace


LuaGoroutine::LuaGoroutine(World* world, Ref<LuaRun> run, Ref<LuaIsland> island, Goroutine* parent, Ref<SpawnSite> site)
    : Goroutine(world->scheduler, std::move(run), std::move(island), parent, std::move(site)), world_(world) {}

void* LuaGoroutine::operator new(size_t size) {
  CHECK(size == sizeof(LuaGoroutine));
  Worker* worker = kCachesRecords ? Scheduler::CurrentWorker() : nullptr;
  void* memory = worker ? worker->records.TryTake() : nullptr;
  return memory ? memory : ::operator new(size);
}

void LuaGoroutine::operator delete(void* memory) {
  Worker* worker = kCachesRecords ? Scheduler::CurrentWorker() : nullptr;
  worker ? worker->records.Put(memory) : ::operator delete(memory);
}

LuaGoroutine::~LuaGoroutine() { delete scratch_; }

Scratch& LuaGoroutine::scratch() {
  LuaIsland* island = lua_island();
  lua_State* main = island->main_state();
  if (main && InFinalizer(main)) return island->finalizer_scratch;
  if (!scratch_) scratch_ = island->spare_scratch ? island->spare_scratch.release() : new Scratch;
  return *scratch_;
}

void LuaGoroutine::GiveScratchBack() {
  if (!scratch_ || !scratch_->received.is_nil() || scratch_->holding || scratch_->child) return;
  scratch_->text.clear();
  LuaIsland* island = lua_island();
  if (island->spare_scratch) {
    delete scratch_;
  } else {
    island->spare_scratch.reset(scratch_);
  }
  scratch_ = nullptr;
}

LuaIsland* LuaGoroutine::lua_island() const { return static_cast<LuaIsland*>(island()); }

}  // namespace sloth

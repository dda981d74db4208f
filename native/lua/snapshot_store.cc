#include "lua/snapshot_store.h"

#include "lua/code.h"
#include "lua/snapshot.h"

namespace sloth {

struct SnapshotStore::Slot {
  std::atomic<State> state{State::kFree};  // kReady publishes key and snapshot; moves under the mutex
  SnapshotKey key;                         // written before the state leaves kFree; with functions, also while it is kWanted
  uint32_t times = 0;                      // that it was wanted so far; under the mutex
  std::unique_ptr<const Snapshot> snapshot;
};

SnapshotStore::SnapshotStore() : slots_(new Slot[kSlots]), functions_(new Slot[kSlots]) {}
SnapshotStore::~SnapshotStore() = default;

SnapshotStore::Slot* SnapshotStore::SlotFor(const SnapshotKey& key) {
  for (size_t i = 0; i < kSlots; i++) {
    State state = slots_[i].state.load(std::memory_order_relaxed);
    if (state == State::kFree || slots_[i].key == key) return &slots_[i];
  }
  return nullptr;
}

SnapshotStore::Slot* SnapshotStore::SlotOfFunctions(const SnapshotKey& key) {
  uint64_t hash = (reinterpret_cast<uintptr_t>(key.code) >> 4) + key.functions[0];
  return &functions_[hash * 0x9e3779b97f4a7c15u >> 59];
}

// Counts; true when the caller is to build it.
bool SnapshotStore::IsWantedOften(Slot* slot, const SnapshotKey& key) {
  MutexLock lock(mutex_);
  State state = slot->state.load(std::memory_order_relaxed);
  if (state != State::kFree && state != State::kWanted) return false;
  if (state == State::kFree || !(slot->key == key)) {
    slot->key = key;
    slot->times = 0;
    slot->state.store(State::kWanted, std::memory_order_relaxed);
  }
  if (++slot->times < kOften) return false;
  slot->state.store(State::kBuilding, std::memory_order_relaxed);
  return true;
}

const Snapshot* SnapshotStore::Find(World* world, const SnapshotKey& key) {
  if (off_) return nullptr;
  if (key.code) {
    Slot* slot = SlotOfFunctions(key);
    State state = slot->state.load(std::memory_order_acquire);
    if (state == State::kReady && slot->key == key) return slot->snapshot.get();
    bool may_count = state == State::kFree || state == State::kWanted;
    if (may_count && IsWantedOften(slot, key)) {
      if (const Snapshot* snapshot = Build(world, slot)) return snapshot;
    }
  }
  return FindForLibraries(world, {key.libraries, key.kinds});
}

const Snapshot* SnapshotStore::FindForLibraries(World* world, const SnapshotKey& key) {
  Slot* slot = nullptr;
  for (size_t i = 0; i < kSlots; i++) {
    const Slot& candidate = slots_[i];
    State state = candidate.state.load(std::memory_order_acquire);
    if (state == State::kFree) break;
    if (!(candidate.key == key)) continue;
    if (state == State::kReady) return candidate.snapshot.get();
    if (state != State::kWanted) return nullptr;
    break;
  }
  {
    MutexLock lock(mutex_);
    slot = SlotFor(key);
    if (!slot) return nullptr;
    State state = slot->state.load(std::memory_order_relaxed);
    if (state == State::kFree) {
      slot->key = key;
      slot->state.store(State::kWanted, std::memory_order_release);
      return nullptr;
    }
    if (state == State::kReady) return slot->snapshot.get();
    if (state != State::kWanted) return nullptr;
    slot->state.store(State::kBuilding, std::memory_order_release);
  }
  return Build(world, slot);
}

const Snapshot* SnapshotStore::Build(World* world, Slot* slot) {
  std::string problem;
  slot->snapshot = Snapshot::TryBuild(world, slot->key, sabotage_, &problem);
  MutexLock lock(mutex_);
  bool ready = slot->snapshot != nullptr;
  if (!ready) problem_ = problem;
  if (ready) ready_.fetch_add(1, std::memory_order_relaxed);
  if (!ready && !problem.empty()) refused_.fetch_add(1, std::memory_order_relaxed);
  slot->state.store(ready ? State::kReady : State::kRefused, std::memory_order_release);
  return slot->snapshot.get();
}

bool SnapshotStore::Approve(const Snapshot* snapshot, const char* problem) {
  MutexLock lock(mutex_);
  snapshot->looked_at.store(true, std::memory_order_relaxed);
  if (!problem) return true;
  problem_ = problem;
  for (size_t i = 0; i < 2 * kSlots; i++) {
    Slot& slot = i < kSlots ? slots_[i] : functions_[i - kSlots];
    if (slot.state.load(std::memory_order_relaxed) != State::kReady || slot.snapshot.get() != snapshot) continue;
    // Others may be about to clone it: it stays, and nobody finds it any more.
    slot.state.store(State::kRefused, std::memory_order_release);
    ready_.fetch_sub(1, std::memory_order_relaxed);
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
  return false;
}

std::string SnapshotStore::problem() {
  MutexLock lock(mutex_);
  return problem_;
}

}  // namespace sloth

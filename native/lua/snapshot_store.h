// The snapshots of one runtime, one for each set of libraries and handles that goroutines need, and one for each of some
// functions that are started again and again. What no goroutine names costs no clone anything.
//
// Any worker asks; one of them builds. A snapshot is built when its like is wanted for the second time, so that a program
// that starts one goroutine does not pay for it. Where there is none, islands are built one by one: while it is built, when
// there are too many different ones, when it could not be verified, and when cloning is switched off.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"

namespace sloth {

class Snapshot;
struct SnapshotKey;
struct World;

// What tests do to a build to see it refused.
enum class SnapshotSabotage : uint8_t {
  kNone,
  kBadWord,        // a word that differs otherwise
  kHeapKey,        // a table keyed by a table
  kDamagedString,  // a string whose bytes are taken for a pointer
  kBadClone,       // the clone differs from what was built there
};

class SnapshotStore {
 public:
  SnapshotStore();
  ~SnapshotStore();
  SnapshotStore(const SnapshotStore&) = delete;
  SnapshotStore& operator=(const SnapshotStore&) = delete;

  // Before the first island.
  void SwitchOff() { off_ = true; }
  void Sabotage(SnapshotSabotage sabotage) { sabotage_ = sabotage; }

  // The snapshot for the key, or null. May build it.
  const Snapshot* Find(World* world, const SnapshotKey& key) EXCLUDES(mutex_);
  // The first clone of a snapshot is looked at closely; `problem` is what was found, or null. True when it may be used.
  bool Approve(const Snapshot* snapshot, const char* problem) EXCLUDES(mutex_);

  // How many snapshots there are, how many islands began as clones, and how many snapshots were refused.
  int64_t count() const { return ready_.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::atomic<int64_t> cloned{0};
  std::atomic<int64_t> built{0};
  // Why one was refused last.
  std::string problem() EXCLUDES(mutex_);

 private:
  static constexpr size_t kSlots = 32;
  static constexpr uint32_t kOften = 16;  // a function that is started so often is worth a snapshot
  enum class State : uint8_t { kFree, kWanted, kBuilding, kReady, kRefused };
  struct Slot;
  Slot* SlotFor(const SnapshotKey& key) REQUIRES(mutex_);
  Slot* SlotOfFunctions(const SnapshotKey& key);
  bool IsWantedOften(Slot* slot, const SnapshotKey& key) EXCLUDES(mutex_);
  const Snapshot* FindForLibraries(World* world, const SnapshotKey& key) EXCLUDES(mutex_);
  const Snapshot* Build(World* world, Slot* slot) EXCLUDES(mutex_);

  bool off_ = false;
  SnapshotSabotage sabotage_ = SnapshotSabotage::kNone;
  const std::unique_ptr<Slot[]> slots_;      // without functions, in the order in which they were wanted
  const std::unique_ptr<Slot[]> functions_;  // with functions, each at the place that its key gives
  std::atomic<int64_t> ready_{0};
  std::atomic<int64_t> refused_{0};
  Mutex mutex_;
  std::string problem_ GUARDED_BY(mutex_);
};

}  // namespace sloth

// An island as the scheduler sees it: the unit that at most one worker runs at a time, with its ready goroutines.
//
// Floor 4 derives the one with a Lua heap. Kept alive by its goroutines and by pins; when the last pin goes, a worker
// buries it.
#pragma once

#include <atomic>

#include "base/mutex.h"
#include "base/ref.h"
#include "sched/goroutine.h"
#include "sched/island_group.h"

namespace sloth {

enum class RunResult : uint8_t {
  kParked,     // its wait is armed; the worker settles it
  kYielded,    // wants to run again after its siblings
  kPreempted,  // was interrupted; must be the next one to run on this island
  kDone,       // settled
};

class Island : public RefCounted {
 public:
  // A pin keeps the heap: every live goroutine is one, every function handle held outside is one.
  void Pin() { pins_.fetch_add(1, std::memory_order_relaxed); }
  void Unpin();
  bool pinned() const { return pins_.load(std::memory_order_acquire) > 0; }
  // The goroutine that runs on this island now; only meaningful to the thread that holds the island.
  Goroutine* running() const { return running_; }
  bool has_other_ready() EXCLUDES(mutex_);
  // The runtime closes: the heap goes as soon as nothing runs in it, pinned or not.
  void RequestBurial();
  bool buried() EXCLUDES(mutex_);

  // -- looking in from outside, for reports --
  // Tells islands apart; never used twice by one scheduler.
  uint64_t number() const { return number_; }
  // Takes an island that rests, from any thread; false when it runs or is about to. Whoever took it may read its heap, runs
  // nothing in it, and lets it go soon.
  [[nodiscard]] bool TryHold() EXCLUDES(mutex_);
  void LetGo() EXCLUDES(mutex_);
  // Calls `look` while nobody can take the island; false when somebody has it, or it is buried. What needs the island waits
  // meanwhile: `look` is short, and takes no locks.
  template <typename Look>
  [[nodiscard]] bool WhileResting(const Look& look) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (phase_ == Phase::kHeld || phase_ == Phase::kBuried) return false;
    look();
    return true;
  }
  // How often workers took it. Unchanged between two looks: nothing ran.
  uint64_t times_run() const { return times_run_.load(std::memory_order_relaxed); }
  int64_t pins() const { return pins_.load(std::memory_order_acquire); }
  // Asks for RunErrands soon.
  void RequestErrands();
  // Whether somebody did and it was not run since; a hint for who holds the island.
  bool errands_asked() const { return errands_asked_.load(std::memory_order_relaxed); }

 protected:
  // `group`: whose limit holds for it; the derived class keeps it. Null: none.
  explicit Island(Scheduler* scheduler, IslandGroup* group = nullptr);
  Scheduler* scheduler() const { return scheduler_; }
  // A goroutine was interrupted here and goes on before any other; for the holder.
  bool has_preempted() const { return preempted_ != nullptr; }

  // Runs `goroutine` until it parks, yields, is preempted or ends. The caller holds the island.
  virtual RunResult Resume(Goroutine* goroutine) noexcept = 0;
  // Destroys the heap. The caller holds the island; nothing is pinned. Called at most once.
  virtual void Bury() noexcept = 0;
  // Small work that must hold the island (releasing references to its heap); called before goroutines run.
  virtual void RunErrands() noexcept {}
  // In the interrupt handler, on the thread that runs `goroutine` (null: the burial): make it notice. Signal-safe.
  virtual void Strike(Goroutine* goroutine) noexcept { (void)goroutine; }

 private:
  friend class Scheduler;
  friend class Worker;
  friend class Goroutine;
  friend class Guest;
  // In a worker's slot it is held, without a reference: nobody but who takes it from there can run the goroutine that it is
  // there for, and that goroutine keeps it.
  enum class Phase : uint8_t { kIdle, kQueued, kHeld, kBuried };

  Scheduler* const scheduler_;
  IslandGroup* const group_;
  const uint64_t number_;
  std::atomic<uint64_t> times_run_{0};  // written by the holder
  std::atomic<int64_t> pins_{0};
  std::atomic<bool> errands_asked_{false};  // follows errands_
  Goroutine* running_ = nullptr;    // written by the holder
  Goroutine* preempted_ = nullptr;  // to be resumed before any sibling; owned by the holder or, at rest, by the queue entry
  int64_t preempted_at_ = 0;

  Goroutine* for_slot_ = nullptr;   // whom it is in a slot for; written by who puts it there, read by who takes it

  Mutex mutex_;
  Phase phase_ GUARDED_BY(mutex_) = Phase::kIdle;
  bool errands_ GUARDED_BY(mutex_) = false;
  bool doomed_ GUARDED_BY(mutex_) = false;
  List<Goroutine, &Goroutine::ready_link_> ready_ GUARDED_BY(mutex_);
};

}  // namespace sloth

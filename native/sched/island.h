// An island as the scheduler sees it: the unit that at most one worker runs at a time, with its ready goroutines.
//
// Floor 4 derives the one with a Lua heap. Kept alive by its goroutines and by pins; when the last pin goes, a worker
// buries it.
#pragma once

#include <atomic>

#include "base/mutex.h"
#include "base/ref.h"
#include "sched/goroutine.h"

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

 protected:
  explicit Island(Scheduler* scheduler) : scheduler_(scheduler) {}
  Scheduler* scheduler() const { return scheduler_; }

  // Runs `goroutine` until it parks, yields, is preempted or ends. The caller holds the island.
  virtual RunResult Resume(Goroutine* goroutine) noexcept = 0;
  // Destroys the heap. The caller holds the island; nothing is pinned. Called at most once.
  virtual void Bury() noexcept = 0;
  // Small work that must hold the island (releasing references to its heap); called before goroutines run.
  virtual void RunErrands() noexcept {}
  // Asks for RunErrands soon.
  void RequestErrands();
  // In the interrupt handler, on the thread that runs `goroutine` (null: the burial): make it notice. Signal-safe.
  virtual void Strike(Goroutine* goroutine) noexcept { (void)goroutine; }

 private:
  friend class Scheduler;
  friend class Worker;
  friend class Goroutine;
  enum class Phase : uint8_t { kIdle, kQueued, kHeld, kBuried };

  Scheduler* const scheduler_;
  std::atomic<int64_t> pins_{0};
  Goroutine* running_ = nullptr;    // written by the holder
  Goroutine* preempted_ = nullptr;  // to be resumed before any sibling; owned by the holder or, at rest, by the queue entry
  int64_t preempted_at_ = 0;

  Mutex mutex_;
  Phase phase_ GUARDED_BY(mutex_) = Phase::kIdle;
  bool errands_ GUARDED_BY(mutex_) = false;
  bool doomed_ GUARDED_BY(mutex_) = false;
  List<Goroutine, &Goroutine::ready_link_> ready_ GUARDED_BY(mutex_);
};

}  // namespace sloth

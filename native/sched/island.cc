#include "sched/island.h"

#include "sched/scheduler.h"

namespace sloth {

Island::Island(Scheduler* scheduler, IslandGroup* group)
    : scheduler_(scheduler), group_(group), number_(scheduler->NextIslandNumber()) {}

bool Island::TryHold() {
  MutexLock lock(mutex_);
  if (phase_ != Phase::kIdle) return false;
  phase_ = Phase::kHeld;
  return true;
}

void Island::LetGo() {
  {
    MutexLock lock(mutex_);
    bool queue = errands_ || !ready_.empty() || !pinned() || doomed_;
    phase_ = queue ? Phase::kQueued : Phase::kIdle;
    if (!queue) return;
  }
  scheduler_->QueueIsland(this);
}

void Island::Unpin() {
  if (pins_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  {
    MutexLock lock(mutex_);
    if (phase_ != Phase::kIdle) return;  // whoever holds or takes it will see
    phase_ = Phase::kQueued;
  }
  scheduler_->QueueIsland(this);
}

void Island::RequestErrands() {
  {
    MutexLock lock(mutex_);
    if (phase_ == Phase::kBuried) return;
    errands_ = true;
    errands_asked_.store(true, std::memory_order_relaxed);
    if (phase_ != Phase::kIdle) return;
    phase_ = Phase::kQueued;
  }
  scheduler_->QueueIsland(this);
}

void Island::RequestBurial() {
  {
    MutexLock lock(mutex_);
    doomed_ = true;
    if (phase_ != Phase::kIdle) return;
    phase_ = Phase::kQueued;
  }
  scheduler_->QueueIsland(this);
}

bool Island::buried() {
  MutexLock lock(mutex_);
  return phase_ == Phase::kBuried;
}

bool Island::has_other_ready() {
  MutexLock lock(mutex_);
  return !ready_.empty();
}

}  // namespace sloth

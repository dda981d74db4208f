// Goroutines that wait, or make way, where Lua cannot yield: their worker stays in the call, and gives its island away.
#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {

bool Scheduler::ReserveInPlace() {
  if (in_place_.fetch_add(1, std::memory_order_acq_rel) < options_.spare_workers) return true;
  in_place_.fetch_sub(1, std::memory_order_acq_rel);
  return false;
}

void Scheduler::BlockInPlace(Goroutine* goroutine) {
  Worker* worker = CurrentWorker();
  Island* island = goroutine->island();
  bool counts = goroutine->wait_counts_as_blocked_;
  {
    MutexLock lock(island->mutex_);
    goroutine->in_place_ = worker;
  }
  if (Watches(GoroutineEvent::kBlocked)) [[unlikely]] TellBlocked(goroutine);
  GoState state = GoState::kRunning;
  if (!goroutine->state_.compare_exchange_strong(state, GoState::kBlocked, std::memory_order_acq_rel)) {
    CHECK(state == GoState::kWoken);
    goroutine->in_place_ = nullptr;
    goroutine->state_.store(GoState::kRunning, std::memory_order_release);
    in_place_.fetch_sub(1, std::memory_order_acq_rel);
    return;
  }
  counters_.blocked_in_place.fetch_add(1, std::memory_order_relaxed);
  worker->EndSlice(goroutine, SliceEnd::kBlocked);
  worker->busy_.store(false, std::memory_order_relaxed);
  worker->current_.store(nullptr, std::memory_order_relaxed);
  island->running_ = nullptr;
  worker->FlushSlot();
  if (counts) goroutine->run()->domain()->Blocked();
  bool queue;
  {
    MutexLock lock(island->mutex_);
    queue = island->errands_ || !island->ready_.empty() || island->doomed_;
    island->phase_ = queue ? Island::Phase::kQueued : Island::Phase::kIdle;
  }
  if (queue) QueueIsland(island);
  AwaitHandOver(worker, goroutine);
}

void Scheduler::TellBlocked(Goroutine* goroutine) {
  if (goroutine->state() != GoState::kRunning) return;  // its wait is over already
  const char* what = goroutine->waiting_for();
  Tell({GoroutineEvent::kBlocked, goroutine->run()->id(), goroutine->id(), 0, what ? what : ""});
}

void Scheduler::PreemptInPlace(Goroutine* goroutine) {
  Worker* worker = CurrentWorker();
  Island* island = goroutine->island();
  CHECK(goroutine->state_.exchange(GoState::kReady, std::memory_order_acq_rel) == GoState::kRunning);
  counters_.preemptions.fetch_add(1, std::memory_order_relaxed);
  worker->busy_.store(false, std::memory_order_relaxed);
  worker->current_.store(nullptr, std::memory_order_relaxed);
  island->running_ = nullptr;
  island->preempted_ = goroutine;
  {
    MutexLock lock(island->mutex_);
    goroutine->in_place_ = worker;
    island->phase_ = Island::Phase::kQueued;
  }
  QueueIsland(island);
  AwaitHandOver(worker, goroutine);
}

// Its island is given away; gives its token away, too, and comes back when both are handed over.
void Scheduler::AwaitHandOver(Worker* worker, Goroutine* goroutine) {
  if (IslandGroup* group = goroutine->island()->group_) group->Leave();
  {
    MutexLock lock(mutex_);
    // It may have been woken, and handed back its island, already.
    if (!worker->handed_ && worker->has_token_) TakeTokenLocked(worker);
  }
  WakeOneIfUseful();
  {
    MutexLock lock(mutex_);
    while (!worker->handed_) worker->wake_.Wait(mutex_);
    worker->handed_ = false;
  }
  in_place_.fetch_sub(1, std::memory_order_acq_rel);
  goroutine->island()->running_ = goroutine;
  worker->slices_.fetch_add(1, std::memory_order_relaxed);
  worker->progress_.fetch_add(1, std::memory_order_relaxed);
  worker->slice_over_.store(false, std::memory_order_relaxed);
  worker->current_.store(goroutine, std::memory_order_relaxed);
  worker->busy_.store(true, std::memory_order_relaxed);
  worker->BeginSlice();
}

}  // namespace sloth

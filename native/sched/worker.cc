#include "sched/worker.h"

#include "base/pause.h"
#include "sched/scheduler.h"

namespace sloth {

namespace {

// What a wake costs, from the one who wakes to the one who works again; so long it is worth looking instead.
constexpr int64_t kLook = 50 * kMicrosecond;
// Work that came within this time would have been found by looking.
constexpr int64_t kSoon = 100 * kMicrosecond;

SliceEnd EndOf(RunResult result) {
  switch (result) {
    case RunResult::kParked: return SliceEnd::kParked;
    case RunResult::kYielded: return SliceEnd::kYielded;
    case RunResult::kPreempted: return SliceEnd::kPreempted;
    case RunResult::kDone: return SliceEnd::kDone;
  }
  return SliceEnd::kDone;
}

}  // namespace

Worker::Worker(Scheduler* scheduler, int number) : scheduler_(scheduler), number_(number), records(&scheduler->record_depot_) {}

void Worker::StrikeThis(void* context) {
  auto* worker = static_cast<Worker*>(context);
  if (Goroutine* goroutine = worker->current()) {
    goroutine->island()->Strike(goroutine);
  } else if (Island* island = worker->burying_.load(std::memory_order_relaxed)) {
    island->Strike(nullptr);
  }
}

void Worker::Loop() {
  target_.context = this;
  target_.strike.store(StrikeThis, std::memory_order_relaxed);
  SetInterruptTarget(&target_);
  if (Trace* trace = scheduler_->options_.trace) current_trace = trace->NewBuffer(number_);
  while (!scheduler_->stopping_.load(std::memory_order_acquire)) {
    auto [island, from_slot] = scheduler_->NextIsland(this);
    bool has_token = true;
    bool too_many = island && token_taken_.load(std::memory_order_relaxed) && !ReclaimToken();
    if (from_slot && (too_many || island->group_)) [[unlikely]] {
      Scheduler::FromSlot(island);  // others may have to wait for it
      from_slot = false;
    }
    if (too_many) [[unlikely]] {
      scheduler_->QueueIsland(island);
      island->Release();  // the queue's reference
      has_token = false;
    } else if (island) {
      scheduler_->RouseWatchdog();
      if (from_slot) Keep(island);
      has_token = RunIsland(island, from_slot);
      if (!from_slot) island->Release();                         // the queue's reference
      if (std::exchange(ended_here_, false)) LetGoOfKept();  // it may have been the last one: its island is to go at once
    }
    if (island && has_token) continue;
    if (has_token && LookForWork()) continue;
    if (!Sleep()) break;
  }
  for (Scheduler::Next next = scheduler_->NextIsland(this); next.island; next = scheduler_->NextIsland(this)) {
    Island* island = next.from_slot ? Scheduler::FromSlot(next.island) : next.island;
    Discard(island);
    island->Release();
  }
  LetGoOfKept();
  SetInterruptTarget(nullptr);
  current_trace = nullptr;
}

void Worker::Keep(Island* island) {
  if (kept_[0].get() == island || kept_[1].get() == island) return;
  kept_[0] = std::exchange(kept_[1], Ref<Island>(island));
}

void Worker::LetGoOfKept() {
  kept_[0] = kept_[1] = nullptr;
  parked_domain_ = nullptr;
}

bool Worker::LookForWork() {
  Scheduler* s = scheduler_;
  bool nobody = false;
  if (!work_comes_soon_ || !s->looking_.compare_exchange_strong(nobody, true, std::memory_order_seq_cst)) return false;
  FlushSlot();
  idle_since_ = s->real_clock_.Now();
  int64_t end = idle_since_ + kLook;
  auto found = [&] { return s->queued_.load(std::memory_order_seq_cst) > 0 || s->stopping_.load(std::memory_order_relaxed); };
  do {
    for (int turn = 0; turn < 16 && !found(); turn++) Pause();
  } while (!found() && s->real_clock_.Now() < end);
  s->looking_.store(false, std::memory_order_seq_cst);
  // Whoever queued something before that woke nobody: look once more.
  work_comes_soon_ = found();
  if (work_comes_soon_) idle_since_ = 0;
  return work_comes_soon_;
}

bool Worker::Sleep() {
  FlushSlot();
  LetGoOfKept();
  Scheduler* s = scheduler_;
  MutexLock lock(s->mutex_);
  token_taken_.store(false, std::memory_order_relaxed);
  if (has_token_) s->TakeTokenLocked(this);
  if (s->stopping_.load(std::memory_order_seq_cst)) return false;
  // Whoever queued an island before the token was given back saw no free token: look again.
  bool work = s->turns_ || s->queued_.load(std::memory_order_seq_cst) > 0;
  if (work && s->active_.load(std::memory_order_seq_cst) < s->workers()) {
    s->GiveTokenLocked(this);
    return true;
  }
  s->idle_.push_back(this);
  int64_t since = idle_since_ ? std::exchange(idle_since_, 0) : s->real_clock_.Now();
  while (!woken_) wake_.Wait(s->mutex_);
  woken_ = false;
  work_comes_soon_ = s->may_look_ && s->real_clock_.Now() - since < kSoon;
  return !s->stopping_.load(std::memory_order_seq_cst);
}

bool Worker::ReclaimToken() {
  Scheduler* s = scheduler_;
  MutexLock lock(s->mutex_);
  if (!has_token_) {
    if (s->active_.load(std::memory_order_seq_cst) >= s->workers()) return false;
    s->GiveTokenLocked(this);
  }
  token_taken_.store(false, std::memory_order_relaxed);
  return true;
}

void Worker::QueueHere(Island* island) {
  MutexLock lock(queue_mutex_);
  scheduler_->queued_.fetch_add(1, std::memory_order_seq_cst);
  CHECK(queue_.TryPush(std::move(island)));
}

Island* Worker::TakeFromQueue() {
  MutexLock lock(queue_mutex_);
  return queue_.empty() ? nullptr : queue_.Pop();
}

Island* Worker::StealFrom(Worker* victim) {
  constexpr size_t kMost = 16;
  Island* taken[kMost];
  size_t count = 0;
  {
    MutexLock lock(victim->queue_mutex_);
    size_t half = (victim->queue_.size() + 1) / 2;
    while (count < half && count < kMost) taken[count++] = victim->queue_.Pop();
  }
  if (count > 1) {
    MutexLock lock(queue_mutex_);
    for (size_t i = 1; i < count; i++) CHECK(queue_.TryPush(std::move(taken[i])));
  }
  return count > 0 ? taken[0] : nullptr;
}

void Worker::FlushSlot() {
  if (Island* island = slot_.exchange(nullptr, std::memory_order_acq_rel)) QueueHere(Scheduler::FromSlot(island));
}

void Worker::Discard(Island* island) {
  bool errands;
  {
    MutexLock lock(island->mutex_);
    CHECK(island->phase_ == Island::Phase::kQueued);
    island->phase_ = Island::Phase::kHeld;
    errands = std::exchange(island->errands_, false);
  }
  if (errands) island->RunErrands();
  {
    MutexLock lock(island->mutex_);
    if (island->pinned() && !island->doomed_) return;  // abandoned: held for ever
    island->phase_ = Island::Phase::kBuried;
  }
  Bury(island);
}

void Worker::Bury(Island* island) {
  burying_.store(island, std::memory_order_relaxed);
  busy_.store(true, std::memory_order_relaxed);
  progress_.fetch_add(1, std::memory_order_relaxed);
  if (scheduler_->turns()) scheduler_->RouseWatchdog();  // it sleeps until there is a burial
  island->Bury();
  busy_.store(false, std::memory_order_relaxed);
  burying_.store(nullptr, std::memory_order_relaxed);
}

// Any of the first ones; in a deterministic run.
Goroutine* Worker::PopAnyReadyLocked(Island* island) {
  constexpr uint32_t kMost = 128;
  Goroutine* chosen = island->ready_.front();
  uint32_t count = 0;
  for (Goroutine* g = chosen; g && count < kMost; g = island->ready_.Next(g)) count++;
  for (uint32_t skip = scheduler_->turns()->Choose(count); skip > 0; skip--) chosen = island->ready_.Next(chosen);
  List<Goroutine, &Goroutine::ready_link_>::Remove(chosen);
  return chosen;
}

Worker::Next Worker::NextLocked(Island* island) {
  Next next;
  if (island->errands_) {
    island->errands_ = false;
    next.errands = true;
  } else if (island->preempted_) {
    next.goroutine = std::exchange(island->preempted_, nullptr);
  } else if (!island->ready_.empty()) {
    next.goroutine = scheduler_->turns() ? PopAnyReadyLocked(island) : island->ready_.PopFront();
  } else if (!island->pinned() || island->doomed_) {
    island->phase_ = Island::Phase::kBuried;
    next.bury = true;
  } else {
    island->phase_ = Island::Phase::kIdle;
  }
  return next;
}

Goroutine* Worker::TakeFirst(Island* island) {
  Next next;
  {
    MutexLock lock(island->mutex_);
    CHECK(island->phase_ == Island::Phase::kQueued);
    island->phase_ = Island::Phase::kHeld;
    Count(&island->times_run_);
    next = NextLocked(island);
  }
  if (next.bury) Bury(island);
  if (!next.errands) return next.goroutine;
  island->RunErrands();
  return TakeNext(island);
}

Goroutine* Worker::TakeNext(Island* island) {
  for (;;) {
    Next next;
    {
      MutexLock lock(island->mutex_);
      next = NextLocked(island);
    }
    if (next.bury) Bury(island);
    if (!next.errands) return next.goroutine;
    island->RunErrands();
  }
}

Goroutine* Worker::TakeFromSlot(Island* island) {
  Count(&island->times_run_);
  return std::exchange(island->for_slot_, nullptr);
}

bool Worker::RunIsland(Island* island, bool from_slot) {
  IslandGroup* group = island->group_;
  if (!group) [[likely]] return RunTaken(island, from_slot);
  if (!group->TryEnter(island)) return true;
  hands_over_ = false;
  bool has_token = RunTaken(island, from_slot);
  // Whoever was handed the island leaves the group in our place.
  if (!hands_over_) group->Leave();
  return has_token;
}

bool Worker::RunTaken(Island* island, bool from_slot) {
  for (Goroutine* goroutine = from_slot ? TakeFromSlot(island) : TakeFirst(island);; goroutine = TakeNext(island)) {
    if (!goroutine) return true;
    if (goroutine->in_place_) {
      HandOver(goroutine);
      return false;
    }
    bool held = RunOne(island, goroutine);
    bool has_token = !token_taken_.load(std::memory_order_relaxed) || ReclaimToken();
    if (!held) return has_token;
    bool goes_on = !slice_over() && !scheduler_->turns();
    if (has_token && goes_on && !scheduler_->stopping_.load(std::memory_order_relaxed)) continue;
    // The slice is over, or the token is gone: others first.
    bool queue = false;
    {
      MutexLock lock(island->mutex_);
      queue = island->errands_ || island->preempted_ || !island->ready_.empty() || !island->pinned() || island->doomed_;
      island->phase_ = queue ? Island::Phase::kQueued : Island::Phase::kIdle;
    }
    if (queue) scheduler_->QueueIsland(island);
    return has_token;
  }
}

bool Worker::RunOne(Island* island, Goroutine* goroutine) {
  CHECK(goroutine->state_.load(std::memory_order_acquire) == GoState::kReady);
  goroutine->state_.store(GoState::kRunning, std::memory_order_release);  // nobody else moves one that is ready
  island->running_ = goroutine;
  current_.store(goroutine, std::memory_order_relaxed);
  Count(&progress_);
  busy_.store(true, std::memory_order_relaxed);
  BeginSlice();
  RunResult result = island->Resume(goroutine);
  EndSlice(goroutine, EndOf(result));
  busy_.store(false, std::memory_order_relaxed);
  current_.store(nullptr, std::memory_order_relaxed);
  island->running_ = nullptr;
  switch (result) {
    case RunResult::kParked:
      ParkOrRequeue(goroutine);
      return true;
    case RunResult::kYielded: {
      goroutine->state_.store(GoState::kReady, std::memory_order_release);
      bool others = scheduler_->turns() || scheduler_->HasWaitingWork() || slot_.load(std::memory_order_relaxed) != nullptr;
      MutexLock lock(island->mutex_);
      island->ready_.PushBack(goroutine);
      if (!others) return true;
      island->phase_ = Island::Phase::kQueued;
      break;
    }
    case RunResult::kPreempted:
      goroutine->state_.store(GoState::kReady, std::memory_order_release);
      island->preempted_ = goroutine;
      island->preempted_at_ = scheduler_->clock_->Now();
      {
        MutexLock lock(island->mutex_);
        island->phase_ = Island::Phase::kQueued;
      }
      scheduler_->counters_.preemptions.fetch_add(1, std::memory_order_relaxed);
      scheduler_->QueuePreempted(island);
      return false;
    case RunResult::kDone:
      island->pins_.fetch_sub(1, std::memory_order_acq_rel);
      ended_here_ = true;
      goroutine->island_ = nullptr;  // a handle keeps the outcome, not the island; the queue's reference keeps it here
      goroutine->Release();          // the scheduler's reference
      return true;
  }
  scheduler_->QueueIsland(island);
  return false;
}

void Worker::ParkOrRequeue(Goroutine* goroutine) {
  bool counts = goroutine->wait_counts_as_blocked_;
  // Once parked the goroutine may run, end and be destroyed elsewhere: keep what is needed afterwards.
  if (counts && parked_domain_.get() != goroutine->run()->domain()) parked_domain_ = Ref<DeadlockDomain>(goroutine->run()->domain());
  if (scheduler_->Watches(GoroutineEvent::kBlocked)) [[unlikely]] scheduler_->TellBlocked(goroutine);
  GoState state = GoState::kRunning;
  if (goroutine->state_.compare_exchange_strong(state, GoState::kParked, std::memory_order_acq_rel)) {
    if (counts) parked_domain_->Blocked();
    return;
  }
  CHECK(state == GoState::kWoken);
  goroutine->state_.store(GoState::kReady, std::memory_order_release);
  MutexLock lock(goroutine->island()->mutex_);
  goroutine->island()->ready_.PushBack(goroutine);
}

void Worker::HandOver(Goroutine* goroutine) {
  hands_over_ = true;
  Worker* owner = goroutine->in_place_;
  goroutine->in_place_ = nullptr;
  CHECK(goroutine->state_.exchange(GoState::kRunning, std::memory_order_acq_rel) == GoState::kReady);
  FlushSlot();
  {
    MutexLock lock(scheduler_->mutex_);
    owner->handed_ = true;
    if (has_token_) scheduler_->TakeTokenLocked(this);
    bool token_left = scheduler_->active_.load(std::memory_order_seq_cst) < scheduler_->workers();
    if (!owner->has_token_ && token_left) scheduler_->GiveTokenLocked(owner);
    // Without one only when ours had been taken and all are in use.
    owner->token_taken_.store(!owner->has_token_, std::memory_order_relaxed);
  }
  owner->wake_.NotifyOne();
  scheduler_->WakeOneIfUseful();
}

}  // namespace sloth

#include "sched/goroutine.h"

#include <cstdio>

#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {

Goroutine::Goroutine(Scheduler* scheduler, Ref<Run> run, Ref<Island> island, Goroutine* parent, Ref<SpawnSite> site)
    : Handle(HandleKind::kGoroutine), scheduler_(scheduler), id_(scheduler->NextId()), run_(std::move(run)), island_(std::move(island)), site_(std::move(site)) {
  if (parent) parent_id_ = parent->id();
  wait.wake = WakeWait;
  wait.owner = this;
  waiter.wait = &wait;
  wait_timer_.wait = &wait;
  scheduler_->counters().records.fetch_add(1, std::memory_order_relaxed);
}

Goroutine::~Goroutine() {
  if (!settled()) {  // never started, or abandoned by a scheduler that stopped
    scheduler_->timers()->Stop(&wait_timer_);
    if (deadline_) scheduler_->timers()->Stop(&deadline_->timer);
    ForgetDeadline();
    if (ender_ && ender_->watched) ender_->ender->RemoveWaiter(&ender_->waiter);
    if (bond_ && bond_->ender) bond_->ender->Unbind(bond_.get());
    ForgetBond();
    Cancellation* cancellation = cancellation_.load(std::memory_order_acquire);
    if (cancellation && cancellation->grace_counts) {
      scheduler_->timers()->Stop(&cancellation->grace_timer);
      run_->domain()->Blocked();
    }
  }
  delete cancellation_.load(std::memory_order_relaxed);
  if (wait_object) wait_object->Release();
  scheduler_->counters().records.fetch_sub(1, std::memory_order_relaxed);
}

void Goroutine::WakeWait(Wait* wait) {
  auto* goroutine = static_cast<Goroutine*>(wait->owner);
  goroutine->scheduler_->Ready(goroutine);
}

void Goroutine::BeginWait(const char* what, bool wakes_itself) {
  // A canceller claims under our mutex: once it let go, it is done with the waits before this one.
  if (cancelled()) MutexLock lock(mutex_);
  wait_within_grace_ = cancelled() && masked.load(std::memory_order_relaxed);
  wait_counts_as_blocked_ = !wakes_itself && !wait_within_grace_;
  waiting_since_.store(scheduler_->clock()->Roughly(), std::memory_order_relaxed);
  waiting_for_.store(what, std::memory_order_release);
  wait.Arm();
}

bool Goroutine::waits_for_ever() const {
  GoState state = this->state();
  if (state != GoState::kParked && state != GoState::kBlocked) return false;
  // What a context may end need not last.
  if ((bond_ && bond_->ender) || (ender_ && ender_->watched)) return false;
  return wait_counts_as_blocked_ && !has_deadline() && !cancelled();
}

int64_t Goroutine::grace_end() const { return DeadlineAfter(cancelled_at(), scheduler_->options().grace_ns); }

void Goroutine::StartTimeout(const WaitLimit& limit) {
  if (ender_) ender_->ender = nullptr;
  if (limit.ender) {
    ender_->ender = Ref<WaitEnder>(limit.ender);
    ender_->waiter.wait = &wait;
    ender_->waiter.clause = Wait::kEnded;
    ender_->watched = limit.ender->AddWaiter(&ender_->waiter);
    if (!ender_->watched && wait.TryClaim(Wait::kEnded)) scheduler_->Ready(this);
  }
  if (limit.timeout_ns == kForever && !wait_within_grace_) return;
  int64_t deadline = DeadlineAfter(scheduler_->clock()->Now(), limit.timeout_ns);
  if (wait_within_grace_ && grace_end() < deadline) deadline = grace_end();
  wait_timer_started_ = true;
  scheduler_->StartTimer(&wait_timer_, deadline);
}

void Goroutine::CommitWait() {
  if (!cancelled()) return;
  if (masked.load(std::memory_order_relaxed) && !grace_over()) return;
  if (wait.TryClaim(Wait::kCancelled)) scheduler_->Ready(this);
}

int32_t Goroutine::EndWait() {
  if (wait_timer_started_) {
    scheduler_->timers()->Stop(&wait_timer_);
    wait_timer_started_ = false;
  }
  // Whoever ends it claims under its lock: once it let go, it is done with this wait.
  if (ender_ && std::exchange(ender_->watched, false)) ender_->ender->RemoveWaiter(&ender_->waiter);
  int32_t winner = wait.winner();
  CHECK(winner >= 0);
  wait.Rest();
  if (ender_) ender_->ended_by = nullptr;
  if (winner == Wait::kEnded) {
    ender_->ended_by = ender_->ender->end_text();
    winner = Wait::kTimedOut;
  }
  const char* what = waiting_for_.load(std::memory_order_relaxed);  // it alone writes that
  waiting_for_.store(nullptr, std::memory_order_relaxed);
  cancelled_wait_ = winner == Wait::kCancelled ? what : nullptr;
  // A handler's wait that ran into the end of the grace has failed, whatever timeout it asked for.
  if (winner == Wait::kTimedOut && cancelled() && grace_over()) return Wait::kCancelled;
  return winner;
}

bool Goroutine::grace_over() const { return scheduler_->clock()->Now() >= grace_end(); }

std::string Goroutine::cancel_reason() {
  MutexLock lock(mutex_);
  const Cancellation* cancellation = cancellation_.load(std::memory_order_relaxed);
  return cancellation ? cancellation->reason : std::string();
}

void Goroutine::CancelOne(CancelKind kind, const std::string& reason, WakeList* woken) {
  MutexLock lock(mutex_);
  if (cancelled() || settled()) return;
  auto* cancellation = new Cancellation;
  cancellation->reason = reason;
  cancellation->at = scheduler_->clock()->Now();
  cancellation->grace_timer.wait = &wait;
  cancellation_.store(cancellation, std::memory_order_release);
  cancel_.store(kind, std::memory_order_seq_cst);
  if (kind == CancelKind::kDeadlock || !masked.load(std::memory_order_seq_cst)) {
    if (wait.TryClaim(Wait::kCancelled)) woken->Add(&wait);
    return;
  }
  // Its cleanup handlers run already, and what they wait for now may take until the grace ends. (What they wait for later
  // sees the cancellation; whether they do now cannot be told from here.)
  cancellation->grace_counts = true;
  run_->domain()->Unblocked();
  scheduler_->StartTimer(&cancellation->grace_timer, grace_end());
}

void Goroutine::Cancel(CancelKind kind, const std::string& reason) {
  DeadlockDomain::Hold hold(run_->domain());
  {
    WakeList woken;
    {
      MutexLock lock(run_->mutex_);
      CancelOne(kind, reason, &woken);
      run_->CancelChildren(this, kind, reason, &woken);
    }
  }
  scheduler_->PokeRunning();
}

void Goroutine::StartDeadline(int64_t duration_ns) {
  if (duration_ns == kForever) return;
  CHECK(!deadline_ && state() == GoState::kNew);
  deadline_ = std::make_unique<Deadline>(this);
  run_->domain()->Unblocked();
  scheduler_->StartTimer(&deadline_->timer, DeadlineAfter(scheduler_->clock()->Now(), duration_ns));
}

void Goroutine::ForgetDeadline() {
  if (deadline_ && deadline_->counts.exchange(false, std::memory_order_acq_rel)) run_->domain()->Blocked();
}

void Goroutine::DeadlineOver() {
  Cancel(CancelKind::kTimeout, "timeout exceeded");
  ForgetDeadline();
}

void Goroutine::BindTo(Ref<WaitEnder> ender) {
  CHECK(!bond_ && state() == GoState::kNew);
  bond_ = std::make_unique<Bond>(this, std::move(ender));
  if (bond_->ender->ends_by_itself()) {
    bond_->counts.store(true, std::memory_order_relaxed);
    run_->domain()->Unblocked();
  }
  if (!bond_->ender->Bind(bond_.get())) EnderEnded(bond_->ender.get());
}

void Goroutine::ForgetBond() {
  if (bond_ && bond_->counts.exchange(false, std::memory_order_acq_rel)) run_->domain()->Blocked();
}

void Goroutine::EnderEnded(WaitEnder* ender) {
  Cancel(CancelKind::kCancelled, ender->end_reason());
  ForgetBond();
}

HeldLock* Goroutine::FindLock(const Handle* handle) const {
  for (HeldLock* lock = held_.front(); lock; lock = held_.Next(lock)) {
    if (lock->held_handle() == handle) return lock;
  }
  return nullptr;
}

bool Goroutine::AddJoiner(Waiter* joiner) {
  MutexLock lock(mutex_);
  if (settled()) return false;
  joiners_.PushBack(joiner);
  return true;
}

void Goroutine::RemoveJoiner(Waiter* joiner) {
  MutexLock lock(mutex_);
  if (joiner->link.linked()) WaiterList::Remove(joiner);
}

void Goroutine::Settle() {
  if (has_deadline() && scheduler_->timers()->Stop(&deadline_->timer)) ForgetDeadline();
  ender_.Drop();
  if (Ref<WaitEnder> ender = bond_ ? std::move(bond_->ender) : nullptr) {
    ender->Unbind(bond_.get());
    ForgetBond();
  }
  bool launched = launched_;
  bool grace_counted = false;
  while (HeldLock* lock = held_.PopFront()) lock->HolderEnded(this);
  {
    WakeList woken;
    MutexLock lock(mutex_);
    CHECK(!settled());
    CHECK(!launched == (state_.exchange(GoState::kDone, std::memory_order_acq_rel) == GoState::kNew));
    settled_.store(true, std::memory_order_release);
    if (Cancellation* cancellation = cancellation_.load(std::memory_order_relaxed)) {
      grace_counted = std::exchange(cancellation->grace_counts, false);
    }
    bool awaited = false;
    while (Waiter* joiner = ClaimFirst(joiners_)) {
      joiner->ok = true;
      woken.Add(joiner->wait);
      awaited = true;
    }
    if (awaited) asked_.store(true, std::memory_order_release);
  }
  if (grace_counted) {
    scheduler_->timers()->Stop(&cancellation_.load(std::memory_order_relaxed)->grace_timer);
    run_->domain()->Blocked();
  }
  if (Ref<EndListener> listener = std::move(end_listener)) listener->GoroutineEnded(this);
  if (ending.kind == OutcomeKind::kFailed) {
    if (uncaught_rule == UncaughtRule::kPrintAtOnce && !asked()) run_->ReportUncaught(this);
    if (uncaught_rule == UncaughtRule::kReportAtEnd && !asked()) run_->ReportAtEnd(this);
  }
  if (scheduler_->Watches(GoroutineEvent::kEnded)) [[unlikely]] {
    const char* how = ending.kind == OutcomeKind::kDone ? "done" : ending.kind == OutcomeKind::kFailed ? "failed" : "cancelled";
    scheduler_->Tell({GoroutineEvent::kEnded, run_->id(), id_, 0, ending.failure->message, how});
  }
  scheduler_->counters().live.fetch_sub(1, std::memory_order_relaxed);
  run_->Ended(this);
  if (launched) return;  // the worker that ran it lets go of it
  island_->Unpin();
  Release();
}

}  // namespace sloth

#include "sync/pool.h"

#include "sched/scheduler.h"

namespace sloth {

class Pool::JobListener final : public EndListener {
 public:
  JobListener(Ref<Pool> pool, void (*wake)(sloth::Wait*)) : wake(wake), pool_(std::move(pool)) {}
  void GoroutineEnded(Goroutine* goroutine) override { pool_->JobEnded(goroutine); }
  Pool* pool() const { return pool_.get(); }
  void (*const wake)(sloth::Wait*);  // the goroutine's own

 private:
  const Ref<Pool> pool_;
};

Pool::Pool(Scheduler* scheduler, std::string name, const PoolOptions& options)
    : Handle(HandleKind::kPool),
      scheduler_(scheduler),
      name_(std::move(name)),
      options_(options),
      places_(options.least_workers, options.most_workers) {
  rate_timer_.target = this;
  if (options.breaker) breaker_.emplace(*options.breaker);
}

// Its timer runs still only when its jobs were abandoned by a scheduler that stopped.
Pool::~Pool() {
  Ref<DeadlockDomain> domain;
  {
    MutexLock lock(mutex_);
    domain = StopRateTimerLocked();
  }
  if (domain) domain->Blocked();
}

// -- coming in --

bool Pool::HasRoomLocked(int64_t now) {
  return queued_ < options_.queue || (queued_ == 0 && TurnLocked(now) != Turn::kNotYet);
}

// Enrolled under the lock, so that nobody finds it in the queue before.
bool Pool::TryAcceptLocked(const Ref<Goroutine>& job, Goroutine* parent) {
  uint64_t id = job->id();
  if (!queue_.TryPush(std::move(id))) return false;
  queued_++;
  unsettled_++;
  jobs_[job->id()].goroutine = job;
  job->end_listener = MakeRef<JobListener>(Ref<Pool>(this), job->wait.wake);
  scheduler_->Enroll(job.get(), parent);
  job->wait.wake = QueuedJobCancelled;
  job->wait.Arm();
  return true;
}

Progress Pool::Submit(Goroutine* self, const Ref<Goroutine>& job, WaitEnder* ender) {
  WaitLimit limit(options_.submit_timeout_ns, ender);
  bool waits = false;
  {
    MutexLock lock(mutex_);
    if (closed_) return Progress::kClosed;
    int64_t now = scheduler_->clock()->Now();
    if (!HasRoomLocked(now)) {
      if (options_.refuses_when_full) return Progress::kFull;
      waits = true;
      self->waiter.clause = 0;
      self->waiter.ok = false;
      self->waiter.amount = 0;
      self->waiter.value = Value::OfHandle(job);
      self->BeginWait("pool submit", limit.ends_by_itself());
      self->HoldWaitObject(this);
      submitters_.PushBack(&self->waiter);
      waiting_submits_++;
      StartRateTimerLocked(now, self);
    } else if (!TryAcceptLocked(job, self)) {
      return Progress::kNoMemory;
    }
  }
  if (waits) {
    self->StartTimeout(limit);
    self->CommitWait();
    return Progress::kWaiting;
  }
  EndIfCancelled(job.get());
  Pump();
  return Progress::kDone;
}

Ref<Goroutine> Pool::AdmitLocked(int64_t now, WakeList* woken) {
  if (!HasRoomLocked(now)) {
    if (Waiter* first = submitters_.front()) StartRateTimerLocked(now, static_cast<Goroutine*>(first->wait->owner));
    return nullptr;
  }
  Waiter* submitter = ClaimFirst(submitters_);
  if (!submitter) return nullptr;
  Ref<Goroutine> job(static_cast<Goroutine*>(submitter->value.handle()));
  submitter->ok = TryAcceptLocked(job, static_cast<Goroutine*>(submitter->wait->owner));
  submitter->amount = submitter->ok ? 0 : 1;  // no memory
  woken->Add(submitter->wait);
  return submitter->ok ? job : nullptr;
}

Progress Pool::FinishSubmit(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
    waiting_submits_--;
  }
  self->waiter.value = Value();
  switch (self->EndWait()) {
    case sloth::Wait::kTimedOut: return Progress::kTimedOut;
    case sloth::Wait::kCancelled: return Progress::kCancelled;
    default: break;
  }
  if (self->waiter.ok) return Progress::kDone;
  return self->waiter.amount ? Progress::kNoMemory : Progress::kClosed;
}

bool Pool::Close() {
  WakeList woken;
  MutexLock lock(mutex_);
  if (closed_) return false;
  closed_ = true;
  while (Waiter* submitter = ClaimFirst(submitters_)) woken.Add(submitter->wait);
  return true;
}

bool Pool::closed() {
  MutexLock lock(mutex_);
  return closed_;
}

// -- whose turn it is --

Pool::Turn Pool::TurnLocked(int64_t now) {
  if (breaker_) {
    switch (breaker_->Ask(now)) {
      case CircuitBreaker::Answer::kRefuse: return Turn::kRefuse;
      case CircuitBreaker::Answer::kWait: return Turn::kNotYet;
      case CircuitBreaker::Answer::kPass: break;
    }
  }
  return places_.available() && now >= next_start_ ? Turn::kRun : Turn::kNotYet;
}

Ref<Goroutine> Pool::NextLocked(int64_t now) {
  while (!queue_.empty()) {
    auto found = jobs_.find(queue_.front());
    if (found == jobs_.end() || found->second.place != Job::Place::kQueued) {
      queue_.Pop();
      continue;
    }
    Job& job = found->second;
    Turn turn = TurnLocked(now);
    if (turn == Turn::kNotYet) {
      StartRateTimerLocked(now, job.goroutine.get());
      return nullptr;
    }
    queue_.Pop();
    if (!job.goroutine->wait.TryClaim(0)) continue;  // whoever cancelled it lets it go
    queued_--;
    if (turn == Turn::kRefuse) {
      job.place = Job::Place::kOutside;
      *job.goroutine->refusal = "circuit '" + name_ + "' is open";
    } else {
      job.place = Job::Place::kRunning;
      places_.Take(now);
      if (breaker_) job.breaker_period = breaker_->Begin();
      if (options_.starts_per_second > 0) {
        double interval = static_cast<double>(kSecond) / options_.starts_per_second;
        next_start_ = DeadlineAfter(now, interval >= 9.2e18 ? kForever : static_cast<int64_t>(interval));
      }
    }
    job.goroutine->wait.wake = static_cast<JobListener*>(job.goroutine->end_listener.get())->wake;
    job.goroutine->wait.Rest();
    return job.goroutine;
  }
  return nullptr;
}

void Pool::Pump() {
  for (;;) {
    Ref<Goroutine> admitted, next;
    {
      WakeList woken;
      MutexLock lock(mutex_);
      int64_t now = scheduler_->clock()->Now();
      admitted = AdmitLocked(now, &woken);
      next = NextLocked(now);
    }
    if (admitted) EndIfCancelled(admitted.get());
    if (next) scheduler_->Launch(next.get());
    if (!admitted && !next) return;
  }
}

// Jobs and submits that wait are not counted in the deadlock domain; the timer that will let one go on is.
void Pool::StartRateTimerLocked(int64_t now, Goroutine* waiting) {
  if (now >= next_start_ || next_start_ == kForever || rate_domain_) return;
  rate_domain_ = Ref<DeadlockDomain>(waiting->run()->domain());
  rate_domain_->Unblocked();
  scheduler_->StartTimer(&rate_timer_, next_start_);
}

Ref<DeadlockDomain> Pool::StopRateTimerLocked() {
  if (rate_domain_) scheduler_->timers()->Stop(&rate_timer_);
  return std::exchange(rate_domain_, nullptr);
}

void Pool::OnDeadline() {
  Ref<DeadlockDomain> domain;
  {
    MutexLock lock(mutex_);
    domain = StopRateTimerLocked();
  }
  Pump();
  if (domain) domain->Blocked();
}

// -- cancelled before its turn --

void Pool::QueuedJobCancelled(sloth::Wait* wait) {
  auto* job = static_cast<Goroutine*>(wait->owner);
  Ref<Pool> pool(static_cast<JobListener*>(job->end_listener.get())->pool());
  pool->LetGo(job);
  pool->Pump();
}

// A cancellation that came before the wait was armed has nobody else to claim it.
void Pool::EndIfCancelled(Goroutine* job) {
  if (!job->cancelled()) return;
  {
    MutexLock lock(mutex_);
    auto found = jobs_.find(job->id());
    if (found == jobs_.end() || found->second.place != Job::Place::kQueued) return;
    if (!job->wait.TryClaim(sloth::Wait::kCancelled)) return;
  }
  LetGo(job);
}

// Whoever claimed a queued job's wait as cancelled: it needs no turn to end.
void Pool::LetGo(Goroutine* goroutine) {
  Ref<DeadlockDomain> domain;
  {
    MutexLock lock(mutex_);
    jobs_[goroutine->id()].place = Job::Place::kOutside;
    if (--queued_ == 0) domain = StopRateTimerLocked();
    goroutine->wait.wake = static_cast<JobListener*>(goroutine->end_listener.get())->wake;
    goroutine->wait.Rest();
  }
  scheduler_->Launch(goroutine);
  if (domain) domain->Blocked();
}

// -- the end of a job --

void Pool::JobEnded(Goroutine* goroutine) {
  {
    Job forgotten;  // destroyed without the lock
    Ref<Goroutine> self;
    WakeList woken;
    MutexLock lock(mutex_);
    Job& job = jobs_[goroutine->id()];
    const Outcome& outcome = goroutine->outcome();
    if (job.place == Job::Place::kRunning) {
      int64_t now = scheduler_->clock()->Now();
      places_.GiveBack(now);
      using Ending = CircuitBreaker::Ending;
      Ending ending = outcome.kind == OutcomeKind::kDone && !outcome.declined ? Ending::kSucceeded : Ending::kFailed;
      if (outcome.kind == OutcomeKind::kCancelled) ending = Ending::kNeither;
      if (breaker_) breaker_->Ended(job.breaker_period, ending, now);
    }
    if (job.place == Job::Place::kQueued) queued_--;  // nobody will launch it any more
    job.place = Job::Place::kEnded;
    self = std::move(job.goroutine);
    KeepLocked(&job, goroutine, &forgotten);
    if (--unsettled_ == 0) {
      while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
    }
  }
  Pump();
}

void Pool::KeepLocked(Job* job, Goroutine* goroutine, Job* forgotten) {
  const Outcome& outcome = goroutine->outcome();
  (outcome.kind == OutcomeKind::kDone ? completed_ : failed_)++;
  if (outcome.kind != OutcomeKind::kDone || !outcome.results.is_nil()) job->outcome = MakeRef<KeptOutcome>(outcome);
  // A cancelled job is no error anybody has to look at.
  if (outcome.kind == OutcomeKind::kFailed && !goroutine->asked()) {
    job->unasked = true;
    job->ask_round = ask_round_;
    if (unasked_++ == 0) first_unasked_ = outcome.failure->message;
  }
  bool listed = ended_.TryPush(goroutine->id());
  if (listed && static_cast<int64_t>(ended_.size()) <= options_.kept_results) return;
  uint64_t oldest = listed ? ended_.Pop() : goroutine->id();
  auto found = jobs_.find(oldest);
  *forgotten = std::move(found->second);
  jobs_.erase(found);
  forgot_.store(true, std::memory_order_relaxed);
}

Progress Pool::Wait(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (unsettled_ == 0) return Progress::kDone;
    self->waiter.clause = 0;
    self->BeginWait("pool wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress Pool::FinishWait(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  }
  switch (self->EndWait()) {
    case sloth::Wait::kTimedOut: return Progress::kTimedOut;
    case sloth::Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

}  // namespace sloth

#include "sync/pool.h"

#include "sched/scheduler.h"

namespace sloth {

class Pool::JobListener final : public EndListener {
 public:
  explicit JobListener(Ref<Pool> pool) : pool_(std::move(pool)) {}
  void GoroutineEnded(Goroutine* goroutine) override { pool_->JobEnded(goroutine); }

 private:
  const Ref<Pool> pool_;
};

Pool::Pool(Scheduler* scheduler, std::string name, int64_t workers)
    : Handle(HandleKind::kPool), scheduler_(scheduler), name_(std::move(name)) {
  MutexLock lock(mutex_);
  statistics_.workers = workers;
}

Pool::~Pool() = default;

bool Pool::Submit(Ref<Goroutine> job, Goroutine* parent, bool* no_memory) {
  *no_memory = false;
  job->end_listener = MakeRef<JobListener>(Ref<Pool>(this));
  Ref<Goroutine> launch;
  {
    MutexLock lock(mutex_);
    if (closed_) return false;
    if (statistics_.active < statistics_.workers) {
      statistics_.active++;
      launch = job;
    } else {
      Ref<Goroutine> queued = job;
      if (!queue_.TryPush(std::move(queued))) {
        *no_memory = true;
        return false;
      }
      statistics_.queued++;
      // Enrolled under the lock: a job that ends now must find this one enrolled when it launches it.
      scheduler_->Enroll(job.get(), parent);
    }
  }
  if (launch) scheduler_->Start(launch.get(), parent);
  return true;
}

void Pool::JobEnded(Goroutine* job) {
  Ref<Goroutine> next;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    statistics_.active--;
    if (job->outcome().kind == OutcomeKind::kDone) {
      statistics_.completed++;
    } else {
      statistics_.failed++;
      statistics_.asked = false;  // whoever asked before does not know of this one
      // A cancelled job is no error anybody has to look at.
      bool error = job->outcome().kind == OutcomeKind::kFailed;
      if (error && statistics_.first_failure.empty()) statistics_.first_failure = job->outcome().failure.message;
    }
    if (!queue_.empty()) {
      next = queue_.Pop();
      statistics_.queued--;
      statistics_.active++;
    } else if (statistics_.active == 0) {
      while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
    }
  }
  if (next) scheduler_->Launch(next.get());
}

bool Pool::Close() {
  MutexLock lock(mutex_);
  bool first = !closed_;
  closed_ = true;
  return first;
}

bool Pool::closed() {
  MutexLock lock(mutex_);
  return closed_;
}

Progress Pool::Wait(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (statistics_.active == 0) return Progress::kDone;
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
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

PoolStatistics Pool::Statistics(bool asking) {
  MutexLock lock(mutex_);
  if (asking && statistics_.failed > 0) statistics_.asked = true;
  return statistics_;
}

Ref<Pool> PoolDirectory::Find(const std::string& name) {
  MutexLock lock(mutex_);
  auto found = pools_.find(name);
  return found == pools_.end() ? Ref<Pool>() : found->second;
}

void PoolDirectory::Set(const std::string& name, Ref<Pool> pool) {
  MutexLock lock(mutex_);
  pools_[name] = std::move(pool);
}

std::vector<Ref<Pool>> PoolDirectory::All() {
  MutexLock lock(mutex_);
  std::vector<Ref<Pool>> pools;
  for (auto& [name, pool] : pools_) pools.push_back(pool);
  return pools;
}

}  // namespace sloth

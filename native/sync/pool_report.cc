// What a pool tells: its statistics, its jobs' outcomes, and the failures nobody has asked for. And the pools of a run.
#include "sched/scheduler.h"
#include "sync/pool.h"

namespace sloth {

void Pool::Resize(int64_t least_workers, int64_t most_workers) {
  {
    MutexLock lock(mutex_);
    places_.Resize(least_workers, most_workers);
  }
  Pump();
}

PoolStatistics Pool::Statistics() {
  MutexLock lock(mutex_);
  int64_t now = scheduler_->clock()->Now();
  PoolStatistics statistics;
  statistics.workers = places_.workers(now);
  statistics.active = places_.taken();
  statistics.queued = queued_;
  statistics.waiting = waiting_submits_;
  statistics.completed = completed_;
  statistics.failed = failed_;
  statistics.closed = closed_;
  if (breaker_) statistics.circuit = breaker_->state(now);
  return statistics;
}

Pool::Found Pool::Find(uint64_t id) {
  MutexLock lock(mutex_);
  auto found = jobs_.find(id);
  if (found == jobs_.end()) return {};
  const Job& job = found->second;
  if (job.place != Job::Place::kEnded) return {job.goroutine, nullptr};
  if (job.outcome) return {nullptr, job.outcome};
  Outcome nothing;
  nothing.kind = OutcomeKind::kDone;
  return {nullptr, MakeRef<KeptOutcome>(nothing)};
}

void Pool::AskForAll() {
  MutexLock lock(mutex_);
  ask_round_++;
  unasked_ = 0;
}

void Pool::AskFor(uint64_t id) {
  MutexLock lock(mutex_);
  auto found = jobs_.find(id);
  if (found == jobs_.end() || !found->second.unasked) return;
  found->second.unasked = false;
  if (found->second.ask_round == ask_round_) unasked_--;
}

Pool::Failures Pool::UnaskedFailures() {
  MutexLock lock(mutex_);
  return {unasked_, failed_, failed_ + completed_, first_unasked_};
}

Ref<Pool> PoolDirectory::Find(const std::string& name) {
  MutexLock lock(mutex_);
  auto found = pools_.find(name);
  return found == pools_.end() ? Ref<Pool>() : found->second;
}

void PoolDirectory::Set(const std::string& name, Ref<Pool> pool) {
  MutexLock lock(mutex_);
  std::swap(pools_[name], pool);  // the old one goes without the lock
}

std::vector<Ref<Pool>> PoolDirectory::TakeAll() {
  MutexLock lock(mutex_);
  std::vector<Ref<Pool>> pools;
  for (auto& [name, pool] : pools_) pools.push_back(std::move(pool));
  pools_.clear();
  return pools;
}

}  // namespace sloth

// Pools: named, bounded sets of goroutines. A job is a goroutine of its own that starts when one of the pool's places is free.
#pragma once

#include <map>
#include <string>

#include "sync/channel.h"

namespace sloth {

class Scheduler;

struct PoolStatistics {
  int64_t workers = 0;
  int64_t active = 0;
  int64_t queued = 0;
  int64_t completed = 0;  // succeeded
  int64_t failed = 0;
  std::string first_failure;
  bool asked = false;
};

// Shared by reference; thread safe. Every job is enrolled with its run when it is accepted, so that none is ever lost.
class Pool final : public Handle {
 public:
  Pool(Scheduler* scheduler, std::string name, int64_t workers);
  ~Pool() override;
  const std::string& name() const { return name_; }

  // Takes the job (made, not started); false when the pool is closed, or *no_memory.
  [[nodiscard]] bool Submit(Ref<Goroutine> job, Goroutine* parent, bool* no_memory);
  // Refuses further jobs. False when it was closed before.
  bool Close();
  bool closed();
  // Waits until everything submitted so far has ended: kDone or kWaiting.
  Progress Wait(Goroutine* self, const WaitLimit& limit);
  Progress FinishWait(Goroutine* self);
  // `asking`: whoever reads the statistics knows of the failures.
  PoolStatistics Statistics(bool asking);

 private:
  class JobListener;
  void JobEnded(Goroutine* job);

  Scheduler* const scheduler_;
  const std::string name_;
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  PoolStatistics statistics_ GUARDED_BY(mutex_);
  Ring<Ref<Goroutine>> queue_ GUARDED_BY(mutex_);
  WaiterList waiters_ GUARDED_BY(mutex_);
};

// The pools of one run, by name.
class PoolDirectory {
 public:
  Ref<Pool> Find(const std::string& name);
  void Set(const std::string& name, Ref<Pool> pool);
  // All of them, for the report at the end.
  std::vector<Ref<Pool>> All();

 private:
  Mutex mutex_;
  std::map<std::string, Ref<Pool>> pools_ GUARDED_BY(mutex_);
};

}  // namespace sloth

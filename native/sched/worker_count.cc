// How many workers may run islands at a time, where that changes.
#include <algorithm>

#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {

void Scheduler::SetWorkers(int count) {
  if (turns_) return;
  {
    MutexLock lock(mutex_);
    tokens_.store(std::clamp(count, 1, options_.workers), std::memory_order_seq_cst);
    // Those above lose theirs as if they were stuck: each looks for one before it takes another island, and when its goroutine has come
    // to a rest.
    for (auto& worker : workers_) {
      if (active_.load(std::memory_order_seq_cst) <= workers()) break;
      if (!worker->has_token_) continue;
      TakeTokenLocked(worker.get());
      worker->token_taken_.store(true, std::memory_order_relaxed);
    }
  }
  WakeOneIfUseful();
}

}  // namespace sloth

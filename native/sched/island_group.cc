#include "sched/island_group.h"

#include "sched/scheduler.h"

namespace sloth {

IslandGroup::~IslandGroup() { CHECK(waiting_.empty()); }

bool IslandGroup::TryEnter(Island* island) {
  if (most_workers_ == 0) return true;
  MutexLock lock(mutex_);
  if (inside_ < most_workers_) {
    inside_++;
    return true;
  }
  island->AddRef();
  CHECK(waiting_.TryPush(std::move(island)));
  scheduler_->group_waiting_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

Island* IslandGroup::TakeWaiting() {
  MutexLock lock(mutex_);
  if (waiting_.empty()) return nullptr;
  scheduler_->group_waiting_.fetch_sub(1, std::memory_order_relaxed);
  return waiting_.Pop();
}

void IslandGroup::Leave() {
  if (most_workers_ == 0) return;
  {
    MutexLock lock(mutex_);
    inside_--;
  }
  // One for the place that is free; when the scheduler stops, all, as nobody enters any more.
  do {
    Island* island = TakeWaiting();
    if (!island) return;
    scheduler_->QueueIsland(island);
    island->Release();  // the group's reference
  } while (scheduler_->stopping_.load(std::memory_order_acquire));
}

}  // namespace sloth

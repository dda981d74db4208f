#include "sched/timers.h"

namespace sloth {

void Timers::Place(size_t i, Timer* timer) {
  heap_[i] = timer;
  timer->index = i + 1;
}

void Timers::SiftUp(size_t i) {
  Timer* timer = heap_[i];
  while (i > 0) {
    size_t parent = (i - 1) / 4;
    if (heap_[parent]->deadline <= timer->deadline) break;
    Place(i, heap_[parent]);
    i = parent;
  }
  Place(i, timer);
}

void Timers::SiftDown(size_t i) {
  Timer* timer = heap_[i];
  for (;;) {
    size_t first = i * 4 + 1;
    if (first >= heap_.size()) break;
    size_t least = first;
    for (size_t child = first + 1; child < first + 4 && child < heap_.size(); child++) {
      if (heap_[child]->deadline < heap_[least]->deadline) least = child;
    }
    if (heap_[least]->deadline >= timer->deadline) break;
    Place(i, heap_[least]);
    i = least;
  }
  Place(i, timer);
}

void Timers::RemoveAt(size_t i) {
  heap_[i]->index = 0;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (i == heap_.size()) return;
  Place(i, last);
  SiftUp(i);
  SiftDown(last->index - 1);
}

bool Timers::Start(Timer* timer, int64_t deadline) {
  MutexLock lock(mutex_);
  CHECK(timer->index == 0);
  timer->deadline = deadline;
  if (!timer->wait) {
    auto* of_target = static_cast<DeadlineTimer*>(timer);
    of_target->target_owner = of_target->target->deadline_owner();
  }
  heap_.push_back(timer);
  SiftUp(heap_.size() - 1);
  return timer->index == 1;
}

bool Timers::Stop(Timer* timer) {
  MutexLock lock(mutex_);
  if (timer->index == 0) return false;
  RemoveAt(timer->index - 1);
  return true;
}

int64_t Timers::NextDeadline() {
  MutexLock lock(mutex_);
  return heap_.empty() ? kForever : heap_[0]->deadline;
}

int64_t Timers::Fire(int64_t now) {
  for (;;) {
    WakeList woken;
    DeadlineTarget* target = nullptr;
    Ref<RefCounted> owner;
    {
      MutexLock lock(mutex_);
      int batch = 0;
      while (!heap_.empty() && heap_[0]->deadline <= now && batch++ < 256) {
        Timer* timer = heap_[0];
        RemoveAt(0);
        if (!timer->wait) {
          auto* of_target = static_cast<DeadlineTimer*>(timer);
          // Its last reference may be going: then its destructor waits for us in Stop.
          if (!of_target->target_owner->TryAddRef()) continue;
          owner = Ref<RefCounted>::Adopt(of_target->target_owner);
          target = of_target->target;
          break;
        }
        if (timer->wait->TryClaim(Wait::kTimedOut)) woken.Add(timer->wait);
      }
      if (batch == 0) return heap_.empty() ? kForever : heap_[0]->deadline;
    }
    woken.WakeAll();
    if (target) target->OnDeadline();
  }
}

}  // namespace sloth

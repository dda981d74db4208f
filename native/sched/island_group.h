// Islands of which at most so many are run at a time, whatever else the workers could do: those of a run with a limit.
//
// An island that comes to a worker while the group is full waits here, queued as far as everybody else knows, until a worker leaves
// another one of the group. A goroutine that blocks in place leaves meanwhile; whoever takes its island to hand it back has entered
// for it. Thread safe; its lock is the innermost.
#pragma once

#include <atomic>

#include "base/mutex.h"
#include "base/ref.h"
#include "base/ring.h"

namespace sloth {

class Island;
class Scheduler;

class IslandGroup : public RefCounted {
 public:
  // `most_workers` 0: no limit. The scheduler outlives the group.
  IslandGroup(Scheduler* scheduler, int most_workers) : scheduler_(scheduler), most_workers_(most_workers) {}
  ~IslandGroup() override;

  // Before a worker takes a queued island. False when the group is full: the island waits here, with a reference.
  [[nodiscard]] bool TryEnter(Island* island) EXCLUDES(mutex_);
  // The worker has let the island go. Queues who waits.
  void Leave() EXCLUDES(mutex_);

 private:
  Island* TakeWaiting() EXCLUDES(mutex_);

  Scheduler* const scheduler_;
  const int most_workers_;
  Mutex mutex_;
  int inside_ GUARDED_BY(mutex_) = 0;
  Ring<Island*> waiting_ GUARDED_BY(mutex_);
};

}  // namespace sloth

// The turns of a deterministic run: who runs next and for how long is drawn from a seed, instead of being left to threads, queues
// and the time.
//
// A scheduler whose clock is virtual has one token; the worker that holds it asks for the next island. Whatever the program
// itself makes ready arrives on that thread, in an order that follows from the seed. What comes from outside is taken in when
// nobody is ready any more: new goroutines of the host at once, answers of host calls when all calls are answered, in an order
// drawn from the seed. Time stands still while a call is out; otherwise it jumps to the next timer when everybody waits. A run of
// a function that the host called stands for one call that is out, as that call most likely waits for it.
//
// Thread safe. Holds its lock neither while timers fire nor while an answer is taken in.
#pragma once

#include <atomic>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/ref.h"
#include "sched/timers.h"
#include "sched/watcher.h"

namespace sloth {

class Island;

// A call that the host answers.
class OutsideCall : public RefCounted {
 public:
  // It was answered, and the answer's turn has come. Called once, on a worker, without locks.
  virtual void TakeIn() = 0;
};

class Turns {
 public:
  Turns(uint64_t seed, VirtualClock* clock, Timers* timers) : clock_(clock), timers_(timers), random_(seed) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  VirtualClock* clock() const { return clock_; }

  // -- the worker with the token --
  // Whose turn it is; waits while there is nobody. Null only when `stopping`. Islands come and go with a reference.
  Island* Next(const std::atomic<bool>& stopping) EXCLUDES(mutex_);
  // One of `count`.
  uint32_t Choose(uint32_t count) { return count > 1 ? random_.Below(count) : 0; }
  // How many instructions a slice may take: often few, as that is where orders differ, sometimes many.
  int SliceLength();
  // Nobody waits for a turn, and no timer is due.
  bool Alone() EXCLUDES(mutex_);
  // Any island that is ready, or null; when the scheduler has stopped.
  Island* TakeLeft() EXCLUDES(mutex_);
  // Fires the timers that are due.
  void FireDue();

  // -- any thread --
  // The worker with the token waits for news from outside.
  bool resting() const { return resting_.load(std::memory_order_seq_cst); }
  void Add(Island* island) EXCLUDES(mutex_);
  // Readied by a thread that is no worker.
  void AddFromOutside(Island* island) EXCLUDES(mutex_);
  void CallStarted(uint64_t id, Ref<OutsideCall> call) EXCLUDES(mutex_);
  void CallAnswered(uint64_t id) EXCLUDES(mutex_);
  // Nobody waits for its answer any more.
  void CallForgotten(uint64_t id) EXCLUDES(mutex_);
  // The host called a function of the program, and it ended.
  void CalledBack() EXCLUDES(mutex_);
  void CallbackEnded() EXCLUDES(mutex_);
  // The host cancelled something. From now on the run is its own no more, and calls that stay unanswered hold no clock.
  void CancelledFromOutside() EXCLUDES(mutex_);
  // From now on the clock jumps only as far as LetPass says, and tells `watcher` when it has and everybody waits. Before the
  // first goroutine.
  void HoldClock(GoroutineWatcher* watcher) EXCLUDES(mutex_);
  // So much more time may pass, from when everybody waits.
  void LetPass(int64_t duration) EXCLUDES(mutex_);
  // Something changed that Next may wait for.
  void Poke() EXCLUDES(mutex_);

 private:
  struct Call {
    Ref<OutsideCall> call;
    bool answered = false;
  };
  // Calls on whose answers everything waits.
  size_t AwaitedLocked() REQUIRES(mutex_) {
    size_t out = calls_.size() - answered_;
    return out > callbacks_ ? out - callbacks_ : 0;
  }
  Ref<OutsideCall> TakeAnswerLocked() REQUIRES(mutex_);
  void AwaitOutsideLocked() REQUIRES(mutex_);
  // A held clock has come as far as it may.
  bool TakeRestLocked() REQUIRES(mutex_);

  VirtualClock* const clock_;
  Timers* const timers_;
  Random random_;  // the worker with the token

  std::atomic<bool> resting_{false};  // written by the worker with the token

  Mutex mutex_;
  Condition changed_;
  std::vector<Island*> ready_ GUARDED_BY(mutex_);
  std::vector<Island*> outside_ GUARDED_BY(mutex_);  // ready, but not taken in
  std::map<uint64_t, Call> calls_ GUARDED_BY(mutex_);
  size_t answered_ GUARDED_BY(mutex_) = 0;
  size_t callbacks_ GUARDED_BY(mutex_) = 0;  // runs of functions that the host called
  bool patience_over_ GUARDED_BY(mutex_) = false;  // no news for a while: what was answered is taken in
  bool cancelled_ GUARDED_BY(mutex_) = false;
  int64_t until_ GUARDED_BY(mutex_) = kForever;            // how far the clock may jump
  int64_t allowed_ GUARDED_BY(mutex_) = 0;                 // by LetPass, since everybody waited last
  bool rest_awaited_ GUARDED_BY(mutex_) = false;           // somebody is to be told
  GoroutineWatcher* watcher_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace sloth

// A group of goroutines that fail together: the first that fails ends the group's context, and with it the others.
//
// Shared by reference; thread safe. Members are bound to the context and keep the group until they end. With a limit, who
// wants to start one more waits for a place, first come first served.
#pragma once

#include "sync/context.h"

namespace sloth {

class ErrGroup final : public Handle {
 public:
  // `context`: the group's own, ended by it. `limit`: how many members run at once; 0: any number.
  ErrGroup(Ref<Context> context, int64_t limit);

  Context* context() const { return context_.get(); }
  // Takes a place for a member: kDone, kWaiting, or kClosed (a wait has returned).
  Progress Enter(Goroutine* self);
  // kDone, kClosed or kCancelled.
  Progress FinishEnter(Goroutine* self);
  // kDone, kWouldBlock, kClosed.
  Progress TryEnter();
  // Gives `member`, which is not started yet, the place that was taken.
  void Watch(Goroutine* member);
  // Waits until no member is left: kDone or kWaiting.
  Progress Wait(Goroutine* self, const WaitLimit& limit);
  Progress FinishWait(Goroutine* self);

  // How the group ended, for who has waited: closes it, unless members have come since.
  struct Result {
    Ref<Goroutine> failed;             // null: nobody
    const char* ended_by = nullptr;    // ... because the context had ended: what it says
  };
  Result Close();

 private:
  class MemberListener;
  Progress TakePlaceLocked() REQUIRES(mutex_);
  void MemberEnded(Goroutine* member);

  const Ref<Context> context_;
  const int64_t limit_;
  Mutex mutex_;
  int64_t members_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
  Result result_ GUARDED_BY(mutex_);
  WaiterList entering_ GUARDED_BY(mutex_);  // only while there are `limit_` members
  WaiterList waiters_ GUARDED_BY(mutex_);   // only while there are members
};

}  // namespace sloth

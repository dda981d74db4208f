#include "sync/join.h"

namespace sloth {

Progress Join(Goroutine* self, Goroutine* target, const WaitLimit& limit) {
  // Who waits when it ends has asked (Goroutine::Settle); who gave up before has not.
  if (target->settled()) {
    target->Ask();
    return Progress::kDone;
  }
  self->waiter.clause = 0;
  self->BeginWait("await", limit.ends_by_itself());
  self->HoldWaitObject(target);
  if (!target->AddJoiner(&self->waiter) && self->wait.TryClaim(0)) {
    // Ended meanwhile, and no cancellation was faster, which would come and wake us.
    self->EndWait();
    self->TakeWaitObject<Goroutine>();
    target->Ask();
    return Progress::kDone;
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress FinishJoin(Goroutine* self) {
  static_cast<Goroutine*>(self->wait_object)->RemoveJoiner(&self->waiter);
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

Progress Sleep(Goroutine* self, const WaitLimit& limit) {
  // An endless sleep wakes nobody: it counts as blocked.
  self->BeginWait("sleep", limit.ends_by_itself());
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress FinishSleep(Goroutine* self) {
  if (self->EndWait() == Wait::kCancelled) return Progress::kCancelled;
  return self->ended_by() ? Progress::kTimedOut : Progress::kDone;
}

}  // namespace sloth

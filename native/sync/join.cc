#include "sync/join.h"

namespace sloth {

Progress Join(Goroutine* self, Goroutine* target, int64_t timeout_ns) {
  target->Ask();
  self->waiter.clause = 0;
  self->BeginWait("await", timeout_ns != kForever);
  if (!target->AddJoiner(&self->waiter)) {
    // Ended already: nobody else knows of the wait.
    CHECK(self->wait.TryClaim(0));
    self->EndWait();
    return Progress::kDone;
  }
  self->HoldWaitObject(target);
  self->StartTimeout(timeout_ns);
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

Progress Sleep(Goroutine* self, int64_t duration_ns) {
  // An endless sleep wakes nobody: it counts as blocked.
  self->BeginWait("sleep", duration_ns != kForever);
  self->StartTimeout(duration_ns);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress FinishSleep(Goroutine* self) {
  return self->EndWait() == Wait::kCancelled ? Progress::kCancelled : Progress::kDone;
}

}  // namespace sloth

#include "sync/host_port.h"

#include "sched/scheduler.h"

namespace sloth {

void HostCall::Settle(bool ok, Value results, std::string message) {
  {
    MutexLock lock(mutex_);
    if (settled_) return;
    settled_ = true;
    ok_ = ok;
    results_ = std::move(results);
    message_ = std::move(message);
  }
  turns_ ? turns_->CallAnswered(id) : TakeIn();
}

void HostCall::TakeIn() {
  WakeList woken;
  MutexLock lock(mutex_);
  if (waiter_ && waiter_->wait->TryClaim(waiter_->clause)) woken.Add(waiter_->wait);
  waiter_ = nullptr;
}

Progress HostPort::Call(Goroutine* self, uint32_t function, Value arguments) {
  auto call = MakeRef<HostCall>(NextCallId(), self->run()->id(), function, std::move(arguments), self->turns());
  self->waiter.clause = 0;
  self->BeginWait("host call", true);
  self->HoldWaitObject(call.get());
  {
    MutexLock lock(call->mutex_);
    call->waiter_ = &self->waiter;
  }
  if (call->turns_) call->turns_->CallStarted(call->id, call);
  if (!Post(call)) call->Settle(false, Value(), "the runtime is closed");
  self->StartTimeout(kForever);  // the end of the grace, in a cleanup handler
  self->CommitWait();
  return Progress::kWaiting;
}

Progress HostPort::FinishCall(Goroutine* self, Value* results, std::string* message) {
  Ref<HostCall> call = self->TakeWaitObject<HostCall>();
  bool abandoned;
  Progress progress;
  {
    MutexLock lock(call->mutex_);
    call->waiter_ = nullptr;
    abandoned = !call->settled_;
    call->settled_ = true;
    if (self->EndWait() == Wait::kCancelled) {
      progress = Progress::kCancelled;
    } else {
      progress = call->ok_ ? Progress::kDone : Progress::kClosed;
      *results = std::move(call->results_);
      *message = std::move(call->message_);
    }
  }
  if (call->turns_) call->turns_->CallForgotten(call->id);
  if (abandoned) Abandon(call.get());
  return progress;
}

}  // namespace sloth

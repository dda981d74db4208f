#include "sync/channel.h"

namespace sloth {

Channel::Channel(size_t capacity, ChannelFeeder* feeder) : Handle(HandleKind::kChannel), capacity_(capacity), feeder_(feeder) {
  if (feeder_) feeder_->feeder_owner()->AddRef();
}

Channel::~Channel() {
  if (!feeder_) return;
  feeder_->ChannelGone(this);
  feeder_->feeder_owner()->ReleaseChained();
}

Progress Channel::TrySendLocked(Value& value, WakeList* woken) {
  if (closed_) return Progress::kClosed;
  if (Waiter* receiver = ClaimFirst(receivers_)) {
    receiver->value = std::move(value);
    receiver->ok = true;
    woken->Add(receiver->wait);
    return Progress::kDone;
  }
  if (buffer_.size() >= capacity_) return Progress::kWouldBlock;
  return buffer_.TryPush(std::move(value)) ? Progress::kDone : Progress::kNoMemory;
}

Progress Channel::TryReceiveLocked(Value* value, WakeList* woken) {
  if (!buffer_.empty()) {
    *value = buffer_.Pop();
    // Keeps the order: the longest waiting sender's value enters behind the buffered ones.
    if (Waiter* sender = ClaimFirst(senders_)) {
      CHECK(buffer_.TryPush(std::move(sender->value)));  // the slot just freed
      sender->ok = true;
      woken->Add(sender->wait);
    }
    return Progress::kDone;
  }
  if (Waiter* sender = ClaimFirst(senders_)) {
    *value = std::move(sender->value);
    sender->ok = true;
    woken->Add(sender->wait);
    return Progress::kDone;
  }
  return closed_ ? Progress::kClosed : Progress::kWouldBlock;
}

Progress Channel::Send(Goroutine* self, Value&& value, const WaitLimit& limit) {
  TraceSend(&value);
  WakeList woken;
  {
    MutexLock lock(mutex_);
    Progress progress = TrySendLocked(value, &woken);
    if (progress != Progress::kWouldBlock) return progress;
    self->waiter.clause = 0;
    self->waiter.ok = false;
    self->waiter.value = std::move(value);
    self->BeginWait("channel send", limit.ends_by_itself());
    self->HoldWaitObject(this);
    senders_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress Channel::Receive(Goroutine* self, Value* value, const WaitLimit& limit) {
  WakeList woken;
  {
    MutexLock lock(mutex_);
    Progress progress = TryReceiveLocked(value, &woken);
    if (progress == Progress::kDone) TraceReceive(*value);
    if (progress != Progress::kWouldBlock) return progress;
    self->waiter.clause = 0;
    self->waiter.ok = false;
    self->BeginWait("channel receive", limit.ends_by_itself() || feeds_itself());
    self->HoldWaitObject(this);
    receivers_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

void Channel::Forget(Waiter* waiter) {
  MutexLock lock(mutex_);
  if (waiter->link.linked()) WaiterList::Remove(waiter);
}

Progress Channel::FinishSend(Goroutine* self) {
  Forget(&self->waiter);
  self->waiter.value = Value();
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return self->waiter.ok ? Progress::kDone : Progress::kClosed;
  }
}

Progress Channel::FinishReceive(Goroutine* self, Value* value) {
  Forget(&self->waiter);
  *value = std::move(self->waiter.value);
  if (self->waiter.ok) TraceReceive(*value);
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return self->waiter.ok ? Progress::kDone : Progress::kClosed;
  }
}

Progress Channel::TrySend(Value&& value) {
  TraceSend(&value);
  WakeList woken;
  MutexLock lock(mutex_);
  return TrySendLocked(value, &woken);
}

Progress Channel::TryReceive(Value* value) {
  WakeList woken;
  MutexLock lock(mutex_);
  Progress progress = TryReceiveLocked(value, &woken);
  if (progress == Progress::kDone) TraceReceive(*value);
  return progress;
}

bool Channel::Close() {
  WakeList woken;
  MutexLock lock(mutex_);
  if (closed_) return false;
  closed_ = true;
  // Waiting receivers imply an empty buffer: they learn that it is closed. Waiting senders fail.
  while (Waiter* receiver = ClaimFirst(receivers_)) woken.Add(receiver->wait);
  while (Waiter* sender = ClaimFirst(senders_)) woken.Add(sender->wait);
  return true;
}

size_t Channel::length() {
  MutexLock lock(mutex_);
  return buffer_.size();
}

bool Channel::closed() {
  MutexLock lock(mutex_);
  return closed_;
}

}  // namespace sloth

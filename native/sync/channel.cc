#include "sync/channel.h"

#include <algorithm>

namespace sloth {
namespace {

// In the `amount` of a sender that was to be let in and for whose value there was no memory.
constexpr int64_t kNoMemoryForSender = INT64_MIN;

}  // namespace

Channel::Channel(size_t capacity, ChannelFeeder* feeder) : Handle(HandleKind::kChannel), options_{.capacity = capacity}, feeder_(feeder), buffer_(options_.order) {
  if (feeder_) feeder_->feeder_owner()->AddRef();
}

Channel::~Channel() {
  if (!feeder_) return;
  feeder_->ChannelGone(this);
  feeder_->feeder_owner()->ReleaseChained();
}

Channel::Channel(Scheduler* scheduler, const FeedSchedule& schedule)
    : Handle(HandleKind::kChannel),
      options_{.capacity = 1, .overflow = Overflow::kDropNewest},
      buffer_(options_.order),
      feed_(std::make_unique<ChannelFeed>(scheduler, this, schedule)) {}

Progress Channel::TrySendLocked(Value& value, int64_t priority, WakeList* woken) {
  if (closed_) return Progress::kClosed;
  if (Waiter* receiver = ClaimFirst(receivers_)) {
    receiver->value = std::move(value);
    receiver->ok = true;
    woken->Add(receiver->wait);
    return Progress::kDone;
  }
  if (buffer_.size() >= options_.capacity) return OverflowLocked(value, priority);
  return buffer_.TryPush(std::move(value), priority) ? Progress::kDone : Progress::kNoMemory;
}

Progress Channel::OverflowLocked(Value& value, int64_t priority) {
  switch (options_.overflow) {
    case Overflow::kBlock: return Progress::kWouldBlock;
    case Overflow::kError: return Progress::kFull;
    case Overflow::kDropNewest: break;
    case Overflow::kDropOldest: {
      if (priority < buffer_.lowest_priority()) break;
      Value dropped = buffer_.PopLeast();
      if (!buffer_.TryPush(std::move(value), priority)) return Progress::kNoMemory;
      value = std::move(dropped);  // destroyed by the caller, without our lock
      break;
    }
  }
  dropped_++;
  return Progress::kDone;
}

// A sender that waits with a higher priority than anything in the buffer.
Waiter* Channel::ClaimOutrankingLocked() {
  while (Waiter* sender = senders_.front()) {
    if (!buffer_.empty() && sender->amount <= buffer_.highest_priority()) return nullptr;
    WaiterList::Remove(sender);
    if (sender->wait->TryClaim(sender->clause)) return sender;
  }
  return nullptr;
}

Progress Channel::TryReceiveLocked(Value* value, WakeList* woken) {
  if (feed_) CatchUpLocked(woken);
  if (Waiter* sender = ClaimOutrankingLocked()) {
    *value = std::move(sender->value);
    sender->ok = true;
    woken->Add(sender->wait);
    return Progress::kDone;
  }
  if (buffer_.empty()) return closed_ ? Progress::kClosed : Progress::kWouldBlock;
  *value = buffer_.Pop();
  // Keeps the order: the longest waiting sender's value enters behind the buffered ones.
  if (Waiter* sender = ClaimFirst(senders_)) {
    sender->ok = true;
    // The slot just freed; a priority that no buffered value had may need more memory than there is.
    if (!buffer_.TryPush(std::move(sender->value), sender->amount)) {
      sender->ok = false;
      sender->amount = kNoMemoryForSender;
    }
    woken->Add(sender->wait);
  }
  return Progress::kDone;
}

void Channel::AddSenderLocked(Waiter* waiter, int64_t priority) {
  waiter->amount = std::max(priority, kNoMemoryForSender + 1);
  Waiter* before = senders_.back();
  while (before && before->amount < waiter->amount) before = senders_.Previous(before);
  senders_.InsertAfter(before, waiter);
}

void Channel::AddReceiverLocked(Waiter* waiter, Goroutine* self) {
  receivers_.PushBack(waiter);
  if (feed_ && feed_->pending() && !feed_->armed()) feed_->Arm(Ref<DeadlockDomain>(self->run()->domain()));
}

Progress Channel::Send(Goroutine* self, Value&& value, const WaitLimit& limit, int64_t priority) {
  TraceSend(&value);
  WakeList woken;
  {
    MutexLock lock(mutex_);
    Progress progress = TrySendLocked(value, priority, &woken);
    if (progress != Progress::kWouldBlock) return progress;
    self->waiter.clause = 0;
    self->waiter.ok = false;
    self->waiter.value = std::move(value);
    self->BeginWait("channel send", limit.ends_by_itself());
    self->HoldWaitObject(this);
    AddSenderLocked(&self->waiter, priority);
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
    AddReceiverLocked(&self->waiter, self);
  }
  TellFeeder();
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

// After a wait that may have ended otherwise than by this channel.
void Channel::ForgetAfter(Goroutine* self) {
  // Who claimed the waiter for the channel took it off its list before.
  bool of_channel = self->wait.winner() == self->waiter.clause;
  if (!of_channel || feed_) Forget(&self->waiter);
}

void Channel::Forget(Waiter* waiter) {
  Ref<DeadlockDomain> domain;
  {
    MutexLock lock(mutex_);
    if (waiter->link.linked()) WaiterList::Remove(waiter);
    if (feed_ && receivers_.empty()) domain = feed_->Disarm();
  }
  if (domain) domain->Blocked();
}

Progress Channel::SendOutcome(const Waiter& sender) {
  if (sender.ok) return Progress::kDone;
  return sender.amount == kNoMemoryForSender ? Progress::kNoMemory : Progress::kClosed;
}

Progress Channel::FinishSend(Goroutine* self) {
  ForgetAfter(self);
  self->waiter.value = Value();
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return SendOutcome(self->waiter);
  }
}

Progress Channel::FinishReceive(Goroutine* self, Value* value) {
  ForgetAfter(self);
  *value = std::move(self->waiter.value);
  if (self->waiter.ok) TraceReceive(*value);
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return self->waiter.ok ? Progress::kDone : Progress::kClosed;
  }
}

Progress Channel::TrySend(Value&& value, int64_t priority) {
  TraceSend(&value);
  WakeList woken;
  MutexLock lock(mutex_);
  return TrySendLocked(value, priority, &woken);
}

Progress Channel::TryReceive(Value* value) {
  Progress progress;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    progress = TryReceiveLocked(value, &woken);
  }
  if (progress == Progress::kDone) TraceReceive(*value);
  if (progress == Progress::kWouldBlock) TellFeeder();
  return progress;
}

bool Channel::wanted() {
  MutexLock lock(mutex_);
  return !receivers_.empty();
}

bool Channel::CloseLocked(WakeList* woken) {
  if (closed_) return false;
  closed_ = true;
  if (feed_) {
    feed_->End();
    if (!buffer_.empty()) buffer_.Pop();  // a time that nobody has taken is of no use any more
  }
  // Waiting receivers imply an empty buffer: they learn that it is closed. Waiting senders fail.
  while (Waiter* receiver = ClaimFirst(receivers_)) woken->Add(receiver->wait);
  while (Waiter* sender = ClaimFirst(senders_)) woken->Add(sender->wait);
  return true;
}

bool Channel::Close() {
  WakeList woken;
  MutexLock lock(mutex_);
  return CloseLocked(&woken);
}

bool Channel::StopFeed() {
  CHECK(feed_);
  WakeList woken;
  MutexLock lock(mutex_);
  bool pending = feed_->pending() || !buffer_.empty();
  return CloseLocked(&woken) && pending;  // closed in any case
}

// The time of the oldest value that is due goes to whoever waits, or into the buffer; the others are dropped.
void Channel::CatchUpLocked(WakeList* woken) {
  Value value;
  int64_t missed = 0;
  if (!feed_->TakeDue(&value, &missed)) return;
  dropped_ += missed;
  if (TrySendLocked(value, 0, woken) != Progress::kDone) dropped_++;
}

void Channel::OnDeadline() {
  Ref<DeadlockDomain> domain;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (!feed_->armed()) return;  // whoever waited has left meanwhile
    CatchUpLocked(&woken);
    if (feed_->pending() && !receivers_.empty()) {
      feed_->Rearm();
    } else {
      domain = feed_->Disarm();
    }
  }
  if (domain) domain->Blocked();
}

ChannelStatistics Channel::Statistics() {
  WakeList woken;
  MutexLock lock(mutex_);
  if (feed_) CatchUpLocked(&woken);
  return {buffer_.size(), closed_, dropped_};
}

}  // namespace sloth

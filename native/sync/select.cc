#include "sync/select.h"

#include <algorithm>
#include <new>

namespace sloth {

Ref<Select> Select::TryMake(size_t capacity) {
  auto* select = new (std::nothrow) Select();
  if (!select) return nullptr;
  Ref<Select> result = Ref<Select>::Adopt(select);
  if (capacity <= kFew) return result;
  select->many_.reset(new (std::nothrow) Clause[capacity]);
  select->many_locks_.reset(new (std::nothrow) Channel*[capacity]);
  if (!select->many_ || !select->many_locks_) return nullptr;
  select->clauses_ = select->many_.get();
  select->lock_order_ = select->many_locks_.get();
  return result;
}

Select::~Select() = default;

void Select::AddReceive(Ref<Channel> channel) {
  clauses_[size_].channel = std::move(channel);
  clauses_[size_++].direction = Direction::kReceive;
}

void Select::AddSend(Ref<Channel> channel, Value value, int64_t priority) {
  clauses_[size_].channel = std::move(channel);
  TraceSend(&value);
  clauses_[size_].value = std::move(value);
  clauses_[size_].priority = priority;
  clauses_[size_++].direction = Direction::kSend;
}

void Select::LockAll() {
  if (lock_count_ == 0) {
    for (size_t i = 0; i < size_; i++) lock_order_[i] = clauses_[i].channel.get();
    std::sort(lock_order_, lock_order_ + size_);
    lock_count_ = static_cast<size_t>(std::unique(lock_order_, lock_order_ + size_) - lock_order_);
  }
  for (size_t i = 0; i < lock_count_; i++) lock_order_[i]->mutex_.Lock();
}

void Select::UnlockAll() {
  for (size_t i = lock_count_; i > 0; i--) lock_order_[i - 1]->mutex_.Unlock();
}

Progress Select::TryClauseLocked(size_t i, WakeList* woken) {
  Clause& clause = clauses_[i];
  chosen_ = i;
  if (clause.direction == Direction::kSend) return clause.channel->TrySendLocked(clause.value, clause.priority, woken);
  Progress progress = clause.channel->TryReceiveLocked(&received_, woken);
  if (progress == Progress::kWouldBlock) return progress;
  received_ok_ = progress == Progress::kDone;
  if (received_ok_) TraceReceive(received_);
  return Progress::kDone;  // a receive on a closed channel is ready, too
}

Progress Select::PollLocked(Random* random, WakeList* woken) {
  // Starting anywhere and taking the first ready clause would favour those behind gaps: draw among the ready ones instead,
  // by trying the clauses in a random order.
  constexpr size_t kInline = 64;
  uint32_t few[kInline];
  std::unique_ptr<uint32_t[]> many;
  uint32_t* order = few;
  if (size_ > kInline) {
    many.reset(new (std::nothrow) uint32_t[size_]);
    if (!many) return Progress::kNoMemory;
    order = many.get();
  }
  for (uint32_t i = 0; i < size_; i++) order[i] = i;
  for (uint32_t left = static_cast<uint32_t>(size_); left > 0; left--) {
    std::swap(order[random->Below(left)], order[left - 1]);
    Progress progress = TryClauseLocked(order[left - 1], woken);
    if (progress != Progress::kWouldBlock) return progress;
  }
  return Progress::kWouldBlock;
}

Progress Select::Poll(Random* random) {
  WakeList woken;
  LockAll();
  Progress progress = PollLocked(random, &woken);
  UnlockAll();
  if (progress == Progress::kWouldBlock) TellFeeders();
  return progress;
}

void Select::TellFeeders() {
  for (size_t i = 0; i < size_; i++) {
    if (clauses_[i].direction == Direction::kReceive) clauses_[i].channel->TellFeeder();
  }
}

Progress Select::Start(Goroutine* self, Random* random, const WaitLimit& limit) {
  WakeList woken;
  LockAll();
  Progress progress = PollLocked(random, &woken);
  if (progress == Progress::kWouldBlock) {
    bool ends_by_itself = limit.ends_by_itself();
    for (size_t i = 0; i < size_; i++) ends_by_itself |= clauses_[i].channel->feeds_itself();
    self->BeginWait("select", ends_by_itself);
    self->HoldWaitObject(this);
    for (size_t i = 0; i < size_; i++) {
      Clause& clause = clauses_[i];
      clause.waiter.wait = &self->wait;
      clause.waiter.clause = static_cast<int32_t>(i);
      clause.waiter.ok = false;
      if (clause.direction == Direction::kSend) {
        clause.waiter.value = std::move(clause.value);
        clause.channel->AddSenderLocked(&clause.waiter, clause.priority);
      } else {
        clause.channel->AddReceiverLocked(&clause.waiter, self);
      }
    }
    progress = Progress::kWaiting;
  }
  UnlockAll();
  if (progress == Progress::kWaiting) {
    TellFeeders();
    self->StartTimeout(limit);
    self->CommitWait();
  }
  return progress;
}

Progress Select::Finish(Goroutine* self) {
  for (size_t i = 0; i < size_; i++) clauses_[i].channel->Forget(&clauses_[i].waiter);
  int32_t winner = self->EndWait();
  if (winner == Wait::kTimedOut) return Progress::kTimedOut;
  if (winner == Wait::kCancelled) return Progress::kCancelled;
  chosen_ = static_cast<size_t>(winner);
  Clause& clause = clauses_[chosen_];
  if (clause.direction == Direction::kSend) return Channel::SendOutcome(clause.waiter);
  received_ok_ = clause.waiter.ok;
  received_ = std::move(clause.waiter.value);
  if (received_ok_) TraceReceive(received_);
  return Progress::kDone;
}

}  // namespace sloth

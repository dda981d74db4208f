#include "sync/err_group.h"

namespace sloth {

class ErrGroup::MemberListener final : public EndListener {
 public:
  explicit MemberListener(Ref<ErrGroup> group) : group_(std::move(group)) {}
  void GoroutineEnded(Goroutine* goroutine) override { group_->MemberEnded(goroutine); }

 private:
  const Ref<ErrGroup> group_;
};

ErrGroup::ErrGroup(Ref<Context> context, int64_t limit)
    : Handle(HandleKind::kErrGroup), context_(std::move(context)), limit_(limit) {}

Progress ErrGroup::TakePlaceLocked() {
  if (closed_) return Progress::kClosed;
  if (limit_ > 0 && members_ >= limit_) return Progress::kWouldBlock;
  members_++;
  return Progress::kDone;
}

Progress ErrGroup::TryEnter() {
  MutexLock lock(mutex_);
  return TakePlaceLocked();
}

Progress ErrGroup::Enter(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    Progress progress = TakePlaceLocked();
    if (progress != Progress::kWouldBlock) return progress;
    self->waiter.clause = 0;
    self->BeginWait("errgroup go", false);
    self->HoldWaitObject(this);
    entering_.PushBack(&self->waiter);
  }
  self->StartTimeout(kForever);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress ErrGroup::FinishEnter(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  }
  // The winner passed its place on.
  return self->EndWait() == 0 ? Progress::kDone : Progress::kCancelled;
}

void ErrGroup::Watch(Goroutine* member) { member->end_listener = MakeRef<MemberListener>(Ref<ErrGroup>(this)); }

void ErrGroup::MemberEnded(Goroutine* member) {
  WakeList woken;  // last: whoever goes on finds the context ended
  bool failed = member->outcome().kind != OutcomeKind::kDone;
  bool first = false;
  {
    MutexLock lock(mutex_);
    if (failed && !result_.failed) {
      first = true;
      result_.failed = Ref<Goroutine>(member);
      if (member->outcome().kind == OutcomeKind::kCancelled && context_->ended()) result_.ended_by = context_->error();
    }
    // Its error is the group's; those of the others follow from the first.
    if (failed && (!first || !waiters_.empty())) member->Ask();
    if (Waiter* next = ClaimFirst(entering_)) {
      woken.Add(next->wait);
    } else if (--members_ == 0) {
      while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
    }
  }
  if (first) context_->Cancel(member->outcome().failure->message);
}

Progress ErrGroup::Wait(Goroutine* self, const WaitLimit& limit) {
  {
    MutexLock lock(mutex_);
    if (members_ == 0) return Progress::kDone;
    self->waiter.clause = 0;
    self->BeginWait("errgroup wait", limit.ends_by_itself());
    self->HoldWaitObject(this);
    waiters_.PushBack(&self->waiter);
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress ErrGroup::FinishWait(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (self->waiter.link.linked()) WaiterList::Remove(&self->waiter);
  }
  switch (self->EndWait()) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Progress::kDone;
  }
}

ErrGroup::Result ErrGroup::Close() {
  Result result;
  bool closes = false;
  {
    MutexLock lock(mutex_);
    result = result_;
    closes = members_ == 0;
    closed_ |= closes;
  }
  if (result.failed) result.failed->Ask();
  if (closes) context_->Cancel("the wait for its group returned");
  return result;
}

}  // namespace sloth

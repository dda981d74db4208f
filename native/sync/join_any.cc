#include "sync/join_any.h"

#include <new>

namespace sloth {

Ref<JoinAny> JoinAny::TryMake(size_t capacity) {
  auto clauses = std::unique_ptr<Clause[]>(new (std::nothrow) Clause[capacity]);
  if (!clauses) return nullptr;
  auto any = Ref<JoinAny>::Adopt(new JoinAny());
  any->clauses_ = std::move(clauses);
  return any;
}

JoinAny::~JoinAny() = default;

void JoinAny::Add(Goroutine* target) {
  clauses_[size_].target = Ref<Goroutine>(target);
  clauses_[size_].waiter.clause = static_cast<int32_t>(size_);
  size_++;
}

Progress JoinAny::Choose(size_t clause) {
  chosen_ = clause;
  clauses_[clause].target->Ask();
  return Progress::kDone;
}

Progress JoinAny::Start(Goroutine* self, const WaitLimit& limit) {
  for (size_t i = 0; i < size_; i++) {
    if (clauses_[i].target->settled()) return Choose(i);
  }
  self->BeginWait("await_any", limit.ends_by_itself());
  self->HoldWaitObject(this);
  for (size_t i = 0; i < size_; i++) {
    clauses_[i].waiter.wait = &self->wait;
    if (clauses_[i].target->AddJoiner(&clauses_[i].waiter)) continue;
    // Ended meanwhile. If another one, or a cancellation, was faster, that will wake us.
    if (!self->wait.TryClaim(clauses_[i].waiter.clause)) break;
    Progress progress = Finish(self);
    self->TakeWaitObject<JoinAny>();
    return progress;
  }
  self->StartTimeout(limit);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress JoinAny::Finish(Goroutine* self) {
  for (size_t i = 0; i < size_; i++) clauses_[i].target->RemoveJoiner(&clauses_[i].waiter);
  int32_t winner = self->EndWait();
  switch (winner) {
    case Wait::kTimedOut: return Progress::kTimedOut;
    case Wait::kCancelled: return Progress::kCancelled;
    default: return Choose(static_cast<size_t>(winner));
  }
}

}  // namespace sloth

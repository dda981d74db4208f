#include "sync/channel_feed.h"

#include "sched/scheduler.h"

namespace sloth {

ChannelFeed::ChannelFeed(Scheduler* scheduler, DeadlineTarget* target, const FeedSchedule& schedule)
    : scheduler_(scheduler), period_(schedule.period), unit_(schedule.unit), next_(schedule.first) {
  timer_.target = target;
}

// Armed still only when its waiters were abandoned by a scheduler that stopped.
ChannelFeed::~ChannelFeed() {
  if (Ref<DeadlockDomain> domain = Disarm()) domain->Blocked();
}

bool ChannelFeed::TakeDue(Value* value, int64_t* missed) {
  if (!pending()) return false;
  int64_t now = scheduler_->clock()->Now();
  if (now < next_) return false;
  *value = Value::Float(static_cast<double>(next_) / static_cast<double>(unit_));
  *missed = period_ == kForever ? 0 : (now - next_) / period_;
  next_ = period_ == kForever ? kForever : DeadlineAfter(next_ + *missed * period_, period_);
  return true;
}

void ChannelFeed::Arm(Ref<DeadlockDomain> domain) {
  CHECK(!domain_);
  domain_ = std::move(domain);
  domain_->Unblocked();
  scheduler_->StartTimer(&timer_, next_);
}

void ChannelFeed::Rearm() {
  scheduler_->timers()->Stop(&timer_);
  scheduler_->StartTimer(&timer_, next_);
}

Ref<DeadlockDomain> ChannelFeed::Disarm() {
  if (domain_) scheduler_->timers()->Stop(&timer_);
  return std::exchange(domain_, nullptr);
}

}  // namespace sloth

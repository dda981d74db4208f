// Contexts: how long a piece of work may go on, handed down from caller to callee. A tree; ending one ends all below it.
//
// Shared by reference; thread safe. A context keeps its parent alive and is listed there without being kept: whoever waits
// for a context, is bound to one or holds its channel keeps it. A deadline is one timer, in the context that brought it.
//
// Locks: a context's own, taken after that of an object waited for, before the timers'; never two at a time. Goroutines are
// cancelled, the channel is closed and waits are woken without any.
#pragma once

#include "sched/scheduler.h"
#include "sync/channel.h"

namespace sloth {

// A deadline on two clocks: the scheduler's, and milliseconds since 1970 for people.
struct ContextDeadline {
  int64_t at_ns = kForever;
  double epoch_ms = 0;
};

class Context final : public WaitEnder, private DeadlineTarget, private ChannelFeeder {
 public:
  enum class Cause : uint8_t { kNone, kCancelled, kDeadline };

  // A root without parent. Of the parent's deadline and the given one the earlier counts.
  static Ref<Context> Make(Scheduler* scheduler, Ref<Context> parent = nullptr, ContextDeadline deadline = {});
  // A child that knows `key`. Keys are compared byte by byte.
  static Ref<Context> MakeWithValue(Ref<Context> parent, std::string key, Value value);
  ~Context() override;

  // Ends it and all below; the first time counts. `reason` may be empty.
  void Cancel(const std::string& reason) { End(Cause::kCancelled, reason); }
  Cause cause() const { return cause_.load(std::memory_order_acquire); }
  // "context canceled" or "context deadline exceeded"; null while it goes on.
  const char* error() const;
  // What Cancel was told.
  std::string reason() EXCLUDES(mutex_);
  const ContextDeadline& deadline() const { return deadline_; }
  // What the nearest one at or above that knows `key` has; nil where none does.
  Value Find(const std::string& key) const;
  // A channel that closes when it ends; the same one as long as somebody has it.
  Ref<Channel> Done() EXCLUDES(mutex_);

  // WaitEnder
  bool AddWaiter(Waiter* waiter) override EXCLUDES(mutex_);
  void RemoveWaiter(Waiter* waiter) override EXCLUDES(mutex_);
  bool Bind(Bond* bond) override EXCLUDES(mutex_);
  void Unbind(Bond* bond) override EXCLUDES(mutex_);
  bool ended() const override { return cause() != Cause::kNone; }
  bool ends_by_itself() const override { return deadline_.at_ns != kForever; }
  const char* end_text() const override { return error(); }
  std::string end_reason() override;

 private:
  ListNode sibling_link_;  // parent's children, guarded by the parent's lock; then the list of whoever ends it
  using Children = List<Context, &Context::sibling_link_>;

  Context(Scheduler* scheduler, Ref<Context> parent, ContextDeadline deadline, bool timed, std::string key, Value value);
  static Ref<Context> Enter(Ref<Context> context);
  void End(Cause cause, const std::string& reason);
  bool MarkEnded(Cause cause, const std::string& reason, WakeList* woken, Children* children) EXCLUDES(mutex_);
  void TellEnd() EXCLUDES(mutex_);
  bool AddChild(Context* child) EXCLUDES(mutex_);
  void RemoveChild(Context* child) EXCLUDES(mutex_);

  // DeadlineTarget
  void OnDeadline() override { End(Cause::kDeadline, ""); }
  RefCounted* deadline_owner() override { return this; }
  // ChannelFeeder
  bool feeds_by_itself() const override { return ends_by_itself(); }
  void ChannelGone(Channel* channel) override EXCLUDES(mutex_);
  RefCounted* feeder_owner() override { return this; }

  Scheduler* const scheduler_;
  Context* const parent_;  // owned reference, or null
  const ContextDeadline deadline_;
  const std::string key_;  // empty: knows nothing
  const Value value_;
  DeadlineTimer timer_;  // has a target when the deadline is its own

  std::atomic<Cause> cause_{Cause::kNone};  // written under mutex_; publishes reason_
  Mutex mutex_;
  std::string reason_ GUARDED_BY(mutex_);
  WaiterList waiters_ GUARDED_BY(mutex_);
  List<Bond, &Bond::link> bound_ GUARDED_BY(mutex_);
  Children children_ GUARDED_BY(mutex_);
  Channel* done_ GUARDED_BY(mutex_) = nullptr;  // not kept: it keeps us
};

}  // namespace sloth

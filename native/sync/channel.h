// Channels: queues of copied values between goroutines, with or without a buffer; first in first out, or by priority.
//
// Shared by reference; thread safe. Every value goes to exactly one receiver: the transfer happens under the channel's lock
// by claiming the other side's wait. The operations here are called by the goroutine itself and never block: they return
// kWaiting with its wait armed, and the Finish functions say, after it was woken, what happened.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "sched/goroutine.h"
#include "sched/trace.h"
#include "sync/channel_buffer.h"
#include "sync/channel_feed.h"

namespace sloth {

enum class Progress : uint8_t {
  kDone,      // happened
  kWouldBlock,
  kClosed,    // the channel is closed (for receives: and drained)
  kFull,      // the channel is full and does not let senders wait
  kWaiting,   // the wait is armed: park, then call Finish...
  kTimedOut,
  kCancelled,
  kNoMemory,
};

// What a send does when the buffer is full.
enum class Overflow : uint8_t {
  kBlock,
  kDropOldest,  // of the lowest priority; what is of less than all others is dropped itself
  kDropNewest,  // the value that is sent
  kError,       // kFull
};

struct ChannelOptions {
  size_t capacity = 0;
  Overflow overflow = Overflow::kBlock;
  ChannelBuffer::Order order = ChannelBuffer::Order::kArrival;
  // Of a channel with priorities: any integer, or 1 to this.
  int64_t levels = 0;
  // The names of the levels from 1 up, where they have names.
  std::vector<std::string> level_names = {};
};

struct ChannelStatistics {
  size_t length = 0;
  bool closed = false;
  int64_t dropped = 0;
};

class Channel;

// Who closes or fills a channel from outside. The channel keeps it alive, it does not keep the channel.
class ChannelFeeder {
 public:
  // Whether a timer does it, sooner or later: then a receive is no deadlock. Never changes.
  virtual bool feeds_by_itself() const = 0;
  // The channel is being destroyed.
  virtual void ChannelGone(Channel* channel) = 0;
  // Somebody found it empty, and most likely waits. Without locks.
  virtual void ChannelWanted() {}
  virtual RefCounted* feeder_owner() = 0;

 protected:
  ~ChannelFeeder() = default;
};

class Channel final : public Handle, public DeadlineTarget {
 public:
  static Ref<Channel> Make(size_t capacity) { return MakeRef<Channel>(capacity); }
  explicit Channel(size_t capacity, ChannelFeeder* feeder = nullptr);
  ~Channel() override;
  explicit Channel(ChannelOptions options) : Handle(HandleKind::kChannel), options_(std::move(options)), buffer_(options_.order) {}
  // Fed by a timer, with room for one value: what comes while that waits is dropped.
  Channel(Scheduler* scheduler, const FeedSchedule& schedule);

  // kDone, kClosed, kFull, kNoMemory, or kWaiting. `value` is taken in every case but kNoMemory.
  Progress Send(Goroutine* self, Value&& value, const WaitLimit& limit, int64_t priority = 0);
  Progress FinishSend(Goroutine* self);
  // kDone (with *value), kClosed, or kWaiting.
  Progress Receive(Goroutine* self, Value* value, const WaitLimit& limit);
  Progress FinishReceive(Goroutine* self, Value* value);
  // kDone, kWouldBlock, kClosed, kFull, kNoMemory.
  Progress TrySend(Value&& value, int64_t priority = 0);
  // kDone, kWouldBlock, kClosed.
  Progress TryReceive(Value* value);
  // Ends a feed, too, and forgets its value that nobody took. False when it was closed before.
  bool Close();
  // Closes a channel with a feed, as Close does; false when nothing was to come any more.
  bool StopFeed();

  ChannelStatistics Statistics();
  size_t length() { return Statistics().length; }
  bool closed() { return Statistics().closed; }
  size_t capacity() const { return options_.capacity; }
  const ChannelOptions& options() const { return options_; }
  bool has_priorities() const { return options_.order == ChannelBuffer::Order::kPriority; }
  // Whether a receiver waits.
  bool wanted();
  bool has_feed() const { return static_cast<bool>(feed_); }

  // DeadlineTarget: a value is due and somebody waits for it.
  void OnDeadline() override;
  RefCounted* deadline_owner() override { return this; }

 private:
  friend class Select;
  // The ...Locked functions complete an operation if it can complete now.
  Progress TrySendLocked(Value& value, int64_t priority, WakeList* woken) REQUIRES(mutex_);
  Progress TryReceiveLocked(Value* value, WakeList* woken) REQUIRES(mutex_);
  Progress OverflowLocked(Value& value, int64_t priority) REQUIRES(mutex_);
  // Registers a waiter; senders of higher priority come first.
  void AddSenderLocked(Waiter* waiter, int64_t priority) REQUIRES(mutex_);
  void AddReceiverLocked(Waiter* waiter, Goroutine* self) REQUIRES(mutex_);
  Waiter* ClaimOutrankingLocked() REQUIRES(mutex_);
  void CatchUpLocked(WakeList* woken) REQUIRES(mutex_);
  bool CloseLocked(WakeList* woken) REQUIRES(mutex_);
  void Forget(Waiter* waiter);
  void ForgetAfter(Goroutine* self);
  bool has_silent_user() const override { return feeder_ != nullptr || feed_ != nullptr; }
  void TellFeeder() const {
    if (feeder_) feeder_->ChannelWanted();
  }
  bool feeds_itself() const { return feeder_ && feeder_->feeds_by_itself(); }

  // How a send whose wait was claimed by the channel ended.
  static Progress SendOutcome(const Waiter& sender);

  const ChannelOptions options_;
  ChannelFeeder* const feeder_ = nullptr;  // owned reference
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  int64_t dropped_ GUARDED_BY(mutex_) = 0;
  ChannelBuffer buffer_ GUARDED_BY(mutex_);
  WaiterList senders_ GUARDED_BY(mutex_);    // only while the buffer is full
  WaiterList receivers_ GUARDED_BY(mutex_);  // only while the buffer is empty
  std::unique_ptr<ChannelFeed> feed_;        // the pointer is constant
};

}  // namespace sloth

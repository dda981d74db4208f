// Channels: first-in first-out queues of copied values between goroutines, with or without a buffer.
//
// Shared by reference; thread safe. Every value goes to exactly one receiver: the transfer happens under the channel's lock
// by claiming the other side's wait. The operations here are called by the goroutine itself and never block: they return
// kWaiting with its wait armed, and the Finish functions say, after it was woken, what happened.
#pragma once

#include "base/mutex.h"
#include "base/ring.h"
#include "sched/goroutine.h"
#include "sched/trace.h"

namespace sloth {

enum class Progress : uint8_t {
  kDone,      // happened
  kWouldBlock,
  kClosed,    // the channel is closed (for receives: and drained)
  kWaiting,   // the wait is armed: park, then call Finish...
  kTimedOut,
  kCancelled,
  kNoMemory,
};

class Channel;

// Who closes or fills a channel from outside. The channel keeps it alive, it does not keep the channel.
class ChannelFeeder {
 public:
  // Whether a timer does it, sooner or later: then a receive is no deadlock. Never changes.
  virtual bool feeds_by_itself() const = 0;
  // The channel is being destroyed.
  virtual void ChannelGone(Channel* channel) = 0;
  virtual RefCounted* feeder_owner() = 0;

 protected:
  ~ChannelFeeder() = default;
};

class Channel final : public Handle {
 public:
  static Ref<Channel> Make(size_t capacity) { return MakeRef<Channel>(capacity); }
  explicit Channel(size_t capacity, ChannelFeeder* feeder = nullptr);
  ~Channel() override;

  // kDone, kClosed, kNoMemory, or kWaiting. `value` is taken in every case but kNoMemory.
  Progress Send(Goroutine* self, Value&& value, const WaitLimit& limit);
  Progress FinishSend(Goroutine* self);
  // kDone (with *value), kClosed, or kWaiting.
  Progress Receive(Goroutine* self, Value* value, const WaitLimit& limit);
  Progress FinishReceive(Goroutine* self, Value* value);
  // kDone, kWouldBlock, kClosed, kNoMemory.
  Progress TrySend(Value&& value);
  // kDone, kWouldBlock, kClosed.
  Progress TryReceive(Value* value);
  // False when it was closed before.
  bool Close();
  size_t length();
  size_t capacity() const { return capacity_; }
  bool closed();

 private:
  friend class Select;
  // The ...Locked functions complete an operation if it can complete now.
  Progress TrySendLocked(Value& value, WakeList* woken) REQUIRES(mutex_);
  Progress TryReceiveLocked(Value* value, WakeList* woken) REQUIRES(mutex_);
  void Forget(Waiter* waiter);
  bool has_silent_user() const override { return feeder_ != nullptr; }
  bool feeds_itself() const { return feeder_ && feeder_->feeds_by_itself(); }

  const size_t capacity_;
  ChannelFeeder* const feeder_;  // may be null; owned reference
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  Ring<Value> buffer_ GUARDED_BY(mutex_);
  WaiterList senders_ GUARDED_BY(mutex_);    // only while the buffer is full
  WaiterList receivers_ GUARDED_BY(mutex_);  // only while the buffer is empty
};

}  // namespace sloth

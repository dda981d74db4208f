// Broadcasters: every value that is published goes to every subscriber, each of which has a channel of its own.
#pragma once

#include <vector>

#include "sync/channel.h"

namespace sloth {

// What happens to a value for which a subscriber's channel has no room.
enum class WhenFull : uint8_t {
  kBlock,       // the publisher waits
  kDropOldest,  // the value that waited longest makes room
  kDropNewest,  // the new one is dropped
};

// Shared by reference; thread safe. Its lock guards the list only: values are sent without it, to those who had subscribed
// when they were published.
class Broadcaster final : public Handle {
 public:
  class Publication;

  Broadcaster(size_t buffer, WhenFull when_full)
      : Handle(HandleKind::kBroadcaster), buffer_(buffer), when_full_(when_full) {}
  ~Broadcaster() override;

  // A new channel; when the broadcaster is closed, so is that.
  Ref<Channel> Subscribe();
  // Closes the channel, of which what it holds stays receivable. False when it is no subscriber's.
  bool Unsubscribe(Channel* channel);
  // Ends every subscription. False when it was closed before.
  bool Close();
  size_t subscribers();
  // What sends the value to each subscriber; null when the broadcaster is closed.
  Ref<Publication> Publish(Value value, int64_t deadline, Ref<WaitEnder> ender = nullptr);

 private:
  const size_t buffer_;
  const WhenFull when_full_;
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::vector<Ref<Channel>> channels_ GUARDED_BY(mutex_);
};

// One value on its way to all subscribers. Used by the publishing goroutine only.
class Broadcaster::Publication final : public RefCounted {
 public:
  Publication(std::vector<Ref<Channel>> channels, Value value, WhenFull when_full, int64_t deadline, Ref<WaitEnder> ender)
      : channels_(std::move(channels)), value_(std::move(value)), when_full_(when_full), deadline_(deadline), ender_(std::move(ender)) {}
  ~Publication() override;

  // Sends to those that are left, one after the other: kDone when there are no more, kNoMemory, or kWaiting for one.
  Progress Advance(Goroutine* self, int64_t now);
  // After the wait for one: kDone (then Advance goes on), kTimedOut or kCancelled.
  Progress FinishWait(Goroutine* self);
  // How many channels took the value.
  int64_t reached() const { return reached_; }

 private:
  Progress SendWithout(Channel* channel);

  const std::vector<Ref<Channel>> channels_;
  const Value value_;
  const WhenFull when_full_;
  const int64_t deadline_;
  const Ref<WaitEnder> ender_;
  size_t next_ = 0;
  int64_t reached_ = 0;
};

}  // namespace sloth

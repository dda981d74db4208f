#include "sync/broadcaster.h"

#include <algorithm>

namespace sloth {

Broadcaster::~Broadcaster() = default;
Broadcaster::Publication::~Publication() = default;

Ref<Channel> Broadcaster::Subscribe() {
  Ref<Channel> channel = Channel::Make(buffer_);
  bool closed;
  {
    MutexLock lock(mutex_);
    closed = closed_;
    if (!closed) channels_.push_back(channel);
  }
  if (closed) (void)channel->Close();
  return channel;
}

bool Broadcaster::Unsubscribe(Channel* channel) {
  Ref<Channel> found;
  {
    MutexLock lock(mutex_);
    auto at = std::find_if(channels_.begin(), channels_.end(), [&](const Ref<Channel>& one) { return one.get() == channel; });
    if (at == channels_.end()) return false;
    found = std::move(*at);
    channels_.erase(at);
  }
  (void)found->Close();
  return true;
}

bool Broadcaster::Close() {
  std::vector<Ref<Channel>> channels;
  {
    MutexLock lock(mutex_);
    if (closed_) return false;
    closed_ = true;
    channels.swap(channels_);
  }
  for (Ref<Channel>& channel : channels) (void)channel->Close();
  return true;
}

size_t Broadcaster::subscribers() {
  MutexLock lock(mutex_);
  return channels_.size();
}

Ref<Broadcaster::Publication> Broadcaster::Publish(Value value, int64_t deadline, Ref<WaitEnder> ender) {
  std::vector<Ref<Channel>> channels;
  {
    MutexLock lock(mutex_);
    if (closed_) return nullptr;
    channels = channels_;
  }
  return MakeRef<Publication>(std::move(channels), std::move(value), when_full_, deadline, std::move(ender));
}

// Never waits.
Progress Broadcaster::Publication::SendWithout(Channel* channel) {
  for (;;) {
    Progress progress = channel->TrySend(Value(value_));
    if (progress != Progress::kWouldBlock || when_full_ == WhenFull::kDropNewest) return progress;
    Value dropped;
    (void)channel->TryReceive(&dropped);
  }
}

Progress Broadcaster::Publication::Advance(Goroutine* self, int64_t now) {
  for (; next_ < channels_.size(); next_++) {
    Channel* channel = channels_[next_].get();
    Progress progress;
    if (when_full_ == WhenFull::kBlock) {
      int64_t timeout = deadline_ == kForever ? kForever : std::max<int64_t>(deadline_ - now, 0);
      progress = channel->Send(self, Value(value_), WaitLimit(timeout, ender_.get()));
    } else {
      progress = SendWithout(channel);
    }
    if (progress == Progress::kWaiting || progress == Progress::kNoMemory) return progress;
    if (progress == Progress::kDone) reached_++;  // otherwise closed meanwhile, or dropped
  }
  return Progress::kDone;
}

Progress Broadcaster::Publication::FinishWait(Goroutine* self) {
  Progress progress = self->TakeWaitObject<Channel>()->FinishSend(self);
  if (progress == Progress::kTimedOut || progress == Progress::kCancelled) return progress;
  if (progress == Progress::kDone) reached_++;
  next_++;
  return Progress::kDone;
}

}  // namespace sloth

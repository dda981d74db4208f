#include "sync/host_stream.h"

namespace sloth {

class HostStream::Pull final : public OutsideCall {
 public:
  explicit Pull(Ref<HostStream> stream) : stream_(std::move(stream)) {}
  void TakeIn() override { stream_->TakeIn(); }

 private:
  const Ref<HostStream> stream_;
};

Ref<Channel> HostStream::MakeChannel() {
  // Room for a value whose receiver has given up meanwhile.
  Ref<Channel> channel = MakeRef<Channel>(size_t{1}, this);
  MutexLock lock(mutex_);
  channel_ = channel.get();
  return channel;
}

void HostStream::ChannelWanted() {
  uint64_t pull;
  {
    MutexLock lock(mutex_);
    // Whoever found it empty may have been given a value since, and another one lie there: there is room for no more.
    if (pull_ != 0 || ended_ || !channel_ || channel_->length() > 0) return;
    pull = pull_ = host_->NextCallId();
  }
  if (turns_) turns_->CallStarted(pull, MakeRef<Pull>(Ref<HostStream>(this)));
  if (!host_->Pull(id_)) End();
}

void HostStream::Give(Value value) {
  {
    MutexLock lock(mutex_);
    if (pull_ == 0 || given_ || ended_) return;
    value_ = std::move(value);
    given_ = true;
  }
  Answered();
}

void HostStream::End() {
  {
    MutexLock lock(mutex_);
    if (ended_) return;
    ended_ = true;
    if (pull_ == 0 && channel_) channel_->Close();
    if (pull_ == 0) return;
  }
  Answered();
}

void HostStream::Answered() {
  if (!turns_) return TakeIn();
  uint64_t pull;
  {
    MutexLock lock(mutex_);
    pull = pull_;
  }
  turns_->CallAnswered(pull);
}

void HostStream::TakeIn() {
  bool wanted = false;
  {
    MutexLock lock(mutex_);
    pull_ = 0;
    if (std::exchange(given_, false) && channel_) {
      (void)channel_->TrySend(std::move(value_));
      wanted = channel_->wanted();
    }
    value_ = Value();
    if (ended_ && channel_) channel_->Close();
  }
  if (wanted) ChannelWanted();
}

void HostStream::ChannelGone(Channel*) {
  {
    MutexLock lock(mutex_);
    channel_ = nullptr;
  }
  releases_->AddStream(id_);
}

}  // namespace sloth

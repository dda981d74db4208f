// A stream of the host as goroutines see it: a channel whose values the host makes one at a time, when somebody wants one.
//
// The channel keeps its stream alive, and so does the host; the stream does not keep the channel, so that a channel nobody can
// reach any more is destroyed, and the host is told. At most one value is asked for at a time: nothing is made ahead.
#pragma once

#include "sync/channel.h"
#include "sync/host_port.h"

namespace sloth {

class HostStream final : public RefCounted, public ChannelFeeder {
 public:
  // `host` is used while somebody waits on the channel, `releases` when it is gone.
  HostStream(uint64_t id, HostPort* host, Ref<HostReleases> releases, Turns* turns)
      : id_(id), host_(host), releases_(std::move(releases)), turns_(turns) {}

  // The channel it feeds; called once, before anything else.
  Ref<Channel> MakeChannel();

  // -- the host, any thread: the answer to a pull --
  void Give(Value value) EXCLUDES(mutex_);
  // No further values; without a pull, too.
  void End() EXCLUDES(mutex_);

  // ChannelFeeder. A receive is no deadlock, as a host call is none.
  bool feeds_by_itself() const override { return true; }
  void ChannelGone(Channel* channel) override EXCLUDES(mutex_);
  void ChannelWanted() override EXCLUDES(mutex_);
  RefCounted* feeder_owner() override { return this; }

 private:
  class Pull;
  void Answered() EXCLUDES(mutex_);
  void TakeIn() EXCLUDES(mutex_);

  const uint64_t id_;
  HostPort* const host_;
  const Ref<HostReleases> releases_;
  Turns* const turns_;  // decide when an answer is taken in; null: at once
  Mutex mutex_;         // taken before the channel's
  Channel* channel_ GUARDED_BY(mutex_) = nullptr;  // null once it is gone
  uint64_t pull_ GUARDED_BY(mutex_) = 0;           // the number of the pull that is out
  bool given_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;
  Value value_ GUARDED_BY(mutex_);
};

}  // namespace sloth

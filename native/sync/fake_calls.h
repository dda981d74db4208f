// The synchronization objects' operations as the bodies of fake goroutines await them. Included by tests only.
//
//   Progress progress = co_await Send(go, channel, 7);
#pragma once

#include "sched/fake_island.h"
#include "sync/host_port.h"
#include "sync/join.h"
#include "sync/lock.h"
#include "sync/pool.h"
#include "sync/select.h"
#include "sync/wait_group.h"

namespace sloth::testing {

class Send final : public Operation<Send, Progress> {
 public:
  Send(FakeGoroutine& go, const Ref<Channel>& channel, int64_t number, WaitLimit timeout = kForever, int64_t priority = 0)
      : Operation(go), channel_(channel.get()), number_(number), timeout_(timeout), priority_(priority) {}
  Progress Start() { return channel_->Send(&go_, Value::Integer(number_), timeout_, priority_); }
  Progress Finish() { return go_.TakeWaitObject<Channel>()->FinishSend(&go_); }

 private:
  Channel* const channel_;
  const int64_t number_;
  const WaitLimit timeout_;
  const int64_t priority_;
};

class Receive final : public Operation<Receive, Progress> {
 public:
  Receive(FakeGoroutine& go, const Ref<Channel>& channel, int64_t* number, WaitLimit timeout = kForever)
      : Operation(go), channel_(channel.get()), number_(number), timeout_(timeout) {}
  Progress Start() { return Read(channel_->Receive(&go_, &value_, timeout_)); }
  Progress Finish() { return Read(go_.TakeWaitObject<Channel>()->FinishReceive(&go_, &value_)); }

 private:
  Progress Read(Progress progress) {
    CHECK((progress == Progress::kDone) == !value_.is_nil());
    if (progress == Progress::kDone) *number_ = value_.integer();
    return progress;
  }
  Channel* const channel_;
  int64_t* const number_;
  const WaitLimit timeout_;
  Value value_;
};

class Selecting final : public Operation<Selecting, Progress> {
 public:
  Selecting(FakeGoroutine& go, const Ref<Select>& select, Random* random, WaitLimit timeout = kForever)
      : Operation(go), select_(select), random_(random), timeout_(timeout) {}
  Progress Start() { return select_->Start(&go_, random_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<Select>()->Finish(&go_); }

 private:
  const Ref<Select> select_;
  Random* const random_;
  const WaitLimit timeout_;
};

class WaitFor final : public Operation<WaitFor, Progress> {
 public:
  WaitFor(FakeGoroutine& go, WaitGroup* group, WaitLimit timeout = kForever)
      : Operation(go), group_(group), timeout_(timeout) {}
  Progress Start() { return group_->Wait(&go_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<WaitGroup>()->FinishWait(&go_); }

 private:
  WaitGroup* const group_;
  const WaitLimit timeout_;
};

class WaitForPool final : public Operation<WaitForPool, Progress> {
 public:
  WaitForPool(FakeGoroutine& go, Pool* pool, WaitLimit timeout = kForever)
      : Operation(go), pool_(pool), timeout_(timeout) {}
  Progress Start() { return pool_->Wait(&go_, timeout_); }
  Progress Finish() { return go_.TakeWaitObject<Pool>()->FinishWait(&go_); }

 private:
  Pool* const pool_;
  const WaitLimit timeout_;
};

class Acquire final : public Operation<Acquire, Lock::Outcome> {
 public:
  Acquire(FakeGoroutine& go, Lock* lock, WaitLimit timeout = kForever) : Operation(go), lock_(lock), timeout_(timeout) {}
  Lock::Outcome Start() { return lock_->Acquire(&go_, timeout_); }
  Lock::Outcome Finish() { return go_.TakeWaitObject<Lock>()->FinishAcquire(&go_); }

 private:
  Lock* const lock_;
  const WaitLimit timeout_;
};

class Joining final : public Operation<Joining, Progress> {
 public:
  Joining(FakeGoroutine& go, Goroutine* target, WaitLimit timeout = kForever)
      : Operation(go), target_(target), timeout_(timeout) {}
  Progress Start() { return Join(&go_, target_, timeout_); }
  Progress Finish() {
    Progress progress = FinishJoin(&go_);
    go_.TakeWaitObject<Goroutine>();
    return progress;
  }

 private:
  Goroutine* const target_;
  const WaitLimit timeout_;
};

class Sleeping final : public Operation<Sleeping, Progress> {
 public:
  Sleeping(FakeGoroutine& go, int64_t duration) : Operation(go), duration_(duration) {}
  Progress Start() { return Sleep(&go_, duration_); }
  Progress Finish() { return FinishSleep(&go_); }

 private:
  const int64_t duration_;
};

class Calling final : public Operation<Calling, Progress> {
 public:
  Calling(FakeGoroutine& go, HostPort* port, uint32_t function, int64_t argument, int64_t* result, std::string* message)
      : Operation(go), port_(port), function_(function), argument_(argument), result_(result), message_(message) {}
  Progress Start() { return port_->Call(&go_, function_, Value::Integer(argument_)); }
  Progress Finish() {
    Value results;
    Progress progress = port_->FinishCall(&go_, &results, message_);
    if (progress == Progress::kDone) *result_ = results.integer();
    return progress;
  }

 private:
  HostPort* const port_;
  const uint32_t function_;
  const int64_t argument_;
  int64_t* const result_;
  std::string* const message_;
};

}  // namespace sloth::testing

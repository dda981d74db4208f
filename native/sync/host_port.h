// The port through which goroutines call the host: floor 6 implements it, tests stand in for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sched/turns.h"
#include "sync/channel.h"

namespace sloth {

class HostPort;

// One call of a host function, waiting for its answer. Shared by the goroutine and the host; answered at most once.
class HostCall final : public OutsideCall {
 public:
  HostCall(uint64_t id, uint64_t run, uint32_t function, Value arguments, Turns* turns)
      : id(id), run(run), function(function), arguments(std::move(arguments)), turns_(turns) {}
  const uint64_t id;
  const uint64_t run;  // whose goroutine calls
  const uint32_t function;
  const Value arguments;

  // Any thread, once: gives the answer to the waiting goroutine, if it still waits: results, or when it failed the error value
  // as results or a message.
  void Settle(bool ok, Value results, std::string message);
  void TakeIn() override;

 private:
  friend class HostPort;
  Turns* const turns_;  // decide when the answer is taken in; null: at once
  Mutex mutex_;
  Waiter* waiter_ GUARDED_BY(mutex_) = nullptr;
  bool settled_ GUARDED_BY(mutex_) = false;
  bool ok_ GUARDED_BY(mutex_) = false;
  Value results_ GUARDED_BY(mutex_);
  std::string message_ GUARDED_BY(mutex_);
};

// Told that a stream's channel is gone; on any thread. Must not block.
class HostWaker {
 public:
  virtual void WakeHost() = 0;

 protected:
  ~HostWaker() = default;
};

// Numbers of JavaScript things whose handles are gone: the host may forget them. Any thread adds, the host takes. Handles
// keep it alive, so it may outlive the host.
class HostReleases final : public RefCounted {
 public:
  explicit HostReleases(HostWaker* waker = nullptr) : waker_(waker) {}
  // The channel of a stream is gone: the host should know soon.
  void AddStream(uint64_t stream) {
    MutexLock lock(mutex_);
    streams_.push_back(stream);
    if (waker_) waker_->WakeHost();
  }
  std::vector<uint64_t> TakeStreams() {
    MutexLock lock(mutex_);
    return std::exchange(streams_, {});
  }
  // The host goes.
  void Detach() {
    MutexLock lock(mutex_);
    waker_ = nullptr;
  }
  void Add(uint32_t id) {
    MutexLock lock(mutex_);
    ids_.push_back(id);
  }
  std::vector<uint32_t> TakeAll() {
    MutexLock lock(mutex_);
    return std::exchange(ids_, {});
  }

 private:
  Mutex mutex_;
  std::vector<uint32_t> ids_ GUARDED_BY(mutex_);
  std::vector<uint64_t> streams_ GUARDED_BY(mutex_);
  HostWaker* waker_ GUARDED_BY(mutex_);
};

// A JavaScript function as Lua holds it.
class HostFunction final : public Handle {
 public:
  HostFunction(uint32_t id, std::string name, Ref<HostReleases> releases)
      : Handle(HandleKind::kHostFunction), id(id), name(std::move(name)), releases_(std::move(releases)) {}
  ~HostFunction() override { releases_->Add(id); }
  const uint32_t id;
  const std::string name;

 private:
  const Ref<HostReleases> releases_;
};

// An object of JavaScript as Lua holds it. Only what runs on its thread may ask it anything.
class HostObject final : public Handle {
 public:
  HostObject(uint32_t id, std::string name, Ref<HostReleases> releases)
      : Handle(HandleKind::kHostObject), id(id), name(std::move(name)), releases_(std::move(releases)) {}
  ~HostObject() override { releases_->Add(id); }
  const uint32_t id;
  const std::string name;  // of its class

 private:
  const Ref<HostReleases> releases_;
};

// What JavaScript threw, or an Error it sent, as Lua holds it. Immutable.
class HostError final : public Handle {
 public:
  HostError(uint32_t id, std::string text, Value fields, Ref<HostReleases> releases)
      : Handle(HandleKind::kHostError), id(id), text(std::move(text)), fields(std::move(fields)), releases_(std::move(releases)) {}
  ~HostError() override { releases_->Add(id); }
  const uint32_t id;
  const std::string text;  // its message
  const Value fields;      // a record in the host's format: name, message, stack, cause, ...

 private:
  const Ref<HostReleases> releases_;
};

// JavaScript's null, where it is not to become nil. There is one in a process, and it is never destroyed.
class HostNull final : public Handle {
 public:
  HostNull() : Handle(HandleKind::kNull) {}
  static Ref<Handle> Get() {
    static HostNull* const null = new HostNull;
    return Ref<Handle>(null);
  }
};

// Implemented by whoever runs host functions. Thread safe.
class HostPort {
 public:
  virtual ~HostPort() = default;

  // Starts a call: kWaiting, or kClosed when the host takes no more.
  Progress Call(Goroutine* self, uint32_t function, Value arguments);
  // After the wait: kDone with *results, kClosed (it failed) with *message or the thrown value as *results, or kCancelled.
  Progress FinishCall(Goroutine* self, Value* results, std::string* message);
  uint64_t NextCallId() { return next_id_.fetch_add(1, std::memory_order_relaxed) + 1; }
  // Asks for the next value of a stream (sync/host_stream.h); answered by HostStream::Give or End. False when closed.
  virtual bool Pull(uint64_t stream) {
    (void)stream;
    return false;
  }

 protected:
  // Hands a call to the host; false when closed.
  virtual bool Post(Ref<HostCall> call) = 0;
  // The goroutine stopped waiting for it.
  virtual void Abandon(HostCall* call) = 0;

 private:
  std::atomic<uint64_t> next_id_{0};
};

}  // namespace sloth

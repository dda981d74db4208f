// The port through which goroutines call the host: floor 6 implements it, tests stand in for it.
#pragma once

#include <string>
#include <vector>

#include "sched/turns.h"
#include "sync/channel.h"

namespace sloth {

class HostPort;

// One call of a host function, waiting for its answer. Shared by the goroutine and the host; answered at most once.
class HostCall final : public OutsideCall {
 public:
  HostCall(uint64_t id, uint32_t function, Value arguments, Turns* turns)
      : id(id), function(function), arguments(std::move(arguments)), turns_(turns) {}
  const uint64_t id;
  const uint32_t function;
  const Value arguments;

  // Any thread, once: gives the answer (or the error message) to the waiting goroutine, if it still waits.
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

// A JavaScript function as Lua holds it.
class HostFunction final : public Handle {
 public:
  HostFunction(uint32_t id, std::string name) : Handle(HandleKind::kHostFunction), id(id), name(std::move(name)) {}
  const uint32_t id;
  const std::string name;
};

// Implemented by whoever runs host functions. Thread safe.
class HostPort {
 public:
  virtual ~HostPort() = default;

  // Starts a call: kWaiting, or kClosed when the host takes no more.
  Progress Call(Goroutine* self, uint32_t function, Value arguments);
  // After the wait: kDone with *results, kClosed with *message (it failed), or kCancelled.
  Progress FinishCall(Goroutine* self, Value* results, std::string* message);

 protected:
  // Hands a call to the host; false when closed.
  virtual bool Post(Ref<HostCall> call) = 0;
  // The goroutine stopped waiting for it.
  virtual void Abandon(HostCall* call) = 0;

 private:
  std::atomic<uint64_t> next_id_{0};
};

}  // namespace sloth

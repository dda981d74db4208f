// Handles: the objects that every island and JavaScript share by reference (channels, wait groups, goroutines, ...).
#pragma once

#include "base/ref.h"

namespace sloth {

enum class HandleKind : uint8_t {
  kChannel,
  kWaitGroup,
  kMutex,
  kAtomic,
  kGoroutine,
  kPool,
  kContext,
  kCancelFunction,  // what ends a context, as Lua's function for it
  kErrGroup,
  kHostError,     // what JavaScript threw, or an Error
  kNull,          // JavaScript's null where it is not to be nil
  kLuaFunction,   // a Lua function that stays on its island, callable from JavaScript
  kHostFunction,  // a JavaScript function
  kBroadcaster,
  kRwMutex,
  kSemaphore,
  kOnce,
  kCond,
  kLatch,
  kBarrier,
  kLuaObject,     // a table, coroutine or userdata of Lua that stays on its island
  kHostObject,    // an object of JavaScript that stays there
  kGuard,         // what a call gives back when it is left
  kModule,        // a module that the host brought
  kWriteBack,     // a table of another island, where one only stores into it
  kCount,
};

// Locks: who brings one along means to share memory.
constexpr bool IsLock(HandleKind kind) {
  return kind == HandleKind::kMutex || kind == HandleKind::kRwMutex || kind == HandleKind::kOnce || kind == HandleKind::kCond;
}

// Base of every handle. Thread safe to share; each kind guards its own state. Knows neither Lua nor JavaScript.
class Handle : public RefCounted {
 public:
  HandleKind handle_kind() const { return kind_; }
  // Somebody who holds no reference may use it, too.
  virtual bool has_silent_user() const { return false; }

  // What counts the host's hold on it (sched/host_end.h); null until the host is given it.
  RefCounted* host_end() const { return host_end_.load(std::memory_order_acquire); }
  // Takes over the reference, unless somebody was faster; returns the one that stays.
  RefCounted* SetHostEnd(RefCounted* end) {
    RefCounted* earlier = nullptr;
    if (host_end_.compare_exchange_strong(earlier, end, std::memory_order_acq_rel)) return end;
    end->Release();
    return earlier;
  }

 protected:
  explicit Handle(HandleKind kind) : kind_(kind) {}
  ~Handle() override {
    if (RefCounted* end = host_end()) end->Release();
  }

 private:
  const HandleKind kind_;
  std::atomic<RefCounted*> host_end_{nullptr};
};

// How one reference to a handle may be used; travels with the reference, not with the object.
enum class HandleView : uint8_t { kFull = 0, kSendOnly = 1, kReceiveOnly = 2 };

}  // namespace sloth

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
  kLuaFunction,   // a Lua function that stays on its island, callable from JavaScript
  kHostFunction,  // a JavaScript function
  kBroadcaster,
  kCount,
};

// Base of every handle. Thread safe to share; each kind guards its own state. Knows neither Lua nor JavaScript.
class Handle : public RefCounted {
 public:
  HandleKind handle_kind() const { return kind_; }

 protected:
  explicit Handle(HandleKind kind) : kind_(kind) {}

 private:
  const HandleKind kind_;
};

// How one reference to a handle may be used; travels with the reference, not with the object.
enum class HandleView : uint8_t { kFull = 0, kSendOnly = 1, kReceiveOnly = 2 };

}  // namespace sloth

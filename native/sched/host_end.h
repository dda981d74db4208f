// A handle's object as the host holds it: as long as it does, no run that shares the object is declared deadlocked, since
// the host may still wake it.
#pragma once

#include <vector>

#include "base/mutex.h"
#include "data/handle.h"

namespace sloth {

class DeadlockDomain;

// Thread safe. Owned by its object; made when the host is first given it.
class HostEnd final : public RefCounted {
 public:
  // Whether the host can wake anybody through a handle. Lua functions keep their domain from a deadlock themselves.
  static bool Counts(const Handle* handle) {
    HandleKind kind = handle->handle_kind();
    return kind != HandleKind::kLuaFunction && kind != HandleKind::kHostFunction && kind != HandleKind::kHostError &&
           kind != HandleKind::kLuaObject && kind != HandleKind::kHostObject &&
           kind != HandleKind::kNull;
  }
  // The one of that object.
  static HostEnd* Of(Handle* handle);
  // The same, or null when the host was never given it.
  static HostEnd* Find(Handle* handle) { return static_cast<HostEnd*>(handle->host_end()); }

  // The host holds the object once more, or is about to.
  void Hold() EXCLUDES(mutex_);
  // It let go. After the last time, a domain of which every goroutine is blocked by now is declared deadlocked.
  void Drop() EXCLUDES(mutex_);
  // The domain's runs have the object: while the host holds it they may wait for the host.
  void Attach(DeadlockDomain* domain) EXCLUDES(mutex_);

 private:
  friend class DeadlockDomain;
  // The domain is being destroyed.
  void Forget(DeadlockDomain* domain) EXCLUDES(mutex_);

  Mutex mutex_;
  int64_t holders_ GUARDED_BY(mutex_) = 0;
  std::vector<DeadlockDomain*> domains_ GUARDED_BY(mutex_);  // each forgets itself before it goes
};

}  // namespace sloth

// What is done once: the first caller does it, the others wait for how that ended.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Shared by reference; thread safe. Unspent, until the turn of some caller ends with an outcome; then spent for ever. A turn
// that ends without one, or whose goroutine ends, passes to the next caller.
class Once final : public Handle, public HeldLock {
 public:
  enum class Answer : uint8_t { kTurn, kSpent, kWaiting, kCancelled, kRecursive };

  Once() : Handle(HandleKind::kOnce) {}

  // kTurn: the caller does it now, as turn *turn. kRecursive: it does so already.
  Answer Call(Goroutine* self, uint64_t* turn);
  Answer FinishCall(Goroutine* self, uint64_t* turn);
  // Ends a turn; nothing happens when it has ended before. The caller holds the island of the goroutine whose turn it is.
  void Spend(uint64_t turn, Outcome outcome);
  void PassOn(uint64_t turn);
  // How it ended, never changed any more; null while it is unspent.
  const Outcome* outcome() const { return spent_.load(std::memory_order_acquire) ? &outcome_ : nullptr; }

  void HolderEnded(Goroutine* holder) override;
  Handle* held_handle() override { return this; }

 private:
  Answer BeginTurn(Goroutine* self, uint64_t* turn);
  void PassOnLocked(WakeList* woken) REQUIRES(mutex_);

  Mutex mutex_;
  Goroutine* holder_ GUARDED_BY(mutex_) = nullptr;
  uint64_t turn_ GUARDED_BY(mutex_) = 0;  // counts the turns; the current one while there is a holder
  WaiterList waiters_ GUARDED_BY(mutex_);
  Outcome outcome_;                       // written once, before `spent_`
  std::atomic<bool> spent_{false};        // released by Spend
};

}  // namespace sloth

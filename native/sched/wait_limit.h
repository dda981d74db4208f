// What may end a wait, or a goroutine, from outside: a time, and whoever else says that enough is enough (a context).
#pragma once

#include <string>

#include "base/clock.h"
#include "data/handle.h"
#include "sched/wait.h"

namespace sloth {

class Goroutine;
struct Bond;

// Ends once, and with it every wait and goroutine that was registered before. Thread safe; shared by reference.
//
// It claims waits under its own lock, which is taken after that of the object waited for and before nothing but the timers'.
// It cancels goroutines without any lock.
class WaitEnder : public Handle {
 public:
  // Registers `waiter`, to be claimed with its clause when this ends; false when it has ended.
  [[nodiscard]] virtual bool AddWaiter(Waiter* waiter) = 0;
  // After it returns nobody here touches `waiter` any more.
  virtual void RemoveWaiter(Waiter* waiter) = 0;
  // Registers `bond`, whose goroutine's EnderEnded is called when this ends; false when it has ended.
  [[nodiscard]] virtual bool Bind(Bond* bond) = 0;
  virtual void Unbind(Bond* bond) = 0;
  // Whether a timer ends it, sooner or later: then a wait for it is no deadlock. Never changes.
  virtual bool ends_by_itself() const = 0;
  virtual bool ended() const = 0;
  // Once it has ended: what a wait that it ended reports (a text that lives for ever), and why a goroutine was cancelled.
  virtual const char* end_text() const = 0;
  virtual std::string end_reason() = 0;

 protected:
  using Handle::Handle;
};

// A goroutine that ends with its ender.
struct Bond {
  Bond(Goroutine* goroutine, Ref<WaitEnder> ender) : goroutine(goroutine), ender(std::move(ender)) {}
  Goroutine* const goroutine;
  Ref<WaitEnder> ender;
  ListNode link;                   // the ender's list; guarded by its lock
  std::atomic<bool> counts{false}; // in the deadlock domain: its ender has a timer. Whoever clears it tells the domain
};

// How long a wait may take at most. Passed down a call: whoever waits keeps `ender` alive until the wait has begun.
struct WaitLimit {
  WaitLimit(int64_t timeout) : timeout_ns(timeout) {}
  WaitLimit(int64_t timeout, WaitEnder* ender) : timeout_ns(timeout), ender(ender) {}

  // Whether the wait will be over without anybody's doing.
  bool ends_by_itself() const { return timeout_ns != kForever || (ender && ender->ends_by_itself()); }

  int64_t timeout_ns;
  WaitEnder* ender = nullptr;
};

}  // namespace sloth

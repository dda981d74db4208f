// Waits: what stands between a goroutine that stops and whoever makes it go on.
//
// A Wait is armed by its owner, registered with one or more Waiters (one per clause: a send, a receive, a timeout, a
// cancellation are all the same thing), and completed by whoever wins the compare-and-swap on it. The losers are dead in the
// same instant; the owner takes them off their lists before it arms the wait again.
//
// Rules: claim under the lock of the object that holds the waiter (or, for timers, the timers' lock); write the result
// before waking; wake after unlocking.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/check.h"
#include "base/list.h"
#include "data/value.h"

namespace sloth {

struct Wait {
  // Values of `claimed`. A clause number (>= 0) is the winner.
  static constexpr int32_t kIdle = -2;   // not waiting; nobody may claim
  static constexpr int32_t kArmed = -1;  // claimable
  static constexpr int32_t kEnded = 1 << 27;     // by its WaitEnder
  static constexpr int32_t kTimedOut = 1 << 28;
  static constexpr int32_t kCancelled = 1 << 29;

  // Called once by the winner, after it let go of every lock.
  void (*wake)(Wait*) = nullptr;
  void* owner = nullptr;  // for `wake`
  // Owner: idle -> armed, and back to idle. Claimers: armed -> winner; release publishes what the winner wrote.
  std::atomic<int32_t> claimed{kIdle};
  Wait* next_woken = nullptr;  // links of a WakeList; used by the winner only

  void Arm() {
    CHECK(claimed.load(std::memory_order_relaxed) == kIdle);
    claimed.store(kArmed, std::memory_order_seq_cst);
  }
  bool TryClaim(int32_t clause) {
    int32_t armed = kArmed;
    return claimed.compare_exchange_strong(armed, clause, std::memory_order_seq_cst);
  }
  int32_t winner() const { return claimed.load(std::memory_order_acquire); }
  void Rest() { claimed.store(kIdle, std::memory_order_relaxed); }
};

// One clause of a wait, linked into the object it waits for.
struct Waiter {
  ListNode link;
  Wait* wait = nullptr;
  int32_t clause = 0;
  bool ok = false;  // written by the winner: the operation happened (not: the object was closed)
  int64_t amount = 0;
  Value value;      // sender: what it offers; receiver: what the winner gave
};

using WaiterList = List<Waiter, &Waiter::link>;

// Claimed waits to be woken once the caller holds no lock. Wakes on destruction.
class WakeList {
 public:
  WakeList() = default;
  ~WakeList() { WakeAll(); }
  WakeList(const WakeList&) = delete;
  WakeList& operator=(const WakeList&) = delete;

  void Add(Wait* wait) {
    wait->next_woken = nullptr;
    *tail_ = wait;
    tail_ = &wait->next_woken;
  }
  // The caller holds no lock.
  void WakeAll() {
    Wait* wait = first_;
    first_ = nullptr;
    tail_ = &first_;
    while (wait) {
      Wait* next = wait->next_woken;  // read first: a woken wait belongs to its owner again
      wait->wake(wait);
      wait = next;
    }
  }

 private:
  Wait* first_ = nullptr;
  Wait** tail_ = &first_;
};

// The first waiter of `list` that can still be won, claimed and taken off the list; null when there is none.
inline Waiter* ClaimFirst(WaiterList& list) {
  while (Waiter* waiter = list.PopFront()) {
    if (waiter->wait->TryClaim(waiter->clause)) return waiter;
  }
  return nullptr;
}

// A wait that several objects can end, for reports.
class WaitsForSeveral : public RefCounted {
 public:
  // How many there are, and the one at `index`; constant while the wait is armed.
  virtual size_t awaited_count() const = 0;
  virtual Handle* awaited(size_t index) const = 0;
};

}  // namespace sloth

// The record of one goroutine: its state, its wait, its cancellation and its outcome. Floor 4 derives the one that runs Lua.
//
// Who touches what: the worker that runs it owns everything unmarked; `state` moves by compare-and-swap (Settle and Ready in
// scheduler.cc); the cancellation word and the outcome may be read by anyone. Kept alive by its run while it lives, by
// handles afterwards.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/rare.h"
#include "data/failure.h"
#include "sched/timers.h"
#include "sched/wait.h"
#include "sched/wait_limit.h"

namespace sloth {

class Goroutine;
class Guest;
class Island;
class Run;
class Scheduler;
class Turns;
class Worker;

enum class GoState : uint8_t {
  kNew,      // made, never readied: a queued job
  kReady,    // on its island's ready list; its stack rests
  kRunning,  // on one worker, which owns its island
  kWoken,    // as kRunning, and its wait is over: the worker will requeue it
  kParked,   // on no list; owned by its wait until someone claims that
  kBlocked,  // waits inside a call Lua cannot yield from; its island is free
  kDone,     // outcome settled
};

enum class CancelKind : uint8_t { kNone, kCancelled, kTimeout, kDeadlock, kExit };

// What to do with an error nobody awaits.
enum class UncaughtRule : uint8_t {
  kPrintAtOnce,   // spawn, go
  kReportAtEnd,   // async, pool jobs: unless somebody asked by then
  kBelongsToRun,  // the main goroutine: the run's own outcome
};

// Told once when a goroutine's outcome is settled, on the thread that settled it, without locks.
class EndListener : public RefCounted {
 public:
  virtual void GoroutineEnded(Goroutine* goroutine) = 0;
};

// A lock that a goroutine holds, so that it can be released when its holder ends.
class HeldLock {
 public:
  ListNode held_link;
  virtual void HolderEnded(Goroutine* holder) = 0;
  virtual Handle* held_handle() = 0;

 protected:
  ~HeldLock() = default;
};

// Where goroutines were started: "demo.lua:12". Shared by those of one line.
class SpawnSite final : public RefCounted {
 public:
  explicit SpawnSite(std::string text) : text(std::move(text)) {}
  const std::string text;
};

class Goroutine : public Handle {
 public:
  uint64_t id() const { return id_; }
  Run* run() const { return run_.get(); }
  Island* island() const { return island_.get(); }
  GoState state() const { return state_.load(std::memory_order_acquire); }
  // "" for what the host called.
  const char* spawn_site() const { return site_ ? site_->text.c_str() : ""; }
  uint64_t parent_id() const { return parent_id_; }
  // Null unless its run is deterministic.
  inline Turns* turns() const;  // scheduler.h

  // -- Waiting: called by the goroutine itself --
  // Arms its wait. `what` names the operation for reports ("channel receive"). `wakes_itself`: a timer or the host ends it,
  // so that it never counts as blocked for ever.
  void BeginWait(const char* what, bool wakes_itself);
  // Starts the wait's timeout and registers it with what else may end it; kForever starts none. Called without locks.
  void StartTimeout(const WaitLimit& limit);
  // Last step before parking: a pending cancellation claims the wait at once.
  void CommitWait();
  // After the wait: stops the timer, returns the winner, rests the wait. The caller has taken its waiters off their lists.
  // A wait that its limit's ender ended has timed out.
  int32_t EndWait();
  // What the ender of the last wait says, if it ended it; else null.
  const char* ended_by() const { return std::as_const(ender_)->ended_by; }
  // The operation whose wait a cancellation ended last, or null.
  const char* cancelled_wait() const { return cancelled_wait_; }
  // After another wait that belonged to the same operation.
  void RestoreCancelledWait(const char* what) { cancelled_wait_ = what; }
  const char* waiting_for() const { return waiting_for_.load(std::memory_order_acquire); }
  // When the wait began, some milliseconds late.
  int64_t waiting_since() const { return waiting_since_.load(std::memory_order_relaxed); }
  // Read where it rests (Island::WhileResting): nothing but a goroutine of this domain, or its cancellation, ends its wait.
  bool waits_for_ever() const;
  // What could end that wait: calls `visit` for each object; none when that is not known.
  template <typename Visit>
  void VisitAwaited(const Visit& visit) const {
    if (awaits_ == Awaits::kHandle) visit(static_cast<Handle*>(wait_object));
    if (awaits_ != Awaits::kSeveral) return;
    auto* several = static_cast<WaitsForSeveral*>(wait_object);
    for (size_t i = 0; i < several->awaited_count(); i++) visit(several->awaited(i));
  }
  // The locks it holds; read where it rests.
  template <typename Visit>
  void VisitHeldLocks(const Visit& visit) const {
    for (HeldLock* lock = held_.front(); lock; lock = held_.Next(lock)) visit(lock->held_handle());
  }

  Wait wait;
  Waiter waiter;                     // for waits with one clause
  RefCounted* wait_object = nullptr; // what a resumed wait works on; owned reference
  void HoldWaitObject(RefCounted* object) {
    CHECK(wait_object == nullptr);
    object->AddRef();
    wait_object = object;
    awaits_ = Awaits::kUnknown;
  }
  void HoldWaitObject(Handle* object) {
    HoldWaitObject(static_cast<RefCounted*>(object));
    awaits_ = Awaits::kHandle;
  }
  void HoldWaitObject(WaitsForSeveral* object) {
    HoldWaitObject(static_cast<RefCounted*>(object));
    awaits_ = Awaits::kSeveral;
  }
  template <typename T>
  Ref<T> TakeWaitObject() {
    T* object = static_cast<T*>(wait_object);
    wait_object = nullptr;
    awaits_ = Awaits::kUnknown;
    return Ref<T>::Adopt(object);
  }

  // -- Cancelling: any thread --
  // Asks it (and what it started) to end. The first kind and reason win. Never blocks, never runs Lua.
  void Cancel(CancelKind kind, const std::string& reason);
  bool cancelled() const { return cancel_.load(std::memory_order_seq_cst) != CancelKind::kNone; }
  CancelKind cancel_kind() const { return cancel_.load(std::memory_order_seq_cst); }
  int64_t cancelled_at() const {
    const Cancellation* cancellation = cancellation_.load(std::memory_order_acquire);
    return cancellation ? cancellation->at : 0;
  }
  std::string cancel_reason();
  // Cleanup handlers of a cancelled goroutine share this time; afterwards their blocking calls fail.
  int64_t grace_end() const;
  bool grace_over() const;
  // A deadline after which it is cancelled with kind kTimeout; until then nothing it waits for is a deadlock. Called before
  // it is started.
  void StartDeadline(int64_t duration_ns);
  // Cancels it when `ender` ends, at once if it has. Called before it is started, without locks.
  void BindTo(Ref<WaitEnder> ender);
  // By itself, first of all: an ender tells those bound to it one after the other, and this one may start meanwhile.
  void NoticeEnder() {
    if (bond_ && bond_->ender && bond_->ender->ended()) EnderEnded(bond_->ender.get());
  }
  // By the ender, once, without locks.
  void EnderEnded(WaitEnder* ender);

  // -- Ending --
  // Filled by whoever runs it, before it settles.
  Outcome ending;
  // Makes `ending` its outcome, wakes who joined, tells the listener and the run. Called once, by the thread that ran it, while it
  // still holds the island, or by whoever ends an enrolled goroutine that nobody will launch.
  void Settle();
  void Settle(Outcome outcome) {
    ending = std::move(outcome);
    Settle();
  }
  bool settled() const { return settled_.load(std::memory_order_acquire); }
  // Valid once settled.
  const Outcome& outcome() const { return ending; }
  // Registers `joiner` to be claimed when the goroutine ends; false when it has ended already.
  bool AddJoiner(Waiter* joiner);
  void RemoveJoiner(Waiter* joiner);
  // Somebody wants to know how it ended: its error is theirs now.
  void Ask() { asked_.store(true, std::memory_order_release); }
  // Whoever asked before it ended gave up.
  void Unask() {
    if (!settled()) asked_.store(false, std::memory_order_release);
  }
  bool asked() const { return asked_.load(std::memory_order_acquire); }
  // Set before it is launched: it never runs, and fails with this message.
  Rare<std::string> refusal;
  Ref<EndListener> end_listener;
  uint16_t trace_name = 0;  // what a trace calls it; set when it is enrolled
  UncaughtRule uncaught_rule = UncaughtRule::kPrintAtOnce;
  // Only serves others: keeps no run alive, is cancelled when nobody else of its run is left, and no deadlock names it. Set
  // before it is started.
  bool daemon = false;
  // True while its cleanup handlers run, because it was cancelled, ends or leaves a block: waits are allowed until the grace
  // ends. Set by itself, before the waits it protects.
  std::atomic<bool> masked{false};

  void HoldLock(HeldLock* lock) { held_.PushBack(lock); }
  void DropLock(HeldLock* lock) { held_.Remove(lock); }
  // How it holds the lock that `handle` is; null when it does not.
  HeldLock* FindLock(const Handle* handle) const;

 protected:
  Goroutine(Scheduler* scheduler, Ref<Run> run, Ref<Island> island, Goroutine* parent, Ref<SpawnSite> site);
  ~Goroutine() override;
  Scheduler* scheduler() const { return scheduler_; }

 private:
  friend class Scheduler;
  friend class Island;
  friend class Run;
  friend class Worker;
  friend class Guest;
  // What else may end its waits, of the last limited one: let go of when the next one begins, or at the end.
  struct EnderOfWait {
    Waiter waiter;
    Ref<WaitEnder> ender;
    bool watched = false;
    const char* ended_by = nullptr;
  };
  struct Deadline final : DeadlineTarget {
    explicit Deadline(Goroutine* goroutine) : goroutine(goroutine) { timer.target = this; }
    void OnDeadline() override { goroutine->DeadlineOver(); }
    RefCounted* deadline_owner() override { return goroutine; }
    Goroutine* const goroutine;
    DeadlineTimer timer;
    std::atomic<bool> counts{true};  // in the deadlock domain; whoever clears it tells the domain
  };
  // Made once, under the lock, before `cancel_` is set.
  struct Cancellation {
    int64_t at = 0;
    std::string reason;
    Timer grace_timer;  // ends the wait of a cleanup handler that was begun before the cancellation
    bool grace_counts = false;  // the timer was started; in the deadlock domain until it settles. Guarded by the lock
  };
  enum class Awaits : uint8_t { kUnknown, kHandle, kSeveral };

  static void WakeWait(Wait* wait);
  void DeadlineOver();
  bool has_deadline() const { return deadline_ && deadline_->counts.load(std::memory_order_relaxed); }
  void ForgetDeadline();
  void ForgetBond();
  void CancelOne(CancelKind kind, const std::string& reason, WakeList* woken);

  Scheduler* const scheduler_;
  const uint64_t id_;
  const Ref<Run> run_;
  Ref<Island> island_;
  uint64_t parent_id_ = 0;
  const Ref<SpawnSite> site_;

  std::atomic<const char*> waiting_for_{nullptr};
  std::atomic<int64_t> waiting_since_{0};
  const char* cancelled_wait_ = nullptr;
  Timer wait_timer_;
  Rare<EnderOfWait> ender_;
  Worker* in_place_ = nullptr;  // the worker whose stack it blocks on; guarded by the island's lock
  ListNode ready_link_;         // island's ready list
  ListNode run_link_;           // run's list of live goroutines; guarded by the run's lock
  ListNode child_link_;         // parent's children; guarded by the run's lock
  Goroutine* parent_ = nullptr; // guarded by the run's lock
  List<Goroutine, &Goroutine::child_link_> children_;

  std::atomic<Cancellation*> cancellation_{nullptr};
  std::unique_ptr<Deadline> deadline_;         // made before it is started
  std::unique_ptr<Bond> bond_;                 // likewise; without an ender once it has ended
  List<HeldLock, &HeldLock::held_link> held_;

  // What takes a few bytes stands together.
  Mutex mutex_;
  std::atomic<GoState> state_{GoState::kNew};
  std::atomic<CancelKind> cancel_{CancelKind::kNone};
  std::atomic<bool> settled_{false};
  std::atomic<bool> asked_{false};
  Awaits awaits_ = Awaits::kUnknown;     // what wait_object is
  bool wait_counts_as_blocked_ = false;  // written before the wait is armed, read by parker and waker
  bool wait_within_grace_ = false;       // a cleanup handler's: the end of the grace ends it
  bool wait_timer_started_ = false;
  bool in_run_ = false;                  // guarded by the run's lock
  bool launched_ = false;                // counted by its deadlock domain; written by whoever launches it

  WaiterList joiners_ GUARDED_BY(mutex_);
};

}  // namespace sloth

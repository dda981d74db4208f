// A run: one main goroutine and everything it started. It knows when all have ended, when all are blocked for ever, and
// which errors nobody looked at.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "sched/goroutine.h"
#include "sched/host_end.h"

namespace sloth {

// Runs whose goroutines may wake each other: a deadlock is declared when every goroutine of the domain is blocked.
//
// Counted is everything that may still wake somebody: goroutines that are not blocked for ever, goroutines with a deadline,
// and whoever outside holds an end of a channel or the like. Called without locks.
class DeadlockDomain : public RefCounted {
 public:
  // What a run needs to be on the domain's list.
  struct Member {
    ListNode domain_link;
  };

  ~DeadlockDomain() override {
    for (Ref<HostEnd>& end : TakeEnds()) end->Forget(this);
  }
  void Unblocked() { unblocked_.fetch_add(1, std::memory_order_seq_cst); }
  // Declares the deadlock when this was the last one that could go on.
  void Blocked() {
    if (unblocked_.fetch_sub(1, std::memory_order_seq_cst) == 1) AllBlocked();
  }
  // Keeps the domain from a deadlock for a scope: around claiming and waking by a thread that is not counted.
  class Hold {
   public:
    explicit Hold(DeadlockDomain* domain) : domain_(domain) { domain_->Unblocked(); }
    ~Hold() { domain_->Blocked(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    const Ref<DeadlockDomain> domain_;
  };

  // Called by the end that begins or ceases to hold the domain up.
  void AddEnd(Ref<HostEnd> end) {
    MutexLock lock(mutex_);
    ends_.push_back(std::move(end));
  }
  void RemoveEnd(HostEnd* end) {
    Ref<HostEnd> removed;  // destroyed without the lock
    MutexLock lock(mutex_);
    for (Ref<HostEnd>& candidate : ends_) {
      if (candidate.get() == end) std::swap(candidate, removed);
    }
    std::erase_if(ends_, [](const Ref<HostEnd>& candidate) { return !candidate; });
  }

 private:
  friend class Run;
  void AllBlocked();
  std::vector<Ref<HostEnd>> TakeEnds() {
    MutexLock lock(mutex_);
    return std::move(ends_);
  }
  bool all_blocked() const { return unblocked_.load(std::memory_order_seq_cst) == 0; }

  std::atomic<int64_t> unblocked_{0};
  Mutex mutex_;
  List<Member, &Member::domain_link> runs_ GUARDED_BY(mutex_);
  std::vector<Ref<HostEnd>> ends_ GUARDED_BY(mutex_);
};

struct RunOptions {
  bool wait_for_all = true;  // false: when the main goroutine ends, the others are cancelled
  bool fail_fast = false;    // an uncaught error cancels everything
};

class Run : public RefCounted, private DeadlockDomain::Member {
 public:
  Run(uint64_t id, Ref<DeadlockDomain> domain, RunOptions options);

  uint64_t id() const { return id_; }
  DeadlockDomain* domain() const { return domain_.get(); }
  const RunOptions& options() const { return options_; }

  // The first goroutine added is the main one.
  void Add(Goroutine* goroutine, Goroutine* parent);
  // Called by Goroutine::Settle, last.
  void Ended(Goroutine* goroutine);
  // Cancels every live goroutine.
  void CancelAll(CancelKind kind, const std::string& reason);
  // os.exit: remembers the code and ends everything.
  void Exit(int code);
  bool exited() const { return exited_.load(std::memory_order_acquire); }
  int exit_code() const { return exit_code_.load(std::memory_order_acquire); }
  bool deadlocked() const { return deadlocked_.load(std::memory_order_acquire); }
  // Set once a cancellation of the whole run began; new goroutines are cancelled when they are added.
  CancelKind ending() const { return ending_.load(std::memory_order_seq_cst); }

  // Goroutines that keep it alive.
  size_t live() EXCLUDES(mutex_);
  // Errors reported so far because nobody asked.
  int uncaught() const { return uncaught_.load(std::memory_order_acquire); }
  // An error somebody should have looked at: counted, reported, and with fail_fast the end of the run.
  void ReportUncaught(Goroutine* goroutine);
  // An error that was already printed counts like the others.
  void CountUncaught() { uncaught_.fetch_add(1, std::memory_order_acq_rel); }
  // A failed goroutine whose error is reported at the end unless somebody asks by then.
  void ReportAtEnd(Goroutine* goroutine);
  Ref<Goroutine> main() EXCLUDES(mutex_);

  // How many goroutines are in which state; kinds of waits by the name of the operation.
  struct StateCounts {
    int64_t live = 0, ready = 0, running = 0, daemons = 0;
    int kinds = 0;
    const char* waiting_for[16];
    int64_t waiting[16];
  };
  StateCounts CountStates() EXCLUDES(mutex_);

  // A goroutine that had not ended, with the island it lived on then.
  struct LiveGoroutine {
    Ref<Goroutine> goroutine;
    Ref<Island> island;
    bool main;
  };
  // Adds every live goroutine to `list`.
  void ListLive(std::vector<LiveGoroutine>* list) EXCLUDES(mutex_);

  // -- for floor 5 --
  // One line per goroutine that a deadlock found blocked, in order of their ids.
  struct BlockedGoroutine {
    uint64_t id;
    std::string text;
  };
  void AddBlocked(BlockedGoroutine blocked) EXCLUDES(mutex_);

 protected:
  // Prints an uncaught error. Called without locks, on the thread that settled the goroutine.
  virtual void OnUncaught(Goroutine* goroutine) = 0;
  // Only daemons are left, and nobody wants them any more. Called without locks.
  virtual void OnOnlyDaemonsLeft() { CancelAll(CancelKind::kCancelled, "the run ended"); }
  // Everything has ended. Called once, without locks.
  virtual void OnEnd() = 0;
  ~Run() override;

  std::vector<BlockedGoroutine> TakeBlocked() EXCLUDES(mutex_);

 private:
  friend class DeadlockDomain;
  friend class Goroutine;
  void DeclareDeadlock(WakeList* woken);
  void MarkAllLocked(CancelKind kind, const std::string& reason, WakeList* woken) REQUIRES(mutex_);
  void CancelChildren(Goroutine* parent, CancelKind kind, const std::string& reason, WakeList* woken);

  const uint64_t id_;
  const Ref<DeadlockDomain> domain_;
  const RunOptions options_;
  std::atomic<bool> deadlocked_{false};
  std::atomic<bool> exited_{false};
  std::atomic<int> exit_code_{0};
  std::atomic<CancelKind> ending_{CancelKind::kNone};
  std::atomic<int> uncaught_{0};

  Mutex mutex_;
  std::string ending_reason_ GUARDED_BY(mutex_);
  List<Goroutine, &Goroutine::run_link_> live_list_ GUARDED_BY(mutex_);
  size_t live_ GUARDED_BY(mutex_) = 0;
  size_t daemons_ GUARDED_BY(mutex_) = 0;  // of those
  Ref<Goroutine> main_ GUARDED_BY(mutex_);
  std::vector<Ref<Goroutine>> unasked_ GUARDED_BY(mutex_);
  std::vector<BlockedGoroutine> blocked_ GUARDED_BY(mutex_);
};

}  // namespace sloth

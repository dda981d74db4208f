#include "sched/run.h"

#include <algorithm>

#include "sched/scheduler.h"

namespace sloth {

Run::Run(uint64_t id, Ref<DeadlockDomain> domain, RunOptions options) : id_(id), domain_(std::move(domain)), options_(options) {
  MutexLock lock(domain_->mutex_);
  domain_->runs_.PushBack(this);
}

Run::~Run() {
  MutexLock lock(domain_->mutex_);
  List<Member, &Member::domain_link>::Remove(this);
}

void DeadlockDomain::AllBlocked() {
  std::vector<Ref<Run>> runs;
  {
    MutexLock lock(mutex_);
    if (!all_blocked()) return;
    for (Member* member = runs_.front(); member; member = runs_.Next(member)) {
      auto* run = static_cast<Run*>(member);
      if (run->TryAddRef()) runs.push_back(Ref<Run>::Adopt(run));
    }
  }
  // All waits are claimed before anyone is woken, so that nobody's handlers wake those who are still to be named.
  WakeList woken;
  for (Ref<Run>& run : runs) run->DeclareDeadlock(&woken);
}

void Run::DeclareDeadlock(WakeList* woken) {
  MutexLock lock(mutex_);
  if (live_ == 0 || ending() != CancelKind::kNone) return;
  // A goroutine is counted before it is added: one that somebody outside has started since is seen here. Whoever makes the
  // count zero again looks again.
  if (!domain_->all_blocked()) return;
  deadlocked_.store(true, std::memory_order_release);
  MarkAllLocked(CancelKind::kDeadlock, "deadlock", woken);
}

void Run::MarkAllLocked(CancelKind kind, const std::string& reason, WakeList* woken) {
  if (ending() == CancelKind::kNone) {
    ending_reason_ = reason;
    ending_.store(kind, std::memory_order_seq_cst);
  }
  for (Goroutine* g = live_list_.front(); g; g = live_list_.Next(g)) g->CancelOne(kind, reason, woken);
}

void Run::CancelAll(CancelKind kind, const std::string& reason) {
  DeadlockDomain::Hold hold(domain_.get());
  Scheduler* scheduler = nullptr;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    MarkAllLocked(kind, reason, &woken);
    if (Goroutine* any = live_list_.front()) scheduler = any->scheduler_;
  }
  if (scheduler) scheduler->PokeRunning();
}

void Run::CancelChildren(Goroutine* parent, CancelKind kind, const std::string& reason, WakeList* woken) {
  std::vector<Goroutine*> pending{parent};
  while (!pending.empty()) {
    Goroutine* g = pending.back();
    pending.pop_back();
    for (Goroutine* child = g->children_.front(); child; child = g->children_.Next(child)) {
      child->CancelOne(kind, reason, woken);
      pending.push_back(child);
    }
  }
}

void Run::Exit(int code) {
  bool first = false;
  if (exited_.compare_exchange_strong(first, true)) exit_code_.store(code, std::memory_order_release);
  CancelAll(CancelKind::kExit, "os.exit");
}

void Run::Add(Goroutine* goroutine, Goroutine* parent) {
  WakeList woken;
  MutexLock lock(mutex_);
  goroutine->AddRef();
  goroutine->in_run_ = true;
  live_list_.PushBack(goroutine);
  live_++;
  if (goroutine->daemon) daemons_++;
  if (!main_) main_ = Ref<Goroutine>(goroutine);
  if (parent && parent->in_run_ && parent->run() == this) {
    goroutine->parent_ = parent;
    parent->children_.PushBack(goroutine);
    if (parent->cancelled() && !parent->masked.load(std::memory_order_relaxed)) {
      goroutine->CancelOne(parent->cancel_kind(), parent->cancel_reason(), &woken);
    }
  }
  if (ending() != CancelKind::kNone) goroutine->CancelOne(ending(), ending_reason_, &woken);
}

void Run::Ended(Goroutine* goroutine) {
  bool last = false;
  bool leaves_daemons = false;
  bool was_main = false;
  {
    MutexLock lock(mutex_);
    List<Goroutine, &Goroutine::run_link_>::Remove(goroutine);
    goroutine->in_run_ = false;
    // What it started lives on, as children of its own parent.
    while (Goroutine* child = goroutine->children_.PopFront()) {
      child->parent_ = goroutine->parent_;
      if (goroutine->parent_) goroutine->parent_->children_.PushBack(child);
    }
    if (goroutine->parent_) List<Goroutine, &Goroutine::child_link_>::Remove(goroutine);
    goroutine->parent_ = nullptr;
    if (goroutine->daemon) daemons_--;
    last = --live_ == 0;
    leaves_daemons = !last && !goroutine->daemon && live_ == daemons_;
    was_main = goroutine == main_.get();
  }
  Ref<Run> self(this);
  Ref<DeadlockDomain> domain = domain_;
  if (was_main && !options_.wait_for_all && !last) CancelAll(CancelKind::kCancelled, "the main chunk returned");
  if (leaves_daemons) OnOnlyDaemonsLeft();
  if (last) {
    std::vector<Ref<Goroutine>> unasked;
    {
      MutexLock lock(mutex_);
      unasked.swap(unasked_);
    }
    for (Ref<Goroutine>& g : unasked) {
      if (!g->asked()) ReportUncaught(g.get());
    }
    unasked.clear();
    OnEnd();
    Ref<Goroutine> main;  // let go of without the lock
    MutexLock lock(mutex_);
    std::swap(main, main_);
  }
  if (goroutine->launched_) domain->Blocked();  // an ended goroutine wakes nobody any more
  goroutine->Release();  // the run's reference; the scheduler still holds its own
}

size_t Run::live() {
  MutexLock lock(mutex_);
  return live_ - daemons_;
}

Ref<Goroutine> Run::main() {
  MutexLock lock(mutex_);
  return main_;
}

void Run::ReportUncaught(Goroutine* goroutine) {
  uncaught_.fetch_add(1, std::memory_order_acq_rel);
  OnUncaught(goroutine);
  if (options_.fail_fast) CancelAll(CancelKind::kCancelled, "another goroutine failed");
}

void Run::ReportAtEnd(Goroutine* goroutine) {
  if (options_.fail_fast) {
    ReportUncaught(goroutine);
    return;
  }
  MutexLock lock(mutex_);
  unasked_.push_back(Ref<Goroutine>(goroutine));
}

Run::StateCounts Run::CountStates() {
  StateCounts counts;
  MutexLock lock(mutex_);
  for (Goroutine* g = live_list_.front(); g; g = live_list_.Next(g)) {
    counts.live++;
    if (g->daemon) counts.daemons++;
    GoState state = g->state();
    if (state == GoState::kReady || state == GoState::kNew) counts.ready++;
    if (state == GoState::kRunning || state == GoState::kWoken) counts.running++;
    const char* what = g->waiting_for();
    if (!what || (state != GoState::kParked && state != GoState::kBlocked)) continue;
    int kind = 0;
    while (kind < counts.kinds && counts.waiting_for[kind] != what) kind++;
    if (kind == 16) continue;
    if (kind == counts.kinds) {
      counts.waiting_for[counts.kinds++] = what;
      counts.waiting[kind] = 0;
    }
    counts.waiting[kind]++;
  }
  return counts;
}

void Run::ListLive(std::vector<LiveGoroutine>* list) {
  MutexLock lock(mutex_);
  // While it is on the list it keeps its island.
  for (Goroutine* g = live_list_.front(); g; g = live_list_.Next(g)) {
    list->push_back({Ref<Goroutine>(g), Ref<Island>(g->island()), g == main_.get()});
  }
}

void Run::AddBlocked(BlockedGoroutine blocked) {
  MutexLock lock(mutex_);
  blocked_.push_back(std::move(blocked));
}

std::vector<Run::BlockedGoroutine> Run::TakeBlocked() {
  MutexLock lock(mutex_);
  std::vector<BlockedGoroutine> blocked;
  blocked.swap(blocked_);
  std::sort(blocked.begin(), blocked.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return blocked;
}

}  // namespace sloth

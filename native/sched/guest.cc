#include "sched/guest.h"

#include <sched.h>

#include <algorithm>

#include "sched/scheduler.h"

namespace sloth {
namespace {

// How often the host is asked, in the middle of a long entry, whether it goes on.
constexpr int64_t kHostCheck = 100 * kMillisecond;

thread_local Guest* current_guest __attribute__((tls_model("initial-exec"))) = nullptr;

}  // namespace

Guest* Guest::Current() { return current_guest; }

Guest::Guest(Scheduler* scheduler, Ref<Island> island) : scheduler_(scheduler), island_(std::move(island)), thread_(pthread_self()) {
  CHECK(island_->TryHold());
  target_.context = this;
  target_.strike.store(StrikeThis, std::memory_order_relaxed);
  MutexLock lock(scheduler_->mutex_);
  scheduler_->guests_.push_back(this);
}

Guest::~Guest() {
  CHECK(island_->buried());
  MutexLock lock(scheduler_->mutex_);
  std::erase(scheduler_->guests_, this);
}

void Guest::Adopt(Goroutine* goroutine) {
  goroutine->run()->domain()->Unblocked();
  scheduler_->Enroll(goroutine, nullptr);
  // No goroutine to those who count and limit them.
  scheduler_->counters().live.fetch_sub(1, std::memory_order_relaxed);
  scheduler_->counters().spawned.fetch_sub(1, std::memory_order_relaxed);
  goroutine->launched_ = true;
  goroutine->state_.store(GoState::kRunning, std::memory_order_release);
}

void Guest::End(Goroutine* goroutine, Outcome outcome) {
  Ref<Goroutine> keep(goroutine);
  scheduler_->counters().live.fetch_add(1, std::memory_order_relaxed);
  goroutine->Settle(std::move(outcome));
  island_->pins_.fetch_sub(1, std::memory_order_acq_rel);
  goroutine->island_ = nullptr;
  goroutine->Release();  // the scheduler's reference
}

Guest::Entry Guest::Enter(Goroutine* goroutine, int64_t timeout_ns) {
  Entry entry{ExchangeInterruptTarget(&target_), current_guest, current(), deadline_.load(std::memory_order_relaxed)};
  current_guest = this;
  current_.store(goroutine, std::memory_order_relaxed);
  island_->running_ = goroutine;
  if (timeout_ns != kForever) {
    int64_t deadline = DeadlineAfter(scheduler_->machine_clock()->Now(), timeout_ns);
    deadline_.store(std::min(deadline, entry.deadline), std::memory_order_relaxed);
    over_time_.store(false, std::memory_order_relaxed);
  }
  if (depth_++ == 0) {
    entries_.fetch_add(1, std::memory_order_seq_cst);
    scheduler_->RouseWatchdog();
  }
  return entry;
}

void Guest::Leave(const Entry& entry) {
  if (--depth_ == 0) entries_.store(entries_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (deadline_.load(std::memory_order_relaxed) != entry.deadline) {
    deadline_.store(entry.deadline, std::memory_order_relaxed);
    over_time_.store(false, std::memory_order_relaxed);
  }
  island_->running_ = entry.goroutine;
  current_.store(entry.goroutine, std::memory_order_relaxed);
  current_guest = entry.guest;
  ExchangeInterruptTarget(entry.target);
}

void Guest::NoticeDeadline() {
  int64_t deadline = deadline_.load(std::memory_order_relaxed);
  if (deadline == kForever || scheduler_->machine_clock()->Now() < deadline) return;
  if (!current()->cancelled()) current()->Cancel(CancelKind::kTimeout, "timeout exceeded");
}

void Guest::StrikeThis(void* context) {
  auto* guest = static_cast<Guest*>(context);
  guest->island_->Strike(guest->current());
}

void Guest::EndWaitAtOnce(Goroutine* goroutine) {
  // Who won against us has written the result, and wakes us in a moment.
  if (!goroutine->wait.TryClaim(Wait::kCancelled)) {
    while (goroutine->state() != GoState::kWoken) sched_yield();
  }
  goroutine->state_.store(GoState::kRunning, std::memory_order_release);
}

void Guest::RunErrands() {
  {
    MutexLock lock(island_->mutex_);
    island_->errands_ = false;
    island_->errands_asked_.store(false, std::memory_order_relaxed);
  }
  island_->RunErrands();
}

void Guest::Bury() {
  CHECK(depth_ == 0);
  RunErrands();
  {
    MutexLock lock(island_->mutex_);
    island_->phase_ = Island::Phase::kBuried;
  }
  Entry entry = Enter(nullptr, kForever);
  island_->Bury();
  Leave(entry);
}

bool Scheduler::AnyGuestInside() {
  MutexLock lock(mutex_);
  for (Guest* guest : guests_) {
    if (guest->entries_.load(std::memory_order_seq_cst) % 2 == 1) return true;
  }
  return false;
}

bool Scheduler::InspectGuestsLocked(int64_t now, bool strike) {
  bool any_inside = false;
  for (Guest* guest : guests_) {
    uint64_t entries = guest->entries_.load(std::memory_order_seq_cst);
    if (entries % 2 == 0) continue;
    any_inside = true;
    if (entries != guest->seen_entries_) {
      guest->seen_entries_ = entries;
      guest->struck_at_ = guest->checked_at_ = now;
    }
    bool over = now >= guest->deadline_.load(std::memory_order_relaxed);
    bool first = over && !guest->over_time_.exchange(true, std::memory_order_relaxed);
    bool check = now - guest->checked_at_ >= kHostCheck;
    if (check) {
      guest->checked_at_ = now;
      guest->host_check_.store(true, std::memory_order_relaxed);
    }
    bool burial = guest->current_.load(std::memory_order_relaxed) == nullptr;
    bool again = (over || burial) && now - guest->struck_at_ >= options_.slice_ns;
    if (!strike && !first && !check && !again) continue;
    guest->struck_at_ = now;
    SendInterrupt(guest->thread_);
  }
  return any_inside;
}

}  // namespace sloth

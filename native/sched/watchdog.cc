// The watchdog: one thread that fires timers, ends slices that last too long, interrupts what was cancelled, replaces workers
// that are stuck in C, and frees what waits in the slot of a busy worker.
//
// In a deterministic run the worker fires the timers and slices end by themselves; the watchdog interrupts only what the host
// cancelled, and burials.
#include "sched/guest.h"
#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {
namespace {

constexpr int64_t kTick = 2 * kMillisecond;
constexpr int kIdleTicks = 25;  // ticks without a busy worker before it sleeps
constexpr int64_t kLongRun = 5 * kSecond;

}  // namespace

void* Scheduler::WatchdogMain(void* scheduler) {
  static_cast<Scheduler*>(scheduler)->WatchdogLoop();
  return nullptr;
}

void Scheduler::StartTimer(Timer* timer, int64_t deadline) {
  if (!timers_.Start(timer, deadline)) return;
  if (turns_) {
    if (!CurrentWorker()) turns_->Poke();
    return;
  }
  {
    MutexLock lock(watchdog_mutex_);
    if (deadline >= watchdog_until_) return;
    watchdog_poked_ = true;
  }
  watchdog_condition_.NotifyOne();
}

void Scheduler::PokeWatchdog(bool strike) {
  {
    MutexLock lock(watchdog_mutex_);
    watchdog_poked_ = true;
    if (strike) watchdog_strike_ = true;
  }
  watchdog_condition_.NotifyOne();
}

void Scheduler::PokeRunning() {
  if (turns_) {
    Worker* worker = CurrentWorker();
    if (worker && worker->scheduler() == this) return Worker::StrikeThis(worker);  // nobody else runs
    turns_->CancelledFromOutside();
  }
  PokeWatchdog(true);
}

void Scheduler::WatchdogLoop() {
  int idle_ticks = 0;
  watchdog_mutex_.Lock();
  while (!watchdog_stop_) {
    bool strike = watchdog_strike_;
    watchdog_poked_ = watchdog_strike_ = false;
    watchdog_mutex_.Unlock();

    int64_t now = machine_clock()->Now();
    int64_t until = turns_ ? kForever : timers_.Fire(now);
    bool any_busy = turns_ ? InspectDeterministicWorkers(now, strike) : InspectWorkers(now, strike);
    idle_ticks = any_busy ? 0 : idle_ticks + 1;
    if (idle_ticks < kIdleTicks) {
      if (now + kTick < until) until = now + kTick;
    } else {
      watchdog_asleep_.store(true, std::memory_order_seq_cst);
      // A worker that began before it could see the flag is seen here instead.
      bool began = turns_ ? InspectDeterministicWorkers(now, false)
                          : active_.load(std::memory_order_seq_cst) > 0 || AnyGuestInside();
      if (began) until = now + kTick < until ? now + kTick : until;
    }

    watchdog_mutex_.Lock();
    // A timer started meanwhile compared itself with the old bound: look again under the lock that orders us.
    int64_t next_timer = turns_ ? kForever : timers_.NextDeadline();
    watchdog_until_ = next_timer < until ? next_timer : until;
    if (!watchdog_poked_ && !watchdog_stop_) {
      if (watchdog_until_ == kForever) {
        watchdog_condition_.Wait(watchdog_mutex_);
      } else {
        int64_t duration = watchdog_until_ - machine_clock()->Now();
        if (duration > 0) watchdog_condition_.WaitFor(watchdog_mutex_, duration);
      }
    }
    watchdog_until_ = 0;  // awake: nobody need poke
    if (watchdog_asleep_.exchange(false)) idle_ticks = 0;
  }
  watchdog_mutex_.Unlock();
}

bool Scheduler::InspectWorkers(int64_t now, bool strike) {
  bool any_busy = false;
  bool wake = false;
  {
    MutexLock lock(mutex_);
    any_busy = InspectGuestsLocked(now, strike);
    for (auto& entry : workers_) {
      Worker* worker = entry.get();
      if (worker->exited_ || !worker->busy_.load(std::memory_order_relaxed)) continue;
      any_busy = true;
      uint64_t slices = worker->slices_.load(std::memory_order_relaxed);
      if (slices != worker->seen_slices_) {
        worker->seen_slices_ = slices;
        worker->seen_slices_since_ = now;
      } else if (now - worker->seen_slices_since_ >= options_.slice_ns) {
        worker->slice_over_.store(true, std::memory_order_relaxed);
      }
      uint64_t progress = worker->progress_.load(std::memory_order_relaxed);
      if (progress != worker->seen_progress_) {
        worker->seen_progress_ = progress;
        worker->seen_progress_since_ = now;
        worker->struck_at_ = now;
        worker->ignores_since_ = 0;
        if (strike) SendInterrupt(worker->thread_);
        continue;
      }
      // The same goroutine as at the last look.
      if (Island* waiting = worker->slot_.exchange(nullptr, std::memory_order_acq_rel)) {
        queued_.fetch_add(1, std::memory_order_seq_cst);
        CHECK(inbox_.TryPush(FromSlot(waiting)));
        wake = true;
      }
      int64_t ran = now - worker->seen_progress_since_;
      if (ran >= kLongRun && worker->warned_progress_ != progress) {
        worker->warned_progress_ = progress;
        worker->warn_long_run.store(true, std::memory_order_relaxed);
      }
      bool others_wait = ran >= options_.slice_ns && HasWaitingWork();
      if (!others_wait) worker->ignores_since_ = 0;
      bool asked_first = others_wait && worker->ignores_since_ == 0;
      if (asked_first) worker->ignores_since_ = now;
      if (strike || asked_first || now - worker->struck_at_ >= options_.slice_ns) {
        worker->struck_at_ = now;
        SendInterrupt(worker->thread_);
      }
      // Asked for a whole slice and still there: it is stuck in C, or where Lua cannot yield.
      if (others_wait && now - worker->ignores_since_ >= options_.slice_ns && worker->has_token_) {
        TakeTokenLocked(worker);
        worker->token_taken_.store(true, std::memory_order_relaxed);
        counters_.stuck.fetch_add(1, std::memory_order_relaxed);
        wake = true;
      }
    }
  }
  if (wake) WakeOneIfUseful();
  return any_busy;
}

bool Scheduler::InspectDeterministicWorkers(int64_t now, bool strike) {
  bool any_busy = false;
  MutexLock lock(mutex_);
  for (auto& entry : workers_) {
    Worker* worker = entry.get();
    if (worker->exited_ || !worker->busy_.load(std::memory_order_relaxed)) continue;
    any_busy = true;
    bool burial_lasts = worker->burying_.load(std::memory_order_relaxed) && now - worker->struck_at_ >= options_.slice_ns;
    if (!strike && !burial_lasts) continue;
    worker->struck_at_ = now;
    SendInterrupt(worker->thread_);
  }
  return any_busy;
}

}  // namespace sloth

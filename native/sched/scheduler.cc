#include "sched/scheduler.h"

#include <algorithm>
#include <thread>

#include "base/cruelty.h"
#include "sched/worker.h"

namespace sloth {
namespace {

thread_local Worker* current_worker = nullptr;
constexpr int64_t kPreemptedPatience = 100 * kMillisecond;

SchedulerOptions OneAtATime(SchedulerOptions options, const Clock* virtual_clock) {
  if (virtual_clock) options.workers = 1;
  return options;
}

}  // namespace

Worker* Scheduler::CurrentWorker() { return current_worker; }

Scheduler::Scheduler(const SchedulerOptions& options, Clock* clock)
    : options_(OneAtATime(options, clock->AsVirtual())),
      clock_(clock),
      turns_(clock->AsVirtual() ? std::make_unique<Turns>(options.seed, clock->AsVirtual(), &timers_) : nullptr),
      tokens_(options_.workers),
      may_look_(!turns_ && std::thread::hardware_concurrency() > 1) {
  InstallInterruptHandler();
  SignalsBlocked blocked;
  CHECK(pthread_create(&watchdog_thread_, nullptr, WatchdogMain, this) == 0);
}

Scheduler::~Scheduler() {
  CHECK(stopped_);
  // What was abandoned or came too late.
  while (!inbox_.empty()) inbox_.Pop()->Release();
  while (!preempted_.empty()) preempted_.Pop()->Release();
  while (Island* island = turns_ ? turns_->TakeLeft() : nullptr) island->Release();
}

void Scheduler::Start(Goroutine* goroutine, Goroutine* parent) {
  // Counted before it is added: another run's last goroutine may block at this moment.
  goroutine->run()->domain()->Unblocked();
  Enroll(goroutine, parent);
  LaunchCounted(goroutine);
}

void Scheduler::Enroll(Goroutine* goroutine, Goroutine* parent) {
  goroutine->AddRef();  // the scheduler's reference, released when it is done
  goroutine->island()->Pin();
  counters_.live.fetch_add(1, std::memory_order_relaxed);
  counters_.spawned.fetch_add(1, std::memory_order_relaxed);
  if (options_.trace) [[unlikely]] {
    TraceBuffer* trace = TraceHere();
    trace ? trace->Spawn(goroutine, goroutine->parent_id()) : options_.trace->SpawnOutside(goroutine, goroutine->parent_id());
  }
  if (Watches(GoroutineEvent::kSpawned)) [[unlikely]] {
    Tell({GoroutineEvent::kSpawned, goroutine->run()->id(), goroutine->id(), goroutine->parent_id(), goroutine->spawn_site()});
  }
  goroutine->run()->Add(goroutine, parent);
}

void Scheduler::Launch(Goroutine* goroutine) {
  goroutine->run()->domain()->Unblocked();
  LaunchCounted(goroutine);
}

void Scheduler::LaunchCounted(Goroutine* goroutine) {
  goroutine->launched_ = true;
  CHECK(goroutine->state_.exchange(GoState::kReady, std::memory_order_acq_rel) == GoState::kNew);
  MakeRun(goroutine);
}

void Scheduler::MakeRun(Goroutine* goroutine) {
  Worker* worker = current_worker;
  bool here = worker && worker->scheduler_ == this && worker->busy_.load(std::memory_order_relaxed);
  bool to_slot = here && !turns_ && !IsCruel(Cruelty::kScatter);
  Island* island = goroutine->island();
  Ref<Island> keep;
  {
    MutexLock lock(island->mutex_);
    bool idle = island->phase_ == Island::Phase::kIdle;
    if (idle && to_slot) {
      island->phase_ = Island::Phase::kHeld;
      island->for_slot_ = goroutine;
    } else {
      island->ready_.PushBack(goroutine);
      if (idle) island->phase_ = Island::Phase::kQueued;  // nobody runs it until it is
      // Whoever holds it may run the goroutine to its end before we let go of the lock. Where it is buried the runtime closes,
      // and the goroutine is abandoned.
      if (!idle) keep = Ref<Island>(island);
    }
  }
  if (keep) return;
  if (!to_slot) return QueueIsland(island);
  Island* earlier = worker->slot_.exchange(island, std::memory_order_acq_rel);
  if (!earlier) return;  // it waits for this worker's next move; the watchdog frees it if that takes long
  worker->QueueHere(FromSlot(earlier));
  WakeOneIfUseful();
}

void Scheduler::Ready(Goroutine* goroutine) {
  for (;;) {
    GoState state = goroutine->state_.load(std::memory_order_acquire);
    if (state == GoState::kParked || state == GoState::kBlocked) {
      goroutine->state_.store(GoState::kReady, std::memory_order_release);  // nobody else wakes it
      break;
    }
    // Between running and parked the worker moves the state itself.
    CHECK(state == GoState::kRunning);
    if (goroutine->state_.compare_exchange_strong(state, GoState::kWoken, std::memory_order_acq_rel)) return;
  }
  if (goroutine->wait_counts_as_blocked_) goroutine->run()->domain()->Unblocked();
  MakeRun(goroutine);
}

Island* Scheduler::FromSlot(Island* island) {
  {
    MutexLock lock(island->mutex_);
    CHECK(island->phase_ == Island::Phase::kHeld);
    island->ready_.PushFront(std::exchange(island->for_slot_, nullptr));
    island->phase_ = Island::Phase::kQueued;
  }
  island->AddRef();
  return island;
}

void Scheduler::QueueIsland(Island* island) {
  island->AddRef();  // the queue's reference
  Worker* worker = current_worker;
  bool of_program = worker && worker->scheduler_ == this;
  bool here = of_program && worker->busy_.load(std::memory_order_relaxed);
  if (turns_) {
    of_program ? turns_->Add(island) : turns_->AddFromOutside(island);
  } else if (here && !IsCruel(Cruelty::kScatter)) {
    worker->QueueHere(island);
  } else {
    MutexLock lock(mutex_);
    queued_.fetch_add(1, std::memory_order_seq_cst);
    CHECK(inbox_.TryPush(std::move(island)));
  }
  WakeOneIfUseful();
}

void Scheduler::QueuePreempted(Island* island) {
  if (turns_) return QueueIsland(island);
  island->AddRef();
  {
    MutexLock lock(mutex_);
    queued_.fetch_add(1, std::memory_order_seq_cst);
    CHECK(preempted_.TryPush(std::move(island)));
  }
  WakeOneIfUseful();
}

Scheduler::Next Scheduler::NextIsland(Worker* worker) {
  if (turns_) return {turns_->Next(stopping_)};
  Island* next = worker->slot_.exchange(nullptr, std::memory_order_acq_rel);
  bool slice_over = worker->slice_over_.load(std::memory_order_relaxed);
  if (next && !slice_over) return {next, true};  // inherits the rest of the slice
  worker->slices_.fetch_add(1, std::memory_order_relaxed);
  worker->slice_over_.store(false, std::memory_order_relaxed);
  if (next) worker->QueueHere(FromSlot(next));
  next = nullptr;
  bool look_elsewhere_first = slice_over || (++worker->ticks_ & 63) == 0;
  if (!look_elsewhere_first) next = worker->TakeFromQueue();
  if (!next) next = TakeShared();
  if (!next) next = worker->TakeFromQueue();
  if (!next) next = Steal(worker);
  if (!next) {
    if (Island* woken = StealSlot(worker)) return {woken, true};
    next = TakePreempted();
  }
  if (!next) return {};
  // One who queues wakes one; who was woken wakes the next.
  if (queued_.fetch_sub(1, std::memory_order_seq_cst) > 1) WakeOneIfUseful();
  return {next};
}

Island* Scheduler::TakeShared() {
  MutexLock lock(mutex_);
  if (!preempted_.empty()) {
    // One of them now and then, lest those that are woken again and again keep them waiting for ever.
    int64_t waits_since = std::max(preempted_.front()->preempted_at_, preempted_ran_at_);
    if (clock_->Now() - waits_since > kPreemptedPatience) return TakePreemptedLocked();
  }
  return inbox_.empty() ? nullptr : inbox_.Pop();
}

Island* Scheduler::TakePreempted() {
  MutexLock lock(mutex_);
  return preempted_.empty() ? nullptr : TakePreemptedLocked();
}

Island* Scheduler::TakePreemptedLocked() {
  preempted_ran_at_ = clock_->Now();
  return preempted_.Pop();
}

Island* Scheduler::Steal(Worker* thief) {
  MutexLock lock(mutex_);
  for (auto& victim : workers_) {
    if (victim.get() == thief) continue;
    Island* island = thief->StealFrom(victim.get());
    if (!island) continue;
    NoteSteal(island, victim.get());
    return island;
  }
  return nullptr;
}

void Scheduler::NoteSteal(Island* island, Worker* victim) {
  counters_.steals.fetch_add(1, std::memory_order_relaxed);
  if (TraceBuffer* trace = TraceHere()) [[unlikely]] trace->Steal(island->number(), victim->number_);
}

Island* Scheduler::StealSlot(Worker* thief) {
  MutexLock lock(mutex_);
  // While nobody was preempted the workers are not short, and what waits in a slot is soon run where it is.
  if (preempted_.empty()) return nullptr;
  for (auto& victim : workers_) {
    if (victim.get() == thief) continue;
    Island* island = victim->slot_.exchange(nullptr, std::memory_order_acq_rel);
    if (!island) continue;
    NoteSteal(island, victim.get());
    return island;
  }
  return nullptr;
}

void Scheduler::GiveTokenLocked(Worker* worker) {
  CHECK(!worker->has_token_);
  worker->has_token_ = true;
  active_.fetch_add(1, std::memory_order_seq_cst);
}

void Scheduler::TakeTokenLocked(Worker* worker) {
  CHECK(worker->has_token_);
  worker->has_token_ = false;
  active_.fetch_sub(1, std::memory_order_seq_cst);
}

void Scheduler::WakeOneIfUseful() {
  if (active_.load(std::memory_order_seq_cst) >= workers()) return;
  // It sees what was queued, also when it has just stopped looking; and wakes the next if there is more.
  if (looking_.load(std::memory_order_seq_cst)) return;
  Worker* woken = nullptr;
  {
    MutexLock lock(mutex_);
    // In a deterministic run somebody always waits for what comes next.
    if (stopping_.load() || (queued_.load() <= 0 && !turns_) || active_.load() >= workers()) return;
    if (!idle_.empty()) {
      woken = idle_.back();
      idle_.pop_back();
      woken->woken_ = true;
      GiveTokenLocked(woken);
    } else if (static_cast<int>(workers_.size()) < options_.workers + options_.spare_workers) {
      StartWorkerLocked();
    }
  }
  if (woken) woken->wake_.NotifyOne();
}

Worker* Scheduler::StartWorkerLocked() {
  workers_.push_back(std::make_unique<Worker>(this, static_cast<int>(workers_.size()) + 1));
  Worker* worker = workers_.back().get();
  SignalsBlocked blocked;
  int error = pthread_create(&worker->thread_, nullptr, WorkerMain, worker);
  if (error != 0) {
    workers_.pop_back();
    CHECK(!workers_.empty() && "no thread could be started");
    return nullptr;
  }
  GiveTokenLocked(worker);
  return worker;
}

void* Scheduler::WorkerMain(void* argument) {
  auto* worker = static_cast<Worker*>(argument);
  current_worker = worker;
  worker->Loop();
  current_worker = nullptr;
  Scheduler* scheduler = worker->scheduler_;
  MutexLock lock(scheduler->mutex_);
  if (worker->has_token_) scheduler->TakeTokenLocked(worker);
  worker->exited_ = true;
  scheduler->exited_workers_++;
  scheduler->all_exited_.NotifyAll();
  return nullptr;
}

int Scheduler::Stop(int64_t deadline_ns) {
  stopping_.store(true, std::memory_order_seq_cst);
  std::vector<Worker*> idle;
  {
    MutexLock lock(mutex_);
    idle.swap(idle_);
    for (Worker* worker : idle) worker->woken_ = true;
  }
  for (Worker* worker : idle) worker->wake_.NotifyOne();
  if (turns_) turns_->Poke();
  int left = 0;
  std::vector<pthread_t> exited;
  {
    MutexLock lock(mutex_);
    while (exited_workers_ < static_cast<int>(workers_.size())) {
      int64_t remaining = deadline_ns - machine_clock()->Now();
      if (remaining <= 0) break;
      all_exited_.WaitFor(mutex_, remaining);
    }
    for (auto& worker : workers_) {
      if (worker->exited_) {
        exited.push_back(worker->thread_);
        continue;
      }
      left++;
      pthread_detach(worker->thread_);
    }
    stopped_ = true;
  }
  for (pthread_t thread : exited) pthread_join(thread, nullptr);
  {
    MutexLock lock(watchdog_mutex_);
    watchdog_stop_ = true;
  }
  watchdog_condition_.NotifyOne();
  pthread_join(watchdog_thread_, nullptr);
  return left;
}

}  // namespace sloth

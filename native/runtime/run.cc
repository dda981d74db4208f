#include "runtime/run.h"

namespace sloth {

void RuntimeRun::StartDeadline(int64_t duration_ns) {
  if (duration_ns == kForever) return;
  Scheduler* scheduler = runtime_->scheduler_.get();
  scheduler->StartTimer(&deadline_timer_, DeadlineAfter(scheduler->clock()->Now(), duration_ns));
}

void RuntimeRun::BeCallback() {
  is_callback_ = true;
  if (Turns* turns = runtime_->scheduler_->turns()) turns->CalledBack();
}

void RuntimeRun::OnDeadline() { CancelAll(CancelKind::kTimeout, "timeout exceeded"); }

void RuntimeRun::CancelByHost(const std::string& reason) {
  cancelled_by_host_.store(true, std::memory_order_relaxed);
  CancelAll(CancelKind::kCancelled, reason);
}

void RuntimeRun::OnPlacement(const std::string& text) {
  {
    MutexLock lock(text_mutex_);
    if (!told_.insert(text).second) return;
  }
  std::string line = "explain: " + text + "\n";
  runtime_->world_.err->Write(line.data(), line.size());
}

void RuntimeRun::OnUncaught(Goroutine* goroutine) {
  const Failure& failure = *goroutine->outcome().failure;
  std::string text = "goroutine " + std::to_string(goroutine->id()) + " failed: " + failure.message + "\n";
  {
    MutexLock lock(text_mutex_);
    if (earlier_errors_.size() < 100) earlier_errors_.push_back(text);
  }
  if (runtime_->options_.reports_uncaught) {
    runtime_->listener_->UncaughtError(id(), {goroutine->id(), failure.message, failure.traceback, goroutine->spawn_site()});
    return;
  }
  if (!failure.traceback.empty()) text += failure.traceback + "\n";
  if (*goroutine->spawn_site()) {
    text += "spawned at " + std::string(goroutine->spawn_site()) + " by goroutine " + std::to_string(goroutine->parent_id()) + "\n";
  }
  runtime_->world_.err->Write(text.data(), text.size());
}

std::string RuntimeRun::DeadlockText(const Outcome& outcome) {
  std::vector<BlockedGoroutine> blocked = TakeBlocked();
  std::string text = "deadlock: " + std::to_string(blocked.size()) +
                     (blocked.size() == 1 ? " goroutine is blocked and nothing can wake it" : " goroutines are blocked and nothing can wake them");
  constexpr size_t kMost = 100;
  for (size_t i = 0; i < blocked.size() && i < kMost; i++) text += "\n\n" + blocked[i].text;
  if (blocked.size() > kMost) text += "\n\n... and " + std::to_string(blocked.size() - kMost) + " more";
  MutexLock lock(text_mutex_);
  bool main_failed = outcome.kind == OutcomeKind::kFailed;
  if (main_failed || !earlier_errors_.empty()) text += "\n\nerrors before the deadlock:";
  if (main_failed) text += "\nthe main chunk failed: " + outcome.failure->message + "\n" + outcome.failure->traceback;
  for (const std::string& error : earlier_errors_) text += "\n" + error.substr(0, error.size() - 1);
  return text;
}

RunReport RuntimeRun::MakeReport() {
  Ref<Goroutine> decisive = primary ? primary : main();
  const Outcome& outcome = decisive->outcome();
  RunReport report;
  report.uncaught = uncaught();
  report.message = outcome.failure->message;
  report.traceback = outcome.failure->traceback;
  if (exited()) {
    report.kind = "exit";
    report.exit_code = exit_code();
    report.message = "os.exit";
  } else if (deadlocked()) {
    report.kind = "deadlock";
    report.message = DeadlockText(outcome);
    report.traceback.clear();
  } else if (ending() == CancelKind::kTimeout) {
    report.kind = "timeout";
    report.message = "timeout exceeded";
  } else if (cancelled_by_host_.load(std::memory_order_relaxed) && !(result_stands && outcome.kind == OutcomeKind::kDone)) {
    report.kind = "cancelled";
    if (report.message.empty()) report.message = "cancelled";
  } else if (outcome.kind == OutcomeKind::kFailed) {
    const char* kind = outcome.failure->kind == FailureKind::kMemory ? "memory" : "failed";
    report.kind = syntax_error_.load(std::memory_order_relaxed) ? "syntax" : kind;
    report.error = outcome.failure->host_error;
  } else if (outcome.kind == OutcomeKind::kCancelled) {
    report.kind = options().fail_fast && report.uncaught > 0 ? "failed" : "cancelled";
  } else {
    report.values = outcome.results;
  }
  return report;
}

void RuntimeRun::OnOnlyDaemonsLeft() {
  of_engine_ ? runtime_->listener_->EngineIdle() : LuaRun::OnOnlyDaemonsLeft();
}

void RuntimeRun::OnEnd() {
  if (deadline_timer_.deadline) runtime_->scheduler_->timers()->Stop(&deadline_timer_);
  for (Ref<Pool>& pool : pools.TakeAll()) ReportPool(&runtime_->world_, this, pool.get());
  RunReport report = MakeReport();
  primary = nullptr;
  if (Turns* turns = runtime_->scheduler_->turns(); turns && is_callback_) turns->CallbackEnded();
  runtime_->Ended(id(), std::move(report));
}

}  // namespace sloth

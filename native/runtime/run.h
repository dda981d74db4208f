// A run as the runtime keeps it: prints what nobody catches, knows its time limit, and reports how it ended.
#pragma once

#include <set>
#include <string>

#include "runtime/runtime.h"

namespace sloth {

class RuntimeRun final : public LuaRun, public DeadlineTarget {
 public:
  RuntimeRun(Runtime* runtime, uint64_t id, Ref<DeadlockDomain> domain, RunOptions options)
      : LuaRun(id, std::move(domain), options), runtime_(runtime) {
    deadline_timer_.target = this;
  }

  // What it returned stands, although it was cancelled then.
  bool result_stands = false;

  // It is a function that the host called.
  void BeCallback();
  // It is an engine's: daemons keep it open.
  void BelongToEngine() { of_engine_ = true; }
  void StartDeadline(int64_t duration_ns);
  void CancelByHost(const std::string& reason);
  void OnPlacement(const std::string& text) override;
  // The main chunk did not compile.
  void NoteSyntaxError() { syntax_error_.store(true, std::memory_order_relaxed); }

  void OnDeadline() override;
  RefCounted* deadline_owner() override { return this; }

 protected:
  void OnUncaught(Goroutine* goroutine) override;
  void OnOnlyDaemonsLeft() override;
  void OnEnd() override;

 private:
  RunReport MakeReport();
  std::string DeadlockText(const Outcome& outcome);

  const Ref<Runtime> runtime_;
  DeadlineTimer deadline_timer_;
  bool is_callback_ = false;
  bool of_engine_ = false;
  std::atomic<bool> cancelled_by_host_{false};
  std::atomic<bool> syntax_error_{false};
  Mutex text_mutex_;
  std::set<std::string> told_ GUARDED_BY(text_mutex_);
  std::vector<std::string> earlier_errors_ GUARDED_BY(text_mutex_);
};

}  // namespace sloth

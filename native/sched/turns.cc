#include "sched/turns.h"

#include <algorithm>
#include <utility>

namespace sloth {
namespace {

// Of the machine's time. A call may depend on what another one's answer leads to: who waits for all answers must not wait for
// ever.
constexpr int64_t kPatience = kSecond;
constexpr uint32_t kLongestSlice = 14;  // as a power of two
constexpr uint32_t kShortestSlice = 4;

}  // namespace

int Turns::SliceLength() {
  uint32_t most = 1u << (kShortestSlice + random_.Below(kLongestSlice - kShortestSlice + 1));
  return static_cast<int>(most / 2 + random_.Below(most / 2) + 1);
}

void Turns::FireDue() {
  int64_t now = clock_->Peek();
  if (timers_->NextDeadline() <= now) timers_->Fire(now);
}

bool Turns::Alone() {
  if (timers_->NextDeadline() <= clock_->Peek()) return false;
  MutexLock lock(mutex_);
  return ready_.empty();
}

Island* Turns::Next(const std::atomic<bool>& stopping) {
  for (;;) {
    FireDue();
    Ref<OutsideCall> answer;
    GoroutineWatcher* told = nullptr;
    {
      MutexLock lock(mutex_);
      if (ready_.empty()) ready_.swap(outside_);
      if (!ready_.empty()) {
        uint32_t chosen = Choose(static_cast<uint32_t>(ready_.size()));
        Island* island = ready_[chosen];
        ready_[chosen] = ready_.back();
        ready_.pop_back();
        return island;
      }
      if (stopping.load(std::memory_order_seq_cst)) return nullptr;
      answer = TakeAnswerLocked();
      bool moves_on = AwaitedLocked() == 0 || patience_over_;
      int64_t next = timers_->NextDeadline();
      if (!answer && moves_on && allowed_ > 0) {
        until_ = DeadlineAfter(std::max(until_, clock_->Peek()), std::exchange(allowed_, 0));
      }
      if (!answer && moves_on && next != kForever && next <= until_) {
        patience_over_ = false;
        clock_->PassUntil(next);
        continue;
      }
      if (!answer && moves_on && TakeRestLocked()) told = watcher_;
      if (!answer && !told) AwaitOutsideLocked();
    }
    if (told) told->OnClockRests();
    if (answer) answer->TakeIn();
  }
}

Island* Turns::TakeLeft() {
  MutexLock lock(mutex_);
  if (ready_.empty()) ready_.swap(outside_);
  if (ready_.empty()) return nullptr;
  Island* island = ready_.back();
  ready_.pop_back();
  return island;
}

Ref<OutsideCall> Turns::TakeAnswerLocked() {
  if (answered_ == 0 || (AwaitedLocked() > 0 && !patience_over_)) return nullptr;
  patience_over_ = false;
  uint32_t chosen = Choose(static_cast<uint32_t>(answered_--));
  auto found = calls_.begin();
  while (!found->second.answered || chosen-- > 0) ++found;
  Ref<OutsideCall> call = std::move(found->second.call);
  calls_.erase(found);
  return call;
}

void Turns::AwaitOutsideLocked() {
  resting_.store(true, std::memory_order_seq_cst);
  bool patient = AwaitedLocked() == 0 || (answered_ == 0 && !cancelled_);
  if (patient) {
    changed_.Wait(mutex_);
  } else {
    patience_over_ = !changed_.WaitFor(mutex_, kPatience);
  }
  resting_.store(false, std::memory_order_seq_cst);
}

void Turns::Add(Island* island) {
  MutexLock lock(mutex_);
  ready_.push_back(island);
}

void Turns::AddFromOutside(Island* island) {
  MutexLock lock(mutex_);
  outside_.push_back(island);
  changed_.NotifyAll();  // under the lock: whoever goes on may be the one that ends all this
}

void Turns::CallStarted(uint64_t id, Ref<OutsideCall> call) {
  MutexLock lock(mutex_);
  calls_[id].call = std::move(call);
}

void Turns::CallAnswered(uint64_t id) {
  MutexLock lock(mutex_);
  auto found = calls_.find(id);
  if (found == calls_.end() || found->second.answered) return;
  found->second.answered = true;
  answered_++;
  changed_.NotifyAll();
}

void Turns::CallForgotten(uint64_t id) {
  Ref<OutsideCall> forgotten;  // let go of without the lock
  {
    MutexLock lock(mutex_);
    auto found = calls_.find(id);
    if (found == calls_.end()) return;
    if (found->second.answered) answered_--;
    forgotten = std::move(found->second.call);
    calls_.erase(found);
    changed_.NotifyAll();
  }
}

void Turns::CalledBack() {
  MutexLock lock(mutex_);
  callbacks_++;
  changed_.NotifyAll();
}

void Turns::CallbackEnded() {
  MutexLock lock(mutex_);
  callbacks_--;
}

void Turns::CancelledFromOutside() {
  MutexLock lock(mutex_);
  cancelled_ = true;
  changed_.NotifyAll();
}

void Turns::HoldClock(GoroutineWatcher* watcher) {
  MutexLock lock(mutex_);
  watcher_ = watcher;
  until_ = clock_->Peek();
}

void Turns::LetPass(int64_t duration) {
  MutexLock lock(mutex_);
  allowed_ = DeadlineAfter(allowed_, duration);
  rest_awaited_ = true;
  changed_.NotifyAll();
}

bool Turns::TakeRestLocked() {
  if (!std::exchange(rest_awaited_, false)) return false;
  if (until_ != kForever) clock_->PassUntil(until_);
  return watcher_ != nullptr;
}

void Turns::Poke() {
  MutexLock lock(mutex_);
  changed_.NotifyAll();
}

}  // namespace sloth

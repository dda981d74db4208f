#include "node/goroutine_events.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace sloth {
namespace {

constexpr size_t kMostKept = 1 << 16;
constexpr size_t kMostAtOnce = 1000;
constexpr size_t kLongestText = 1024;
constexpr size_t kFields = 6;

}  // namespace

bool GoroutineEvents::Add(const GoroutineEvent& event) {
  std::string text(event.text.substr(0, kLongestText));
  MutexLock lock(mutex_);
  if (kept_.size() == kMostKept) {
    dropped_++;
    return false;
  }
  kept_.push_back({event.kind, event.run, event.goroutine, event.parent, std::move(text), event.outcome});
  return !std::exchange(told_, true);
}

Napi::Value GoroutineEvents::Take(Napi::Env env, bool* more) {
  std::vector<Kept> taken;
  uint64_t dropped = 0;
  {
    MutexLock lock(mutex_);
    auto end = kept_.begin() + static_cast<ptrdiff_t>(std::min(kMostAtOnce, kept_.size()));
    taken.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(end));
    kept_.erase(kept_.begin(), end);
    *more = told_ = !kept_.empty();
    if (dropped_ != dropped_told_) dropped = dropped_told_ = dropped_;
  }
  if (dropped > 0) taken.push_back({0, dropped, 0, 0, {}, ""});
  Napi::Array list = Napi::Array::New(env, taken.size() * kFields);
  uint32_t at = 0;
  for (const Kept& event : taken) {
    list.Set(at++, Napi::Number::New(env, event.kind));
    list.Set(at++, Napi::Number::New(env, static_cast<double>(event.run)));
    list.Set(at++, Napi::Number::New(env, static_cast<double>(event.goroutine)));
    list.Set(at++, Napi::Number::New(env, static_cast<double>(event.parent)));
    list.Set(at++, Napi::String::New(env, event.text));
    list.Set(at++, Napi::String::New(env, event.outcome));
  }
  return list;
}

}  // namespace sloth

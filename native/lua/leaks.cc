#include "lua/leaks.h"

#include <unordered_set>

namespace sloth {
namespace {

// One object that somebody waits for.
struct Target {
  size_t accounted = 0;          // references whose holders are known
  bool open = false;             // somebody unknown has one
  bool ends = false;             // a goroutine: what counts is whether it can end, not who refers to it
  std::vector<size_t> waiting;   // subjects
};

class Finder {
 public:
  Finder(std::vector<LeakSubject>* subjects, std::vector<LeakPlace>* places) : subjects_(*subjects), places_(*places) {}

  void Run(const std::function<bool(size_t)>& still_rests) {
    CollectTargets();
    CountReferences();
    // Whatever ran meanwhile may have taken references along while they were counted.
    for (size_t i = 0; i < places_.size(); i++) {
      if (places_[i].known && !still_rests(i)) Distrust(i);
    }
    for (auto& [handle, target] : targets_) {
      if (target.open) Open(handle);
    }
    for (size_t i = 0; i < subjects_.size(); i++) {
      if (!IsCandidate(subjects_[i])) Live(i);
    }
    while (!pending_.empty()) {
      const Handle* handle = pending_.back();
      pending_.pop_back();
      auto found = targets_.find(handle);
      if (found == targets_.end()) continue;
      for (size_t i : found->second.waiting) Live(i);
    }
    for (size_t i = 0; i < subjects_.size(); i++) subjects_[i].leaked = !live_.count(i);
  }

 private:
  bool IsCandidate(const LeakSubject& subject) const {
    return subject.waits_for_ever && !subject.awaited.empty() && places_[subject.place].known;
  }

  void CollectTargets() {
    for (size_t i = 0; i < subjects_.size(); i++) {
      if (!IsCandidate(subjects_[i])) continue;
      for (const Ref<Handle>& handle : subjects_[i].awaited) {
        Target& target = targets_[handle.get()];
        target.waiting.push_back(i);
        target.accounted += 2;  // the wait's, and ours
        target.ends = handle->handle_kind() == HandleKind::kGoroutine;
      }
    }
    // Without a subject of its own a goroutine is unknown.
    std::unordered_set<const Handle*> known;
    for (const LeakSubject& subject : subjects_) known.insert(subject.goroutine);
    for (auto& [handle, target] : targets_) {
      if (target.ends) target.open = !known.count(handle);
    }
  }

  void CountReferences() {
    for (const LeakPlace& place : places_) {
      if (!place.known) continue;
      for (const auto& [handle, count] : place.census.held) Account(handle, count);
    }
    for (const LeakSubject& subject : subjects_) {
      if (!places_[subject.place].known) continue;
      for (const Handle* lock : subject.locks) Account(lock, 1);
    }
    for (auto& [handle, target] : targets_) {
      if (!target.ends) target.open = handle->has_silent_user() || handle->Count() != target.accounted;
    }
  }

  void Account(const Handle* handle, size_t count) {
    auto found = targets_.find(handle);
    if (found != targets_.end()) found->second.accounted += count;
  }

  void Distrust(size_t place) {
    places_[place].known = false;
    for (const auto& [handle, count] : places_[place].census.held) Reach(handle);
    for (size_t i = 0; i < subjects_.size(); i++) {
      if (subjects_[i].place != place) continue;
      for (const Ref<Handle>& handle : subjects_[i].awaited) Reach(handle.get());
    }
  }

  // Somebody who can go on has a reference.
  void Reach(const Handle* handle) {
    auto found = targets_.find(handle);
    if (found != targets_.end() && !found->second.ends) Open(handle);
  }
  void Open(const Handle* handle) {
    if (reached_.insert(handle).second) pending_.push_back(handle);
  }

  void Live(size_t index) {
    if (!live_.insert(index).second) return;
    const LeakSubject& subject = subjects_[index];
    Open(subject.goroutine);
    for (const Handle* handle : subject.reached) Reach(handle);
    for (const Handle* handle : subject.locks) Reach(handle);
    if (places_[subject.place].known && common_.insert(subject.place).second) {
      for (const Handle* handle : places_[subject.place].census.common) Reach(handle);
    }
  }

  std::vector<LeakSubject>& subjects_;
  std::vector<LeakPlace>& places_;
  std::unordered_map<const Handle*, Target> targets_;
  std::unordered_set<const Handle*> reached_;     // what may be used, and who may end
  std::unordered_set<size_t> live_;
  std::unordered_set<size_t> common_;  // places whose common handles were reached
  std::vector<const Handle*> pending_;
};

}  // namespace

void FindLeaks(std::vector<LeakSubject>* subjects, std::vector<LeakPlace>* places, const std::function<bool(size_t place)>& still_rests) {
  Finder(subjects, places).Run(still_rests);
}

}  // namespace sloth

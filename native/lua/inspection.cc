#include "lua/inspection.h"

#include <algorithm>
#include <unordered_map>

#include "lua/island.h"
#include "lua/traceback.h"
#include "sched/scheduler.h"

namespace sloth {
namespace {

// Objects of all heaps together that are looked at in search of leaks. Beyond that nobody is said to leak.
constexpr size_t kCensusBudget = 4'000'000;

const char* StateName(const Goroutine* goroutine) {
  switch (goroutine->state()) {
    case GoState::kNew:
    case GoState::kReady: return "ready";
    case GoState::kParked:
    case GoState::kBlocked: return "waiting";
    default: return "running";
  }
}

}  // namespace

Inspection::Inspection(World* world, const std::vector<Ref<Run>>& runs) : world_(world), census_taker_(kCensusBudget) {
  std::vector<Run::LiveGoroutine> live;
  for (const Ref<Run>& run : runs) run->ListLive(&live);
  std::sort(live.begin(), live.end(), [](const auto& a, const auto& b) { return a.goroutine->id() < b.goroutine->id(); });
  std::unordered_map<Island*, size_t> places;
  subjects_.resize(live.size());
  for (size_t i = 0; i < live.size(); i++) {
    auto* goroutine = static_cast<LuaGoroutine*>(live[i].goroutine.get());
    auto [place, added] = places.emplace(live[i].island.get(), places_.size());
    if (added) places_.emplace_back().island = Ref<LuaIsland>(static_cast<LuaIsland*>(live[i].island.get()));
    places_[place->second].subjects.push_back(i);
    Subject& subject = subjects_[i];
    subject.goroutine = Ref<LuaGoroutine>(goroutine);
    subject.leak.place = place->second;
    subject.leak.goroutine = goroutine;
    subject.report.id = goroutine->id();
    subject.report.parent = goroutine->parent_id();
    subject.report.run = goroutine->run()->id();
    subject.report.main = live[i].main;
    subject.report.daemon = goroutine->daemon;
    subject.report.island = live[i].island->number();
    subject.report.spawn_site = goroutine->spawn_site();
  }
  leak_places_.resize(places_.size());
}

Inspection::~Inspection() = default;

void Inspection::LookAt(LuaGoroutine* goroutine, Sight* sight) noexcept {
  sight->state = StateName(goroutine);
  sight->traceback = GoroutineStackText(goroutine);
  const char* what = goroutine->waiting_for();
  if (*sight->state == 'w' && what) {
    sight->waiting_for = what;
    sight->waiting_since = goroutine->waiting_since();
  }
  sight->waits_for_ever = goroutine->waits_for_ever();
  if (sight->waits_for_ever) goroutine->VisitAwaited([&](Handle* handle) { sight->awaited.push_back(Ref<Handle>(handle)); });
  goroutine->VisitHeldLocks([&](Handle* handle) { sight->locks.push_back(handle); });
}

void Inspection::Note(Subject* subject, Sight sight) {
  GoroutineReport& report = subject->report;
  report.looked_at = true;
  report.state = sight.state;
  report.waiting_for = sight.waiting_for;
  if (sight.waiting_since) report.waiting_ns = std::max<int64_t>(0, world_->scheduler->clock()->Roughly() - sight.waiting_since);
  report.traceback = std::move(sight.traceback);
  subject->leak.waits_for_ever = sight.waits_for_ever;
  subject->leak.awaited = std::move(sight.awaited);
  subject->leak.locks = std::move(sight.locks);
}

void Inspection::LookAtAll(size_t index) {
  for (size_t i : places_[index].subjects) {
    Sight sight;
    LookAt(subjects_[i].goroutine.get(), &sight);
    Note(&subjects_[i], std::move(sight));
  }
}

void Inspection::TakeCensus(size_t index) {
  Place& place = places_[index];
  LeakPlace& leaks = leak_places_[index];
  // Somebody else lives there, or the host can call a function there.
  if (place.island->pins() != static_cast<int64_t>(place.subjects.size())) return;
  std::vector<LuaGoroutine*> named;
  std::vector<LuaGoroutine*> others;
  std::vector<size_t> named_subjects;
  for (size_t i : place.subjects) {
    bool candidate = subjects_[i].leak.waits_for_ever && !subjects_[i].leak.awaited.empty();
    (candidate ? named : others).push_back(subjects_[i].goroutine.get());
    if (candidate) named_subjects.push_back(i);
  }
  place.times_run = place.island->times_run();
  leaks.known = census_taker_.TryTake(place.island.get(), named, others, &leaks.census);
  if (!leaks.known) return;
  for (size_t i = 0; i < named.size(); i++) subjects_[named_subjects[i]].leak.reached = std::move(leaks.census.own[i]);
}

void Inspection::LookFromOutside(size_t index) {
  Place& place = places_[index];
  if (place.island->TryHold()) {
    LookAtAll(index);
    TakeCensus(index);
    place.island->LetGo();
    return;
  }
  // It waits for a worker: one goroutine at a time, so that nobody has to wait long for the island.
  for (size_t i : place.subjects) {
    Sight sight;
    LuaGoroutine* goroutine = subjects_[i].goroutine.get();
    if (!place.island->WhileResting([&] { LookAt(goroutine, &sight); })) {
      place.asked = true;
      return;
    }
    Note(&subjects_[i], std::move(sight));
  }
}

bool Inspection::Begin(LuaIsland* own) {
  for (size_t i = 0; i < places_.size(); i++) {
    if (places_[i].island.get() != own) LookFromOutside(i);
  }
  std::vector<LuaIsland*> ask;
  for (Place& place : places_) {
    if (place.asked) ask.push_back(place.island.get());
  }
  if (ask.empty()) return true;
  {
    MutexLock lock(mutex_);
    outstanding_ = ask.size();
  }
  for (LuaIsland* island : ask) island->LookLater(Ref<Inspection>(this));
  world_->scheduler->PokeRunning();
  return false;
}

void Inspection::Answer(LuaIsland* island) noexcept {
  // What is read here does not change: the list of subjects, and who lives where.
  auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return p.island.get() == island; });
  if (place == places_.end()) return;
  std::vector<Sight> sights(place->subjects.size());
  for (size_t i = 0; i < sights.size(); i++) LookAt(subjects_[place->subjects[i]].goroutine.get(), &sights[i]);
  WakeList woken;
  MutexLock lock(mutex_);
  if (finished_ || !place->asked) return;
  place->asked = false;
  for (size_t i = 0; i < sights.size(); i++) Note(&subjects_[place->subjects[i]], std::move(sights[i]));
  if (--outstanding_ > 0) return;
  answered_.NotifyAll();
  if (waiter_ && waiter_->wait->TryClaim(waiter_->clause)) woken.Add(waiter_->wait);
}

Progress Inspection::Wait(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    if (outstanding_ == 0) return Progress::kDone;
    self->waiter.clause = 0;
    self->BeginWait("dump", true);
    self->HoldWaitObject(this);
    waiter_ = &self->waiter;
  }
  self->StartTimeout(kPatience);
  self->CommitWait();
  return Progress::kWaiting;
}

Progress Inspection::FinishWait(Goroutine* self) {
  {
    MutexLock lock(mutex_);
    waiter_ = nullptr;
  }
  if (self->EndWait() != Wait::kCancelled) return Progress::kDone;
  End();
  return Progress::kCancelled;
}

void Inspection::End() {
  std::vector<LuaIsland*> silent;
  {
    MutexLock lock(mutex_);
    finished_ = true;
    for (Place& place : places_) {
      if (place.asked) silent.push_back(place.island.get());
    }
  }
  for (LuaIsland* island : silent) island->ForgetLook(this);
}

void Inspection::WaitOutside() {
  RealClock clock;  // of whoever looks, not of the program
  int64_t deadline = clock.Now() + kPatience;
  MutexLock lock(mutex_);
  while (outstanding_ > 0) {
    int64_t remaining = deadline - clock.Now();
    if (remaining <= 0 || !answered_.WaitFor(mutex_, remaining)) return;
  }
}

void Inspection::NoteUnseen(size_t index) {
  for (size_t i : places_[index].subjects) {
    LuaGoroutine* goroutine = subjects_[i].goroutine.get();
    GoroutineReport& report = subjects_[i].report;
    report.state = StateName(goroutine);
    const char* what = goroutine->waiting_for();
    if (*report.state != 'w' || !what) continue;
    report.waiting_for = what;
    report.waiting_ns = std::max<int64_t>(0, world_->scheduler->clock()->Roughly() - goroutine->waiting_since());
  }
}

bool Inspection::StillRests(size_t index) {
  Place& place = places_[index];
  bool same = false;
  bool rests = place.island->WhileResting([&] {
    same = place.island->times_run() == place.times_run;
    for (size_t i : place.subjects) {
      if (subjects_[i].leak.waits_for_ever && !subjects_[i].goroutine->waits_for_ever()) same = false;
    }
  });
  return rests && same;
}

void Inspection::MarkLeaks(LuaIsland* own) {
  std::vector<LeakSubject> leaks;
  for (Subject& subject : subjects_) leaks.push_back(std::move(subject.leak));
  FindLeaks(&leaks, &leak_places_, [&](size_t place) { return places_[place].island.get() == own || StillRests(place); });
  for (size_t i = 0; i < leaks.size(); i++) subjects_[i].report.leaked = leaks[i].leaked && !subjects_[i].report.daemon;
}

std::vector<GoroutineReport> Inspection::Finish(LuaIsland* own) {
  End();
  for (size_t i = 0; i < places_.size(); i++) {
    if (places_[i].asked) NoteUnseen(i);
    if (places_[i].island.get() != own) continue;
    LookAtAll(i);
    TakeCensus(i);
  }
  MarkLeaks(own);
  std::vector<GoroutineReport> reports;
  for (Subject& subject : subjects_) {
    if (subject.goroutine->settled()) continue;
    subject.report.sharers = places_[subject.leak.place].subjects.size() - 1;
    reports.push_back(std::move(subject.report));
  }
  return reports;
}

}  // namespace sloth

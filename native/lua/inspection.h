// Looking at goroutines while they live: what each does, where it stands, and which of them leak.
//
// Islands that rest are looked at from outside. One that runs is asked, and answers when its goroutine can be interrupted or
// stops; who does not answer in time is said to be running. Nothing waits for anybody longer than that.
//
//   auto inspection = MakeRef<Inspection>(world, runs);
//   if (!inspection->Begin(own)) ... wait: Wait and FinishWait in a goroutine, WaitOutside on any other thread
//   std::vector<GoroutineReport> reports = inspection->Finish(own);
#pragma once

#include <string>
#include <vector>

#include "lua/leaks.h"
#include "sync/channel.h"

namespace sloth {

// What is known of one goroutine.
struct GoroutineReport {
  uint64_t id = 0;
  uint64_t parent = 0;              // 0: none
  uint64_t run = 0;
  bool main = false;
  bool daemon = false;              // of the library; never said to leak
  const char* state = "running";    // ready, running or waiting
  const char* waiting_for = "";     // while it waits
  int64_t waiting_ns = 0;
  uint64_t island = 0;
  size_t sharers = 0;               // other goroutines on its island
  bool leaked = false;
  std::string spawn_site;
  bool looked_at = false;           // its island rested, or stopped to be looked at
  std::string traceback;            // where it stands, if it was looked at and has started
};

// Made, begun, awaited and finished by one thread; Answer is called by whoever holds an island.
class Inspection final : public RefCounted {
 public:
  // How long a running goroutine has to stop.
  static constexpr int64_t kPatience = 100 * kMillisecond;

  Inspection(World* world, const std::vector<Ref<Run>>& runs);
  ~Inspection() override;

  // Looks at what rests and asks the others. `own`: the island the caller holds, or null. True when nobody has to be waited
  // for.
  [[nodiscard]] bool Begin(LuaIsland* own);
  // Waits for the answers, at most kPatience.
  Progress Wait(Goroutine* self);
  // kDone, or kCancelled: then it is over.
  Progress FinishWait(Goroutine* self);
  void WaitOutside();
  // What was found, in order of ids. `own` as above.
  std::vector<GoroutineReport> Finish(LuaIsland* own);

  // The caller holds `island`, or runs on it.
  void Answer(LuaIsland* island) noexcept;

 private:
  struct Subject {
    Ref<LuaGoroutine> goroutine;
    GoroutineReport report;
    LeakSubject leak;
  };
  struct Place {
    Ref<LuaIsland> island;
    std::vector<size_t> subjects;
    bool asked = false;      // and has not answered
    uint64_t times_run = 0;  // when the census was taken
  };

  // What one look at a goroutine gives; by whoever holds its island, or keeps others from taking it.
  struct Sight {
    const char* state = "running";
    const char* waiting_for = "";
    int64_t waiting_since = 0;
    bool waits_for_ever = false;
    std::string traceback;
    std::vector<Ref<Handle>> awaited;
    std::vector<const Handle*> locks;
  };
  static void LookAt(LuaGoroutine* goroutine, Sight* sight) noexcept;
  void Note(Subject* subject, Sight sight);
  void LookFromOutside(size_t place);
  // The caller holds the island.
  void LookAtAll(size_t place);
  void TakeCensus(size_t place);
  // Island `place` did not answer: what can be said of its goroutines without it.
  void NoteUnseen(size_t place);
  // No more answers: islands that have not given theirs let go of this.
  void End();
  void MarkLeaks(LuaIsland* own);
  bool StillRests(size_t place);

  World* const world_;
  std::vector<Subject> subjects_;
  std::vector<Place> places_;
  std::vector<LeakPlace> leak_places_;
  CensusTaker census_taker_;

  Mutex mutex_;
  Condition answered_;
  size_t outstanding_ GUARDED_BY(mutex_) = 0;
  bool finished_ GUARDED_BY(mutex_) = false;
  Waiter* waiter_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace sloth

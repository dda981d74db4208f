// What happened to goroutines, on its way to JavaScript.
//
// Any thread adds, the JavaScript thread takes up to 1,000 at a time. Where JavaScript does not keep up, what comes later is
// dropped and counted: a watcher never slows what it watches.
#pragma once

#include <napi.h>

#include <deque>
#include <string>

#include "base/mutex.h"
#include "sched/watcher.h"

namespace sloth {

class GoroutineEvents {
 public:
  // True when somebody should be told that there is something to take.
  bool Add(const GoroutineEvent& event) EXCLUDES(mutex_);
  // A list of six for each event: kind, run, goroutine, parent, text, outcome; a last event of the kind 0 has in the place of
  // its run the number of those dropped so far. `more`: some are left.
  Napi::Value Take(Napi::Env env, bool* more) EXCLUDES(mutex_);

 private:
  struct Kept {
    uint8_t kind;
    uint64_t run;
    uint64_t goroutine;
    uint64_t parent;
    std::string text;
    const char* outcome;
  };

  Mutex mutex_;
  std::deque<Kept> kept_ GUARDED_BY(mutex_);
  bool told_ GUARDED_BY(mutex_) = false;
  uint64_t dropped_ GUARDED_BY(mutex_) = 0;
  uint64_t dropped_told_ GUARDED_BY(mutex_) = 0;
};

}  // namespace sloth

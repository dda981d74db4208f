// What happens to goroutines, told as it happens to whoever watches a runtime.
//
// Off costs one relaxed load at each spawn, park and end. A watcher is called on whatever thread it happens on, without
// locks; it must not block, run Lua or JavaScript, or keep what `text` points to.
#pragma once

#include <cstdint>
#include <string_view>

namespace sloth {

struct GoroutineEvent {
  // Each is a bit of what is watched.
  enum Kind : uint8_t { kSpawned = 1, kBlocked = 2, kEnded = 4 } kind;
  uint64_t run = 0;
  uint64_t goroutine = 0;
  uint64_t parent = 0;    // of kSpawned; 0: the host
  std::string_view text;  // kSpawned: the spawn site; kBlocked: what it waits for; kEnded: why it failed or was cancelled
  const char* outcome = "";  // kEnded: done, failed, cancelled
};

class GoroutineWatcher {
 public:
  virtual ~GoroutineWatcher() = default;
  virtual void OnGoroutine(const GoroutineEvent& event) { (void)event; }
  // A held clock (Turns::HoldClock) is as late as it was told to become, and everybody waits.
  virtual void OnClockRests() {}
};

}  // namespace sloth

// What a call that runs somebody's function gives back when it is left: a turn of a once, a permit of a semaphore.
#pragma once

#include "data/handle.h"

namespace sloth {

// Belongs to the frame of one call, on one island.
class Guard final : public Handle {
 public:
  Guard(Handle* target, int entry) : Handle(HandleKind::kGuard), target(target), entry(entry) {}
  const Ref<Handle> target;
  const int entry;     // how far the unwinding of its goroutine was when the call began
  uint64_t turn = 0;   // of a once
  bool closed = true;  // there is nothing to give back: not yet, or no more
};

}  // namespace sloth

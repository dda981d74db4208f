// Joining: waiting for a goroutine to end, and for a pause to pass.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Waits until `target` ends: kDone (it has), or kWaiting. Asking makes its error the caller's.
Progress Join(Goroutine* self, Goroutine* target, const WaitLimit& limit);
// After the wait: kDone, kTimedOut or kCancelled.
Progress FinishJoin(Goroutine* self);

// Sleeps; always kWaiting.
Progress Sleep(Goroutine* self, int64_t duration_ns);
// kDone when the time has passed, kCancelled.
Progress FinishSleep(Goroutine* self);

}  // namespace sloth

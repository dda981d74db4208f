// Joining: waiting for a goroutine to end, and for a pause to pass.
#pragma once

#include "sync/channel.h"

namespace sloth {

// Waits until `target` ends: kDone (it has), or kWaiting. Asking makes its error the caller's.
Progress Join(Goroutine* self, Goroutine* target, const WaitLimit& limit);
// After the wait: kDone, kTimedOut or kCancelled.
Progress FinishJoin(Goroutine* self);

// Sleeps until the limit's time has passed, or its ender ends; always kWaiting.
Progress Sleep(Goroutine* self, const WaitLimit& limit);
// kDone when the time has passed, kTimedOut when it was cut short by the limit's ender, kCancelled.
Progress FinishSleep(Goroutine* self);

}  // namespace sloth

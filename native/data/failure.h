// Failures: the one kind of error that crosses borders (islands, JavaScript), and the outcome a goroutine ends with.
#pragma once

#include <string>

#include "base/rare.h"
#include "data/value.h"

namespace sloth {

enum class FailureKind : uint8_t { kNone, kError, kMemory, kTimeout, kCancelled, kDeadlock, kExit };

// Why something ended badly. Plain data, owned by whoever holds it.
struct Failure {
  FailureKind kind = FailureKind::kNone;
  std::string message;    // for humans; for string errors the error itself
  std::string traceback;  // Lua traceback where it was raised; may be empty
  Value error;            // the error value itself, when it could be copied; nil otherwise
  Value host_error;       // a list of it in the host's format, when the host asks for the outcome
};

enum class OutcomeKind : uint8_t { kPending, kDone, kFailed, kCancelled };

// How a goroutine ended. Written once, then immutable.
struct Outcome {
  OutcomeKind kind = OutcomeKind::kPending;
  bool declined = false;  // done, but its results say that it did not succeed; only where somebody wants to know
  Value results;          // as packed by the floor that ran it
  Rare<Failure> failure;
};

}  // namespace sloth

// A 64-bit integer that goroutines on all islands change atomically.
#pragma once

#include <atomic>

#include "data/handle.h"

namespace sloth {

// Shared by reference; thread safe. Arithmetic wraps around as Lua's integers do.
class AtomicInt final : public Handle {
 public:
  explicit AtomicInt(int64_t value) : Handle(HandleKind::kAtomic), value(static_cast<uint64_t>(value)) {}
  std::atomic<uint64_t> value;
};

}  // namespace sloth

// What several heaps may hold together: those of a runtime, or of one run, which count for the runtime's, too.
//
// Thread safe, without locks. Each thread counts in a part of its own, so that islands that come and go on all cores share no
// cache line; the parts are summed up only where there is a limit. Nobody ever holds more than the limit; two that ask at the
// same time for what only one can have may both be refused.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sloth {

class MemoryBudget {
 public:
  // `whole`: what is taken here is taken there, too; it outlives this.
  explicit MemoryBudget(MemoryBudget* whole = nullptr) : whole_(whole) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Bytes; 0: none. What was taken before stays taken.
  void SetLimit(size_t bytes) { limit_.store(bytes, std::memory_order_relaxed); }
  size_t limit() const { return limit_.load(std::memory_order_relaxed); }
  // False, taking nothing, when that would be too much.
  [[nodiscard]] bool TryTake(size_t bytes) noexcept;
  void GiveBack(size_t bytes) noexcept;
  size_t used() const noexcept;

 private:
  static constexpr size_t kParts = 16;
  struct alignas(64) Part {
    std::atomic<int64_t> bytes{0};  // below zero where others took
  };
  std::atomic<int64_t>& PartOfThread() noexcept;

  MemoryBudget* const whole_;
  std::atomic<size_t> limit_{0};
  Part parts_[kParts];
};

}  // namespace sloth

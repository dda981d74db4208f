#include "lua/memory_budget.h"

#include "base/thread_number.h"

namespace sloth {

std::atomic<int64_t>& MemoryBudget::PartOfThread() noexcept { return parts_[thread_number % kParts].bytes; }

bool MemoryBudget::TryTake(size_t bytes) noexcept {
  std::atomic<int64_t>& part = PartOfThread();
  auto count = static_cast<int64_t>(bytes);
  // Sequentially consistent: of two that ask at once at least one sees what both want.
  part.fetch_add(count, std::memory_order_seq_cst);
  size_t most = limit();
  if ((most == 0 || used() <= most) && (!whole_ || whole_->TryTake(bytes))) return true;
  part.fetch_sub(count, std::memory_order_seq_cst);
  return false;
}

void MemoryBudget::GiveBack(size_t bytes) noexcept {
  PartOfThread().fetch_sub(static_cast<int64_t>(bytes), std::memory_order_seq_cst);
  if (whole_) whole_->GiveBack(bytes);
}

size_t MemoryBudget::used() const noexcept {
  int64_t sum = 0;
  for (const Part& part : parts_) sum += part.bytes.load(std::memory_order_seq_cst);
  return sum > 0 ? static_cast<size_t>(sum) : 0;
}

}  // namespace sloth

#include "lua/code_arrays.h"

#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>

#include "base/check.h"
#include "base/mutex.h"

namespace sloth {

namespace {

constexpr size_t kLargestRange = size_t{4} << 30;
constexpr size_t kSmallestRange = size_t{64} << 20;
constexpr size_t kPage = 4096;
constexpr size_t kStep = 256 * 1024;  // the range is made usable in steps

// Blocks are whole pages where they are to be read-only, and whole cache lines elsewhere.
#if defined(SLOTH_SANITIZER_BUILD)
constexpr bool kSealed = true;
constexpr size_t kGrain = kPage;
#else
constexpr bool kSealed = false;
constexpr size_t kGrain = 64;
#endif

// Free blocks of one size are linked through their first word. Beyond so many grains sizes are powers of two.
constexpr size_t kExactSizes = 64;
constexpr size_t kSizes = kExactSizes + 40;

// Never destroyed: codes may outlive everything else.
struct Range {
  Mutex mutex;
  bool reserved GUARDED_BY(mutex) = false;
  char* fresh GUARDED_BY(mutex) = nullptr;   // the part that was never handed out
  char* usable GUARDED_BY(mutex) = nullptr;  // up to here it may be written
  char* end GUARDED_BY(mutex) = nullptr;
  void* free[kSizes] GUARDED_BY(mutex) = {};
};

Range* TheRange() {
  static Range* const range = new Range();
  return range;
}

// The size of the block for `size` bytes, and the list it belongs to.
size_t BlockSize(size_t size, size_t* list) {
  size_t grains = (size + kGrain - 1) / kGrain;
  if (grains <= kExactSizes) {
    *list = grains - 1;
    return grains * kGrain;
  }
  size_t power = 0;
  while ((kExactSizes << power) < grains) power++;
  *list = kExactSizes + power;
  return (kExactSizes << power) * kGrain;
}

void ReserveLocked(Range* range) REQUIRES(range->mutex) {
  range->reserved = true;
  for (size_t size = kLargestRange; size >= kSmallestRange; size /= 4) {
    void* memory = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    range->fresh = range->usable = static_cast<char*>(memory);
    range->end = range->fresh + size;
    code_range.begin.store(range->fresh, std::memory_order_relaxed);
    code_range.end.store(range->end, std::memory_order_release);
    return;
  }
}

bool TryGrowLocked(Range* range, size_t size) REQUIRES(range->mutex) {
  auto missing = static_cast<size_t>(range->fresh + size - range->usable);
  size_t step = (missing + kStep - 1) / kStep * kStep;
  if (step > static_cast<size_t>(range->end - range->usable)) return false;
  if (mprotect(range->usable, step, PROT_READ | PROT_WRITE) != 0) return false;
  range->usable += step;
  return true;
}

char* TryTakeFromRange(size_t size, size_t list) {
  Range* range = TheRange();
  MutexLock lock(range->mutex);
  if (!range->reserved) ReserveLocked(range);
  if (void* block = range->free[list]) {
    range->free[list] = *static_cast<void**>(block);
    return static_cast<char*>(block);
  }
  if (size > static_cast<size_t>(range->end - range->fresh)) return nullptr;
  if (range->fresh + size > range->usable && !TryGrowLocked(range, size)) return nullptr;
  char* block = range->fresh;
  range->fresh += size;
  return block;
}

}  // namespace

CodeArrays::~CodeArrays() {
  if (size_ == 0) {
    std::free(memory_);
    return;
  }
  if (kSealed) CHECK(mprotect(memory_, size_, PROT_READ | PROT_WRITE) == 0);
  size_t list;
  BlockSize(size_, &list);
  Range* range = TheRange();
  MutexLock lock(range->mutex);
  *reinterpret_cast<void**>(memory_) = range->free[list];
  range->free[list] = memory_;
}

char* CodeArrays::TryTake(size_t size) {
  CHECK(!memory_);
  if (size == 0) size = 1;
  if (size <= kLargestRange) {
    size_t list;
    size_t block_size = BlockSize(size, &list);
    memory_ = TryTakeFromRange(block_size, list);
    if (memory_) {
      size_ = block_size;
      return memory_;
    }
  }
  memory_ = static_cast<char*>(std::malloc(size));
  return memory_;
}

void CodeArrays::Seal() {
  if (kSealed && size_ > 0) CHECK(mprotect(memory_, size_, PROT_READ) == 0);
}

}  // namespace sloth

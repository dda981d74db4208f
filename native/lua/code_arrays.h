// The arrays of functions that never change, instructions and lines, in one reserved range of addresses: every heap that runs
// a copy of a function points at the same ones. A heap's allocator knows them by their address and ignores it when Lua frees
// them, since they are their Code's (code.h).
//
// Written once by the thread that makes a Code, read by all afterwards; read-only in the builds that tests run. When the
// system grants no range, or it is full, there is nothing to share, and copies have arrays of their own.
#pragma once

#include <atomic>
#include <cstddef>

namespace sloth {

// The range, once somebody took memory of it. `end` is written last: it publishes `begin`. Read by every allocator.
struct CodeRange {
  std::atomic<const char*> begin{nullptr};
  std::atomic<const char*> end{nullptr};
};
inline CodeRange code_range;

// Whether an array belongs to a Code. For any address.
inline bool IsSharedArray(const void* array) {
  const char* address = static_cast<const char*>(array);
  return address < code_range.end.load(std::memory_order_acquire) &&
         address >= code_range.begin.load(std::memory_order_relaxed);
}

// The memory of one Code's arrays. Owned by the Code, which is made by one thread and destroyed by any.
class CodeArrays {
 public:
  CodeArrays() = default;
  ~CodeArrays();
  CodeArrays(const CodeArrays&) = delete;
  CodeArrays& operator=(const CodeArrays&) = delete;

  // Takes `size` bytes, aligned to 64, of the range or, where that is not to be had, of malloc's. Once. Null without memory.
  [[nodiscard]] char* TryTake(size_t size);
  // Everything is written.
  void Seal();

 private:
  char* memory_ = nullptr;
  size_t size_ = 0;  // of the block in the range; 0: malloc's
};

}  // namespace sloth

// Small numbers of threads, for counters and stores that each thread has a part of its own of.
#pragma once

#include <atomic>
#include <cstdint>

namespace sloth {

inline std::atomic<uint32_t> next_thread_number{0};
inline thread_local const uint32_t thread_number = next_thread_number.fetch_add(1, std::memory_order_relaxed);

}  // namespace sloth

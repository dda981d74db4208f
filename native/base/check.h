// Checks for failures that only we can cause. A failure a user can cause is a value, never a CHECK.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sloth {

// Ends the process with the broken invariant's text and place.
[[noreturn]] inline void CheckFailed(const char* text, const char* file, int line) {
  std::fprintf(stderr, "sloth-runner: internal check failed: %s (%s:%d)\n", text, file, line);
  std::abort();
}

// Marks a place that control cannot reach.
[[noreturn]] inline void Unreachable() { CheckFailed("unreachable", __FILE__, __LINE__); }

}  // namespace sloth

#define CHECK(condition) \
  do {                   \
    if (__builtin_expect(!(condition), 0)) ::sloth::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (0)

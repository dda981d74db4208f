// Switches that make rare things happen all the time, to find what only happens rarely. Compiled in by SLOTH_CRUELTY_BUILD
// alone, and then switched on by the environment:
//
//   SLOTH_CRUELTY=preempt,scatter,collect,drain   SLOTH_CRUELTY_SEED=7
//
// Everything a program may see stays as it was, but for time and the order of what has none.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/random.h"

namespace sloth {

enum class Cruelty : uint32_t {
  kPreempt = 1,  // Lua is interrupted after a few instructions of each turn, and makes way
  kScatter = 2,  // what is made ready goes to the queue that all workers share
  kCollect = 4,  // a full collection before and after each copy into a heap
  kDrain = 8,    // the host takes one message a turn
};

#if defined(SLOTH_CRUELTY_BUILD)

struct CrueltySettings {
  uint32_t switches = 0;
  std::atomic<uint64_t> turn{1};  // any thread; only needs to be different each time
};

inline CrueltySettings* ReadCruelty() {
  static CrueltySettings settings;
  constexpr struct {
    const char* name;
    Cruelty cruelty;
  } kNames[] = {
      {"preempt", Cruelty::kPreempt},
      {"scatter", Cruelty::kScatter},
      {"collect", Cruelty::kCollect},
      {"drain", Cruelty::kDrain},
  };
  const char* text = std::getenv("SLOTH_CRUELTY");
  while (text && *text) {
    size_t length = std::strcspn(text, ",");
    bool known = false;
    for (const auto& entry : kNames) {
      if (std::strlen(entry.name) != length || std::strncmp(entry.name, text, length) != 0) continue;
      settings.switches |= static_cast<uint32_t>(entry.cruelty);
      known = true;
    }
    if (!known) {
      std::fprintf(stderr, "SLOTH_CRUELTY: \"%s\" begins with no switch: they are preempt, scatter, collect and drain\n", text);
      std::abort();
    }
    text += length;
    if (*text == ',') text++;
  }
  if (const char* seed = std::getenv("SLOTH_CRUELTY_SEED")) settings.turn = std::strtoull(seed, nullptr, 10) << 32;
  return &settings;
}

inline CrueltySettings* TheCruelty() {
  static CrueltySettings* const settings = ReadCruelty();
  return settings;
}

inline bool IsCruel(Cruelty cruelty) { return (TheCruelty()->switches & static_cast<uint32_t>(cruelty)) != 0; }

// A number in [0, bound) from the seed; which thread gets which is left to chance.
inline uint32_t CruelChoice(uint32_t bound) { return Random(TheCruelty()->turn.fetch_add(1, std::memory_order_relaxed)).Below(bound); }

#else

constexpr bool IsCruel(Cruelty) { return false; }
constexpr uint32_t CruelChoice(uint32_t) { return 0; }

#endif

}  // namespace sloth

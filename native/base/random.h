// A small seeded generator (SplitMix64) for random choices of the scheduler and select, and for deriving seeds.
#pragma once

#include <cstdint>

namespace sloth {

// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (OOPSLA 2014). Not thread safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // A number in [0, bound), bound > 0.
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(((Next() >> 32) * bound) >> 32); }

 private:
  uint64_t state_;
};

}  // namespace sloth

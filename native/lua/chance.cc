#include "lua/chance.h"

#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "lua/cancellation.h"
#include "lua/island.h"
#include "lua/upstream/chance.h"

namespace sloth {
namespace {

thread_local std::optional<uint64_t> next_seed;

// Not to be guessed from outside: the time, and where the machine put this thread's stack.
uint64_t MachineSeed() {
  RealClock clock;
  int64_t now = clock.WallTime();
  return static_cast<uint64_t>(now) ^ reinterpret_cast<uintptr_t>(&now);
}

}  // namespace

void SeedNextState(uint64_t seed) { next_seed = seed; }

}  // namespace sloth

extern "C" {

unsigned int sloth_hash_seed(void) {
  sloth::Random random(sloth::next_seed ? *sloth::next_seed : sloth::MachineSeed());
  sloth::next_seed.reset();
  return static_cast<unsigned int>(random.Next());
}

unsigned int sloth_random_pivot(void) {
  sloth::LuaGoroutine* goroutine = sloth::GoroutineOfThread();
  if (goroutine) return static_cast<unsigned int>(goroutine->lua_island()->random()->Next());
  return static_cast<unsigned int>(sloth::Random(sloth::MachineSeed()).Next());
}
}

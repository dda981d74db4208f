// What the islands that a run makes may use together.
#pragma once

#include "lua/memory_budget.h"
#include "sched/island_group.h"

namespace sloth {

// Kept by the run and its islands. The world and its scheduler outlive it.
class IslandLimits final : public IslandGroup {
 public:
  // Bytes and workers; 0: no limit but the world's.
  IslandLimits(Scheduler* scheduler, MemoryBudget* world, size_t most_bytes, int most_workers)
      : IslandGroup(scheduler, most_workers), memory(world) {
    memory.SetLimit(most_bytes);
  }

  MemoryBudget memory;
};

}  // namespace sloth

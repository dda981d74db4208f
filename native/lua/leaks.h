// Finds goroutines that wait for ever because nobody can reach what they wait for.
//
// A goroutine leaks when everything that could end its wait is referred to only by goroutines that leak, too. References are
// counted: one that nobody accounts for (of the host, of a message on its way, of an island that could not be looked at)
// may be used at any time. So what is found does leak; what leaks may go unnoticed.
#pragma once

#include <functional>
#include <vector>

#include "lua/heap_census.h"

namespace sloth {

// One goroutine, as it was while its island rested.
struct LeakSubject {
  bool waits_for_ever = false;
  size_t place = 0;                         // index of its island
  const Goroutine* goroutine = nullptr;
  std::vector<Ref<Handle>> awaited;         // with one reference each of its wait's own
  std::vector<const Handle*> locks;         // with one reference each
  std::vector<const Handle*> reached;       // beyond what is common on its island
  bool leaked = false;                      // the answer
};

// One island that has not run since it was looked at.
struct LeakPlace {
  bool known = false;                       // false: whoever lives there is left alone
  IslandCensus census;
};

// Sets `leaked`. `still_rests` is asked about each place, after all references were counted: whether it has not run since.
void FindLeaks(std::vector<LeakSubject>* subjects, std::vector<LeakPlace>* places, const std::function<bool(size_t place)>& still_rests);

}  // namespace sloth

// How control flows through Lua 5.4 bytecode. Knows instructions only, no heap and no values.
#pragma once

#include <cstdint>
#include <vector>

#include "lua/code.h"

namespace sloth {

// Where execution may go on after an instruction: at most two places.
struct Successors {
  int count = 0;
  int pc[2] = {0, 0};
};

Successors SuccessorsOf(const FunctionCode& function, int pc);

// Marks every instruction that can still run when the one at `from` runs next. Paths end where they leave [first, last) and
// before they run `barrier` (-1: none).
std::vector<bool> ReachableFrom(const FunctionCode& function, int from, int first, int last, int barrier);

// All jumps backwards, as (from, to).
std::vector<std::pair<int, int>> BackEdgesOf(const FunctionCode& function);

}  // namespace sloth

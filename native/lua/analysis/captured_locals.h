// Which locals of a function its nested functions capture.
#pragma once

#include <vector>

#include "lua/analysis/function_facts.h"
#include "lua/code.h"

namespace sloth {

// Fills `locals` for function `index` of `code`, and for each of its children, in slot order, where the child's upvalues come
// from. False when the debug information does not tell.
[[nodiscard]] bool FindCapturedLocals(const Code& code, uint32_t index, std::vector<CapturedLocal>* locals,
                                      std::vector<std::vector<UpvalueSource>>* children);

}  // namespace sloth

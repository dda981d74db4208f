// What an inspection found, as text.
#pragma once

#include <string>
#include <vector>

#include "lua/inspection.h"

namespace sloth {

// A line that counts, and one paragraph a goroutine, in the order given. Ends in a newline.
std::string DumpText(const std::vector<GoroutineReport>& reports);

}  // namespace sloth

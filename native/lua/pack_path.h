// Words for where in a graph of values something is.
#pragma once

#include <string>

#include "lua/internals.h"

namespace sloth {

// How a path goes on to what stands under a key: ".name" or "[key]".
std::string KeyText(const TValue* key);

}  // namespace sloth

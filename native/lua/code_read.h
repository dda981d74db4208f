// Reads a Proto tree into a Code. Lower room: runs on the thread that owns the heap, changes nothing in it,
// never raises.
#pragma once

#include "lua/code.h"
#include "lua/internals.h"
#include "lua/module.h"

namespace sloth {

// The code of `main` and all functions nested in it, facts included.
Ref<Code> ReadCode(const Proto* main, bool from_pieces, const ModuleCatalogue& modules) noexcept;

}  // namespace sloth

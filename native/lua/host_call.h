// Calling a function of the host.
#pragma once

#include "lua/api.h"
#include "sync/host_port.h"

namespace sloth {

// How the caller sees what the host throws.
enum class HostFailure : uint8_t {
  kValue,  // as it is
  kText,   // as a message behind the place of the program's call, if it has one
};

// Calls it with everything on the stack and returns its results. Upper room; waits.
int CallHost(lua_State* L, HostFunction* function, HostFailure as);

}  // namespace sloth

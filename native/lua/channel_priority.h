// The priority of a value to be sent.
#pragma once

#include "lua/island.h"
#include "sync/channel.h"

namespace sloth {

// The priority at `argument` for a send to `channel`; the lowest one where none is given, 0 for a channel without priorities
// (whose argument is none, and is not looked at). Raises for what the channel does not know. Upper room.
int64_t CheckPriority(lua_State* L, int argument, Channel* channel);

// The same for the value at `index`; false with the problem pushed, which is a sentence without a subject.
bool TryPriority(lua_State* L, int index, Channel* channel, int64_t* priority);

}  // namespace sloth

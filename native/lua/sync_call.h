// What an entry into a synchronous engine does, as protected calls.
#pragma once

#include "lua/sync_engine.h"

namespace sloth {

// Does what `call` says on L; true with the results above what stood there, false with the error value. `*syntax_error` is set
// when it was a chunk that does not parse. Does not raise.
bool RunSyncCall(lua_State* L, const SyncCall& call, bool* syntax_error) noexcept;

}  // namespace sloth

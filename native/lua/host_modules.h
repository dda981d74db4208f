// Modules that the host defined: `require` makes their table on every island that asks.
#pragma once

#include <map>
#include <string>

#include "lua/island.h"

namespace sloth {

// Its fields, a list in host format: name, value, name, value, ...
class HostModule final : public RefCounted {
 public:
  explicit HostModule(Value fields) : fields(std::move(fields)) {}
  const Value fields;
};

// Searcher: the loader of the host's module named by argument 1, or a message. Upper room.
int SearchHostModule(lua_State* L);

}  // namespace sloth

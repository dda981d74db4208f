#include "lua/sandbox.h"

#include <cstring>

#include "lua/island.h"

namespace sloth {

void ApplySandbox(lua_State* L, const char* library) {
  size_t length = std::strlen(library);
  for (const std::string& name : IslandOf(L)->world()->sandbox.removed()) {
    if (name.size() <= length + 1 || name[length] != '.' || name.compare(0, length, library) != 0) continue;
    lua_pushstring(L, name.c_str() + length + 1);
    lua_pushnil(L);
    lua_rawset(L, -3);
  }
}

}  // namespace sloth

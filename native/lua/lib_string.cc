// String functions that are ours: those whose loops in C cannot be interrupted, and the one that makes bytecode.
#include <algorithm>
#include <cstring>

#include "lua/registry_tables.h"
#include "lua/upstream/poll.h"

namespace sloth {
namespace {

constexpr size_t kLargestStep = 1 << 20;

// Upstream's, with its arguments checked so that its loop is bounded by the size of its result: repeating nothing, a huge
// number of times, is nothing.
int Repeat(lua_State* L) {
  size_t length;
  size_t separator_length;
  const char* text = luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char* separator = luaL_optlstring(L, 3, "", &separator_length);
  if (count <= 0 || length + separator_length == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  constexpr size_t kLargest = sizeof(size_t) < sizeof(lua_Integer) ? ~size_t{0} : static_cast<size_t>(LUA_MAXINTEGER);
  if (length + separator_length > kLargest / static_cast<size_t>(count)) return luaL_error(L, "resulting string too large");
  size_t unit = length + separator_length;
  size_t total = static_cast<size_t>(count) * unit - separator_length;
  luaL_Buffer buffer;
  char* result = luaL_buffinitsize(L, &buffer, total);
  std::memcpy(result, text, length);
  if (count > 1) std::memcpy(result + length, separator, separator_length);
  // What is there is copied behind itself, in steps small enough to be interrupted in between.
  for (size_t filled = unit; filled < total;) {
    size_t step = std::min({filled, total - filled, kLargestStep / unit * unit + unit});
    std::memcpy(result + filled, result, step);
    filled += step;
    SLOTH_POLL();
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

int Dump(lua_State* L) { return luaL_error(L, "string.dump is not available: bytecode is never loaded here"); }

}  // namespace

extern const FunctionEntry kStringFunctions[] = {
    {"string", "rep", Repeat, "s: string, n: integer, separator?: string", "string", "", "raises when the result is too large", MaySwitch::kNo, StoresInto::kNothing, false, true, ""},
    {"string", "dump", Dump, "f: function", "", "", "always raises", MaySwitch::kNo, StoresInto::kNothing, false, true, ""},
};
SLOTH_REGISTRY_COUNT(String);

}  // namespace sloth

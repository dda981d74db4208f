// The widening of any bytes at all, judged by Lua's own lexer.
#include <cstdint>
#include <cstdlib>

#include "lua/widen_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static lua_State* const state = luaL_newstate();
  if (!sloth::testing::WideningIsRight(state, {reinterpret_cast<const char*>(data), size})) std::abort();
  return 0;
}

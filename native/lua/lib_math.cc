// math.randomseed is ours: it also decides what the goroutines that leave the island afterwards draw, so that a program's
// random numbers do not depend on where its goroutines run.
#include "lua/lib_math.h"

#include <cstring>

#include "lua/island.h"
#include "lua/registry_tables.h"

namespace sloth {
namespace {

// Registry: upstream's math.randomseed.
const char kSeedKey = 0;

int SeedWith(lua_State* L, lua_Integer first, lua_Integer second) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kSeedKey);
  lua_pushinteger(L, first);
  lua_pushinteger(L, second);
  lua_call(L, 2, 2);
  return 2;
}

// randomseed([x [, y]]): as upstream's; without arguments the seed comes from the island's own generator.
int RandomSeed(lua_State* L) {
  LuaIsland* island = IslandOf(L);
  if (lua_isnone(L, 1)) {
    auto first = static_cast<lua_Integer>(island->random()->Next());
    return SeedWith(L, first, static_cast<lua_Integer>(island->random()->Next()));
  }
  lua_Integer first;
  if (lua_isinteger(L, 1)) {
    first = lua_tointeger(L, 1);
  } else {
    lua_Number number = luaL_checknumber(L, 1);
    if (!lua_numbertointeger(number, &first)) std::memcpy(&first, &number, sizeof first);  // as upstream: its bits
  }
  lua_Integer second = luaL_optinteger(L, 2, 0);
  island->Reseed(static_cast<uint64_t>(first) * 0x9e3779b97f4a7c15ULL ^ static_cast<uint64_t>(second));
  return SeedWith(L, first, second);
}

}  // namespace

void SaveUpstreamSeed(lua_State* L) {
  lua_getfield(L, -1, "randomseed");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kSeedKey);
}

void SeedFromIsland(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kSeedKey) != LUA_TFUNCTION) return lua_pop(L, 1);
  lua_pop(L, 1);
  Random start(IslandOf(L)->seed());
  auto first = static_cast<lua_Integer>(start.Next());
  SeedWith(L, first, static_cast<lua_Integer>(start.Next()));
  lua_pop(L, 2);
}

extern const FunctionEntry kMathFunctions[] = {
    {"math", "randomseed", RandomSeed, "x?: number, y?: integer", "integer, integer", "", "", MaySwitch::kNo, StoresInto::kNothing, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Math);

}  // namespace sloth

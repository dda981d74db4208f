#include "lua/lua_goroutine.h"

#include "lua/cancellation.h"
#include "lua/island.h"

namespace sloth {

LuaGoroutine::LuaGoroutine(World* world, Ref<LuaRun> run, Ref<LuaIsland> island, Goroutine* parent, const char* spawn_site)
    : Goroutine(world->scheduler, std::move(run), std::move(island), parent, spawn_site), world_(world) {}

LuaGoroutine::~LuaGoroutine() = default;

Scratch& LuaGoroutine::scratch() {
  LuaIsland* island = lua_island();
  lua_State* main = island->main_state();
  return main && InFinalizer(main) ? island->finalizer_scratch : scratch_;
}

LuaIsland* LuaGoroutine::lua_island() const { return static_cast<LuaIsland*>(island()); }

}  // namespace sloth

// os.time, os.date and os.clock read the runtime's clock, which need not be the machine's.
#include "lua/lib_time.h"

#include "lua/island.h"
#include "lua/registry_tables.h"
#include "lua/slices.h"
#include "sched/scheduler.h"

namespace sloth {
namespace {

// Registry: upstream's functions.
const char kTimeKey = 0;
const char kDateKey = 0;

Clock* ClockOf(lua_State* L) {
  CountSlice(CurrentGoroutine(L), L);
  return IslandOf(L)->world()->scheduler->clock();
}

// Upstream's function in the place of ours, so that its errors name ours.
int BecomeUpstream(lua_State* L, const char* key) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_CFunction upstream = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  return upstream(L);
}

void PushSeconds(lua_State* L) { lua_pushinteger(L, ClockOf(L)->WallTime() / kSecond); }

int Time(lua_State* L) {
  if (!lua_isnoneornil(L, 1)) return BecomeUpstream(L, &kTimeKey);
  PushSeconds(L);
  return 1;
}

int Date(lua_State* L) {
  if (lua_isnoneornil(L, 2)) {
    lua_settop(L, 1);
    PushSeconds(L);
  }
  return BecomeUpstream(L, &kDateKey);
}

int ProcessorTime(lua_State* L) {
  lua_pushnumber(L, static_cast<lua_Number>(ClockOf(L)->CpuTime()) / static_cast<lua_Number>(kSecond));
  return 1;
}

constexpr auto kNo = MaySwitch::kNo;

}  // namespace

void SaveUpstreamTime(lua_State* L) {
  lua_getfield(L, -1, "time");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kTimeKey);
  lua_getfield(L, -1, "date");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kDateKey);
}

extern const FunctionEntry kTimeFunctions[] = {
    {"os", "clock", ProcessorTime, "", "number", "s", "", kNo, StoresInto::kNothing, false, false, ""},
    {"os", "date", Date, "format?: string, time?: number", "string | table", "s", "", kNo, StoresInto::kNothing, false, false, ""},
    // It writes the date it was given back, with each field in its range.
    {"os", "time", Time, "date?: table", "integer", "s", "", kNo, StoresInto::kComputedKeys, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Time);

}  // namespace sloth

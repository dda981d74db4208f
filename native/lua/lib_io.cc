#include "lua/lib_io.h"

#include <cstdio>
#include <poll.h>
#include <stdio_ext.h>

#include "lua/blocking.h"
#include "lua/burial.h"
#include "lua/cancellation.h"
#include "lua/outside_wait.h"
#include "lua/registry_tables.h"
#include "sync/join.h"

namespace sloth {
namespace {

// Registry: upstream's functions.
const char kReadKey = 0;
const char kMethodKey = 0;

constexpr int64_t kFirstPause = kMillisecond;
constexpr int64_t kLongestPause = 20 * kMillisecond;

// Whether reading standard input now would not wait for whoever writes it.
bool InputReady() {
  if (stdin->_IO_read_ptr < stdin->_IO_read_end) return true;
  pollfd input = {0, POLLIN, 0};
  return poll(&input, 1, 0) != 0;
}

bool IsStdin(lua_State* L, int index) {
  auto* stream = static_cast<luaL_Stream*>(luaL_testudata(L, index, LUA_FILEHANDLE));
  return stream && stream->closef && stream->f == stdin;
}

bool DefaultInputIsStdin(lua_State* L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_IO_input");
  bool result = IsStdin(L, -1);
  lua_pop(L, 1);
  return result;
}

int CallUpstream(lua_State* L, const char* key) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

int WaitForInput(lua_State* L, const char* key, int64_t pause);

// [top] the pause so far.
int PauseOver(lua_State* L, int, lua_KContext context) {
  if (FinishSleep(CurrentGoroutine(L)) == Progress::kCancelled) RaiseCancelled(L);
  int64_t pause = lua_tointeger(L, -1) * 2;
  lua_pop(L, 1);
  return WaitForInput(L, reinterpret_cast<const char*>(context), pause < kLongestPause ? pause : kLongestPause);
}

int WaitForInput(lua_State* L, const char* key, int64_t pause) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (InputReady() || !goroutine) return CallUpstream(L, key);
  if (goroutine->turns()) {
    OutsideWait wait(goroutine);
    while (!InputReady()) {
      if (!wait.Pause()) RaiseCancelled(L);
    }
    return CallUpstream(L, key);
  }
  lua_pushinteger(L, pause);
  WaitPlan plan = PlanCertainWait(L, "reading standard input");
  Sleep(plan.goroutine, pause);
  return Park(L, plan, PauseOver, reinterpret_cast<lua_KContext>(key));
}

int Read(lua_State* L) {
  return DefaultInputIsStdin(L) ? WaitForInput(L, &kReadKey, kFirstPause) : CallUpstream(L, &kReadKey);
}

int ReadMethod(lua_State* L) { return IsStdin(L, 1) ? WaitForInput(L, &kMethodKey, kFirstPause) : CallUpstream(L, &kMethodKey); }

}  // namespace

void SaveUpstreamReads(lua_State* L) {
  lua_getfield(L, -1, "read");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kReadKey);
  luaL_getmetatable(L, LUA_FILEHANDLE);
  LearnStreamCollector(L);
  lua_getfield(L, -1, "__index");
  lua_getfield(L, -1, "read");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kMethodKey);
  lua_pop(L, 2);
}

void InstallReadMethod(lua_State* L) {
  luaL_getmetatable(L, LUA_FILEHANDLE);
  lua_getfield(L, -1, "__index");
  lua_pushcfunction(L, ReadMethod);
  lua_setfield(L, -2, "read");
  lua_pop(L, 2);
}

extern const FunctionEntry kIoFunctions[] = {
    {"io", "read", Read, "...: string | integer", "...: any", "", "", MaySwitch::kIfItHasToWait, StoresInto::kNothing, false, false, ""},
    {"file.method", "read", ReadMethod, "...: string | integer", "...: any", "", "", MaySwitch::kIfItHasToWait, StoresInto::kNothing, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Io);

}  // namespace sloth

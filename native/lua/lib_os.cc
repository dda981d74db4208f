// Functions of the os library that are ours: os.exit ends the run and not the host; os.execute does not touch the process's
// signals and can be cancelled; the locale is only answered.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/child_output.h"
#include "lua/outside_wait.h"
#include "lua/registry_tables.h"
#include "sched/scheduler.h"
#include "sync/join.h"

extern char** environ;

namespace sloth {
namespace {

int Exit(lua_State* L) {
  int code = 0;
  if (lua_isboolean(L, 1)) {
    code = lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
  } else {
    code = static_cast<int>(luaL_optinteger(L, 1, EXIT_SUCCESS));
  }
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "os.exit is not possible here: no goroutine runs");
  goroutine->run()->Exit(code & 0xff);
  if (CancellationPending(goroutine)) RaiseCancelled(L);
  return luaL_error(L, "os.exit: the run is ending");
}

int SetLocale(lua_State* L) {
  const char* wanted = luaL_optstring(L, 1, nullptr);
  if (!wanted || std::strcmp(wanted, "C") == 0 || std::strcmp(wanted, "POSIX") == 0 || *wanted == '\0') {
    lua_pushliteral(L, "C");
  } else {
    luaL_pushfail(L);
  }
  return 1;
}

// The process's environment may change under the program's threads: what the runtime saw when it began is what scripts see.
int GetEnvironment(lua_State* L) {
  const World* world = IslandOf(L)->world();
  auto found = world->environment.find(luaL_checkstring(L, 1));
  if (found == world->environment.end()) {
    luaL_pushfail(L);
  } else {
    lua_pushlstring(L, found->second.data(), found->second.size());
  }
  return 1;
}

// -- execute --

// Starts `sh -c command` in a process group of its own; -1 with errno. Whoever waits for it closes `output`.
pid_t StartShell(World* world, const char* command, ChildOutput* output) {
  ChildOutput write_ends;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!OpenChildOutput(world, &actions, output, &write_ends)) {
    posix_spawn_file_actions_destroy(&actions);
    return -1;
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGCHLD}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const char* arguments[] = {"sh", "-c", command, nullptr};
  pid_t child = -1;
  int error = posix_spawn(&child, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  CloseChildOutput(write_ends);
  if (error == 0) return child;
  CloseChildOutput(*output);
  errno = error;
  return -1;
}

int ExecuteResult(lua_State* L, int status) {
  bool exited = WIFEXITED(status);
  int code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
  if (exited && code == 0) {
    lua_pushboolean(L, 1);
  } else {
    luaL_pushfail(L);
  }
  lua_pushstring(L, exited ? "exit" : "signal");
  lua_pushinteger(L, code);
  return 3;
}

constexpr int64_t kFirstPause = kMillisecond;
constexpr int64_t kLongestPause = 20 * kMillisecond;

int WaitForChild(lua_State* L, pid_t child, const ChildOutput& output, int64_t pause);

World* WorldOf(lua_State* L) { return CurrentGoroutine(L)->world(); }

// Of a child that has ended: what the pipes hold. What it left running writes to nobody.
void EndOutput(lua_State* L, const ChildOutput& output) {
  (void)HandOnChildOutput(WorldOf(L), output);
  CloseChildOutput(output);
}

// The context is the child; [1] the pause so far, [2] and [3] what is read of its output.
int ChildResumed(lua_State* L, int, lua_KContext context) {
  auto child = static_cast<pid_t>(context);
  const ChildOutput output = {static_cast<int>(lua_tointeger(L, 2)), static_cast<int>(lua_tointeger(L, 3))};
  if (FinishSleep(CurrentGoroutine(L)) == Progress::kCancelled) {
    CloseChildOutput(output);
    kill(-child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    RaiseCancelled(L);
  }
  auto pause = static_cast<int64_t>(lua_tointeger(L, 1)) * 2;
  return WaitForChild(L, child, output, pause < kLongestPause ? pause : kLongestPause);
}

int ChildLost(lua_State* L, const ChildOutput& output) {
  const int error = errno;
  CloseChildOutput(output);
  errno = error;
  return luaL_fileresult(L, 0, nullptr);
}

// In a deterministic run the world stands still while a command runs, as if it took no time. Upper room.
int WaitForChildHere(lua_State* L, LuaGoroutine* goroutine, pid_t child, const ChildOutput& output) {
  OutsideWait wait(goroutine);
  int status = 0;
  for (;;) {
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) {
      EndOutput(L, output);
      return ExecuteResult(L, status);
    }
    if (ended < 0 && errno != EINTR) return ChildLost(L, output);
    (void)HandOnChildOutput(WorldOf(L), output);
    if (wait.Pause()) continue;
    CloseChildOutput(output);
    kill(-child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    RaiseCancelled(L);
  }
}

// Looks whether the child has ended, at growing intervals: a sleep can be cancelled, waitpid cannot.
int WaitForChild(lua_State* L, pid_t child, const ChildOutput& output, int64_t pause) {
  int status = 0;
  pid_t ended = waitpid(child, &status, WNOHANG);
  if (ended == child) {
    EndOutput(L, output);
    return ExecuteResult(L, status);
  }
  if (ended < 0 && errno != EINTR) return ChildLost(L, output);
  if (HandOnChildOutput(WorldOf(L), output)) pause = kFirstPause;
  lua_settop(L, 0);
  lua_pushinteger(L, pause);
  lua_pushinteger(L, output.out);
  lua_pushinteger(L, output.err);
  WaitPlan plan = PlanWait(L);
  Sleep(plan.goroutine, pause);
  return Park(L, plan, ChildResumed, static_cast<lua_KContext>(child));
}

int Execute(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    lua_pushboolean(L, access("/bin/sh", X_OK) == 0);
    return 1;
  }
  const char* command = luaL_checkstring(L, 1);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine || InFinalizer(L)) return luaL_error(L, "os.execute is not possible here");
  DropPlan(PlanCertainWait(L, "os.execute"));  // whatever forbids waiting forbids starting
  ChildOutput output;
  pid_t child = StartShell(goroutine->world(), command, &output);
  if (child < 0) return luaL_fileresult(L, 0, nullptr);
  if (goroutine->turns()) return WaitForChildHere(L, goroutine, child, output);
  return WaitForChild(L, child, output, kFirstPause);
}

constexpr auto kNone = StoresInto::kNothing;

}  // namespace

extern const FunctionEntry kOsFunctions[] = {
    {"os", "exit", Exit, "code?: boolean | integer", "", "", "ends the run", MaySwitch::kNo, kNone, false, false, ""},
    {"os", "execute", Execute, "command?: string", "(true | nil), ('exit' | 'signal'), code: integer", "", "", MaySwitch::kYes, kNone, false, false, ""},
    {"os", "getenv", GetEnvironment, "name: string", "string | nil", "", "", MaySwitch::kNo, kNone, false, false, ""},
    {"os", "setlocale", SetLocale, "locale?: string", "string | nil", "", "", MaySwitch::kNo, kNone, false, false, ""},
};
SLOTH_REGISTRY_COUNT(Os);

}  // namespace sloth

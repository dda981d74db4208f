// Groups of goroutines that fail together.
#include "lua/blocking.h"
#include "lua/body.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/outcome.h"
#include "lua/registry_tables.h"
#include "lua/spawn.h"
#include "sync/err_group.h"

namespace sloth {
namespace {

ErrGroup* CheckGroup(lua_State* L) { return CheckHandleAs<ErrGroup>(L, 1, HandleKind::kErrGroup); }

LuaGoroutine* CheckCurrent(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "groups cannot be used here: no goroutine runs");
  return goroutine;
}

// -- making --

// {limit =} at `argument`: the limit, 0 when there is none. Read raw, and anything else in it is a mistake.
lua_Integer CheckOptions(lua_State* L, int argument) {
  if (lua_isnoneornil(L, argument)) return 0;
  if (!lua_istable(L, argument)) luaL_typeerror(L, argument, argument == 1 ? "context or {limit =}" : "{limit =}");
  lua_Integer limit = 0;
  lua_pushnil(L);
  while (lua_next(L, argument)) {
    if (lua_type(L, -2) != LUA_TSTRING || std::string_view(lua_tostring(L, -2)) != "limit") {
      luaL_argerror(L, argument, lua_pushfstring(L, "{limit =} has no field '%s'", luaL_tolstring(L, -2, nullptr)));
    }
    int exact = 0;
    if (lua_type(L, -1) == LUA_TNUMBER) limit = lua_tointegerx(L, -1, &exact);
    if (!exact || limit < 1) {
      luaL_argerror(L, argument, lua_pushfstring(L, "limit: an integer of at least 1 was expected, got %s", luaL_tolstring(L, -1, nullptr)));
    }
    lua_pop(L, 1);
  }
  return limit;
}

void MakeGroup(LuaGoroutine* goroutine, Context* parent, int64_t limit) noexcept {
  auto context = Context::Make(goroutine->world()->scheduler, Ref<Context>(parent));
  goroutine->scratch().received = Value::OfHandle(MakeRef<ErrGroup>(std::move(context), limit));
}

int NewGroup(lua_State* L) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  Context* parent = ContextAt(L, 1);
  int options = parent || (lua_isnil(L, 1) && lua_gettop(L) > 1) ? 2 : 1;
  // `errgroup(ctx:with_timeout(ms))` passes on what comes behind the context.
  if (parent && lua_tocfunction(L, options) == CallCancelFunction) options++;
  lua_Integer limit = CheckOptions(L, options);
  MakeGroup(goroutine, parent, limit);
  PushHandle(L, goroutine->scratch().received.handle(), HandleView::kFull);
  goroutine->scratch().received = Value();
  return 1;
}

int ContextOf(lua_State* L) {
  PushHandle(L, CheckGroup(L)->context(), HandleView::kFull);
  return 1;
}

// -- starting --

// Makes a member of the function at 2 and its arguments, and leaves [1] the group, [2] the member's handle.
void MakeMember(lua_State* L, ErrGroup* group) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  LuaGoroutine* member =
      MakeChild(L, lua_gettop(L) - 2, {.uncaught = UncaughtRule::kReportAtEnd, .context = group->context()});
  PushHandle(L, member, HandleView::kFull);
}

void StartMember(LuaGoroutine* parent, ErrGroup* group) noexcept {
  group->Watch(parent->scratch().child.get());
  StartChild(parent);
}

Progress FinishEnter(LuaGoroutine* goroutine) noexcept {
  Ref<ErrGroup> group = goroutine->TakeWaitObject<ErrGroup>();
  return group->FinishEnter(goroutine);
}

// The member starts, or nobody ever will start it.
int GoResult(lua_State* L, Progress progress) {
  LuaGoroutine* self = CurrentGoroutine(L);
  if (progress == Progress::kDone) {
    StartMember(self, CheckGroup(L));
    return 1;
  }
  DropChild(L, self);
  switch (progress) {
    case Progress::kCancelled: RaiseCancelled(L);
    case Progress::kClosed: return luaL_error(L, "the wait for this group has returned: start a new group");
    case Progress::kWouldBlock:
      lua_pushnil(L);
      lua_pushliteral(L, "limit reached");
      return 2;
    default: Unreachable();
  }
}

int GoResumed(lua_State* L, int, lua_KContext) { return GoResult(L, FinishEnter(CurrentGoroutine(L))); }

int Go(lua_State* L) {
  ErrGroup* group = CheckGroup(L);
  MakeMember(L, group);
  WaitPlan plan = PlanWait(L);
  Progress progress = group->Enter(plan.goroutine);
  if (progress == Progress::kWaiting) return Park(L, plan, GoResumed);
  DropPlan(plan);
  return GoResult(L, progress);
}

int TryGo(lua_State* L) {
  ErrGroup* group = CheckGroup(L);
  MakeMember(L, group);
  return GoResult(L, group->TryEnter());
}

// -- waiting --

// Lower room: closes the group; who failed first, kept in scratch().child, or null.
Goroutine* CloseGroup(LuaGoroutine* self, ErrGroup* group, const char** ended_by) noexcept {
  ErrGroup::Result result = group->Close();
  *ended_by = result.ended_by;
  self->scratch().child = std::move(result.failed);
  return self->scratch().child.get();
}

int WaitResult(lua_State* L, Progress progress) {
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  LuaGoroutine* self = CurrentGoroutine(L);
  if (progress == Progress::kTimedOut) {
    lua_pushboolean(L, 0);
    PushTimeoutText(L);
    return 2;
  }
  const char* ended_by = nullptr;
  Goroutine* failed = CloseGroup(self, CheckGroup(L), &ended_by);
  lua_pushboolean(L, failed == nullptr);
  if (!failed) return 1;
  if (ended_by) {
    lua_pushstring(L, ended_by);
  } else {
    PushOutcomeError(L, failed);
  }
  self->scratch().child = nullptr;
  return 2;
}

Progress FinishWait(LuaGoroutine* goroutine) noexcept {
  Ref<ErrGroup> group = goroutine->TakeWaitObject<ErrGroup>();
  return group->FinishWait(goroutine);
}

int WaitResumed(lua_State* L, int, lua_KContext) { return WaitResult(L, FinishWait(CurrentGoroutine(L))); }

int WaitForGroup(lua_State* L) {
  ErrGroup* group = CheckGroup(L);
  WaitLimit limit = CheckTimeout(L, 2, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Progress progress = group->Wait(plan.goroutine, limit);
  if (progress == Progress::kWaiting) return Park(L, plan, WaitResumed);
  DropPlan(plan);
  return WaitResult(L, progress);
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kGoErrors[] = "raises when f is not a function, and when a wait for the group has returned";

}  // namespace

extern const FunctionEntry kErrGroupFunctions[] = {
    {"goroutine", "errgroup", NewGroup, "ctx?: context, options?: {limit?: integer} || options?: {limit?: integer}", "errgroup", "", "raises for limit < 1 and unknown options", kNo, kNone, false, false, "1.0",
     "Makes a group of goroutines that fail together, of which at most `limit` run at once."},
    {"errgroup.method", "go", Meets<Go>, "f: function, ...: any", "goroutine", "", kGoErrors, kWaits, kNone, true, false, "1.0",
     "Starts `f(...)` in the group, once there is a place for it."},
    {"errgroup.method", "try_go", Meets<TryGo>, "f: function, ...: any", "goroutine | nil, message: string", "", kGoErrors, kNo, kNone, true, false, "1.0",
     "As `go`, if there is a place at once."},
    {"errgroup.method", "wait", Meets<WaitForGroup>, SLOTH_TIMEOUT, "true | false, error: any", "ms", "", kWaits, kNone, false, false, "1.0",
     "Waits until all of the group have ended; tells the first error, if there was one."},
    {"errgroup.method", "context", Meets<ContextOf>, "", "context", "", "", kNo, kNone, false, false, "1.0",
     "The context of the group, which ends with the first error or when `wait` returns."},
};
SLOTH_REGISTRY_COUNT(ErrGroup);

}  // namespace sloth

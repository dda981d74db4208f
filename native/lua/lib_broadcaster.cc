// The methods of broadcasters.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/handles.h"
#include "lua/lib_broadcaster.h"
#include "lua/pack.h"
#include "lua/prelude.h"
#include "lua/registry_tables.h"
#include "sync/broadcaster.h"

namespace sloth {
namespace {

Broadcaster* CheckBroadcaster(lua_State* L) { return CheckHandleAs<Broadcaster>(L, 1, HandleKind::kBroadcaster); }

LuaGoroutine* CheckGoroutine(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "broadcasters cannot be used here: no goroutine runs");
  return goroutine;
}

// Pushes what is in goroutine->scratch().received, a handle, in the slot so that nothing leaks when that raises.
int PushReceived(lua_State* L, LuaGoroutine* goroutine, HandleView view) {
  PushHandle(L, goroutine->scratch().received.handle(), view);
  goroutine->scratch().received = Value();
  return 1;
}

int Subscribe(lua_State* L) {
  Broadcaster* broadcaster = CheckBroadcaster(L);
  LuaGoroutine* goroutine = CheckGoroutine(L);
  goroutine->scratch().received = Value::OfHandle(broadcaster->Subscribe());
  return PushReceived(L, goroutine, HandleView::kReceiveOnly);
}

int Unsubscribe(lua_State* L) {
  Broadcaster* broadcaster = CheckBroadcaster(L);
  lua_pushboolean(L, broadcaster->Unsubscribe(CheckChannel(L, 2, HandleView::kFull)));
  return 1;
}

int Close(lua_State* L) {
  lua_pushboolean(L, CheckBroadcaster(L)->Close());
  return 1;
}

int Subscribers(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckBroadcaster(L)->subscribers()));
  return 1;
}

// -- publish --

enum class Started : uint8_t { kYes, kUnsendable, kClosed };

// Lower room: the publication is in goroutine->scratch().holding until all subscribers have their value.
Started Start(lua_State* L, LuaGoroutine* goroutine, Broadcaster* broadcaster, const WaitLimit& limit) noexcept {
  Value value;
  PackFailure failure;
  if (!TryPackValue(L, 2, &value, &failure)) {
    goroutine->scratch().text = PackFailureText("cannot publish", failure);
    return Started::kUnsendable;
  }
  int64_t deadline = DeadlineAfter(goroutine->world()->scheduler->clock()->Now(), limit.timeout_ns);
  auto publication = broadcaster->Publish(std::move(value), deadline, Ref<WaitEnder>(limit.ender));
  bool closed = !publication;
  goroutine->scratch().holding = std::move(publication);
  return closed ? Started::kClosed : Started::kYes;
}

int64_t Now(LuaGoroutine* goroutine) { return goroutine->world()->scheduler->clock()->Now(); }

Broadcaster::Publication* PublicationOf(LuaGoroutine* goroutine) {
  return static_cast<Broadcaster::Publication*>(goroutine->scratch().holding.get());
}

int PublishResult(lua_State* L, LuaGoroutine* goroutine, Progress progress) {
  int64_t reached = PublicationOf(goroutine)->reached();
  goroutine->scratch().holding = nullptr;
  switch (progress) {
    case Progress::kDone: lua_pushinteger(L, reached); return 1;
    case Progress::kTimedOut:
      lua_pushboolean(L, 0);
      PushTimeoutText(L);
      return 2;
    case Progress::kCancelled: RaiseCancelled(L);
    case Progress::kNoMemory: return luaL_error(L, "not enough memory");
    default: Unreachable();
  }
}

int PublishResumed(lua_State* L, int, lua_KContext);

int PublishToRest(lua_State* L, const WaitPlan& plan) {
  Progress progress = PublicationOf(plan.goroutine)->Advance(plan.goroutine, Now(plan.goroutine));
  if (progress == Progress::kWaiting) return Park(L, plan, PublishResumed);
  DropPlan(plan);
  return PublishResult(L, plan.goroutine, progress);
}

int PublishResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  Progress progress = PublicationOf(goroutine)->FinishWait(goroutine);
  if (progress != Progress::kDone) return PublishResult(L, goroutine, progress);
  return PublishToRest(L, PlanWait(L));
}

int Publish(lua_State* L) {
  Broadcaster* broadcaster = CheckBroadcaster(L);
  if (lua_isnoneornil(L, 2)) return luaL_error(L, "cannot publish nil: it would end a range loop");
  WaitLimit limit = CheckTimeout(L, 3, kMillisecond);
  WaitPlan plan = PlanWait(L);
  Started started = Start(L, plan.goroutine, broadcaster, limit);
  if (started == Started::kYes) return PublishToRest(L, plan);
  DropPlan(plan);
  if (started == Started::kClosed) return luaL_error(L, "publish on closed broadcaster");
  return luaL_error(L, "%s", plan.goroutine->scratch().text.c_str());
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;

}  // namespace

int NewBroadcaster(lua_State* L) {
  static const char* const kModes[] = {"block", "drop_oldest", "drop_newest", nullptr};
  auto buffer = static_cast<size_t>(luaL_checkinteger(L, 1));
  auto mode = static_cast<WhenFull>(luaL_checkoption(L, 2, nullptr, kModes));
  LuaGoroutine* goroutine = CheckGoroutine(L);
  goroutine->scratch().received = Value::OfHandle(MakeRef<Broadcaster>(buffer, mode));
  return PushReceived(L, goroutine, HandleView::kFull);
}

extern const FunctionEntry kBroadcasterFunctions[] = {
    {"goroutine", "broadcaster", InLua<"broadcaster", "broadcaster">, "options?: {buffer?: integer, on_full?: 'block' | 'drop_oldest' | 'drop_newest'}", "broadcaster", "", "raises for unknown options and wrong values", kNo, kNone, false, false, "1.0",
     "Makes an object that gives every published value to each of its subscribers."},
    {"broadcaster.method", "subscribe", Meets<Subscribe>, "", "channel", "", "", kNo, kNone, false, false, "1.0",
     "A channel of its own for everything that is published from now on; a closed one when the broadcaster is closed."},
    {"broadcaster.method", "unsubscribe", Meets<Unsubscribe>, "ch: channel", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Ends a subscription and closes its channel, of which what it holds stays receivable; tells whether it was one."},
    {"broadcaster.method", "publish", Meets<Publish>, "value: any, " SLOTH_TIMEOUT, "reached: integer | false, message: string", "ms", "raises `publish on closed broadcaster`; a value that cannot be copied, with its path; nil", MaySwitch::kIfItHasToWait, kNone, false, false, "1.0",
     "Gives a value to every subscriber; returns how many took it."},
    {"broadcaster.method", "subscribers", Meets<Subscribers>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many subscribers there are."},
    {"broadcaster.method", "close", Meets<Close>, "", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Ends all subscriptions; tells whether it was open."},
};
SLOTH_REGISTRY_COUNT(Broadcaster);

}  // namespace sloth

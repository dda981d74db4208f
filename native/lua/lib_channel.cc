// What is done with channels; lib_channel_make.cc makes them.
#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/channel_priority.h"
#include "lua/handles.h"
#include "lua/lib_context.h"
#include "lua/lib_goroutine.h"
#include "lua/pack.h"
#include "lua/registry_tables.h"
#include "sync/channel.h"
#include "sync/join.h"

namespace sloth {
namespace {

// How channels that are closed, or full and do not let senders wait, are reported: methods raise, goroutine.channel_send and channel_close return false and a message.
enum class ClosedRule : uint8_t { kRaise, kReturn };

int ReportRefusal(lua_State* L, ClosedRule rule, const char* message) {
  if (rule == ClosedRule::kRaise) return luaL_error(L, "%s", message);
  lua_pushboolean(L, 0);
  lua_pushstring(L, message);
  return 2;
}

int SendResult(lua_State* L, Progress progress, ClosedRule rule) {
  switch (progress) {
    case Progress::kDone:
      lua_pushboolean(L, 1);
      return 1;
    case Progress::kTimedOut:
      lua_pushboolean(L, 0);
      PushTimeoutText(L);
      return 2;
    case Progress::kClosed: return ReportRefusal(L, rule, "send on closed channel");
    case Progress::kFull: return ReportRefusal(L, rule, "send on full channel");
    case Progress::kCancelled: RaiseCancelled(L);
    case Progress::kNoMemory: return luaL_error(L, "not enough memory");
    default: Unreachable();
  }
}

// Lower room: packs the value at `index`; false with the sentence in goroutine->scratch().text.
bool TryPackForSend(lua_State* L, LuaGoroutine* goroutine, int index, Value* value) noexcept {
  PackFailure failure;
  if (TryPackValue(L, index, value, &failure)) return true;
  goroutine->scratch().text = PackFailureText("cannot send", failure);
  return false;
}

enum class SendStart : uint8_t { kUnsendable, kStarted };

SendStart StartSend(lua_State* L, LuaGoroutine* goroutine, Channel* channel, const WaitLimit& timeout, int64_t priority, Progress* progress) noexcept {
  Value value;
  if (!TryPackForSend(L, goroutine, 2, &value)) return SendStart::kUnsendable;
  *progress = channel->Send(goroutine, std::move(value), timeout, priority);
  return SendStart::kStarted;
}

Progress FinishSend(LuaGoroutine* goroutine) noexcept {
  Ref<Channel> channel = goroutine->TakeWaitObject<Channel>();
  return channel->FinishSend(goroutine);
}

int SendResumed(lua_State* L, int, lua_KContext rule) {
  return SendResult(L, FinishSend(CurrentGoroutine(L)), static_cast<ClosedRule>(rule));
}

int SendWith(lua_State* L, ClosedRule rule) {
  Channel* channel = CheckChannel(L, 1, HandleView::kSendOnly);
  if (lua_isnoneornil(L, 2)) return luaL_error(L, "cannot send nil: it would end a range loop");
  // Channels with priorities take theirs before the timeout.
  int64_t priority = CheckPriority(L, 3, channel);
  WaitLimit timeout = CheckTimeout(L, channel->has_priorities() ? 4 : 3, kSecond);
  WaitPlan plan = PlanWait(L);
  Progress progress;
  if (StartSend(L, plan.goroutine, channel, timeout, priority, &progress) == SendStart::kUnsendable) {
    DropPlan(plan);
    return luaL_error(L, "%s", plan.goroutine->scratch().text.c_str());
  }
  if (progress == Progress::kWaiting) return Park(L, plan, SendResumed, static_cast<lua_KContext>(rule));
  DropPlan(plan);
  return SendResult(L, progress, rule);
}

int Send(lua_State* L) { return SendWith(L, ClosedRule::kRaise); }
int SendReturning(lua_State* L) { return SendWith(L, ClosedRule::kReturn); }

// Pushes what a receive gave; the value waits in goroutine->scratch().received.
int ReceiveResult(lua_State* L, LuaGoroutine* goroutine, Progress progress) {
  switch (progress) {
    case Progress::kDone:
      UnpackValues(L, goroutine->scratch().received);
      goroutine->scratch().received = Value();
      lua_pushboolean(L, 1);
      return 2;
    case Progress::kClosed:
      lua_pushnil(L);
      lua_pushboolean(L, 0);
      return 2;
    case Progress::kTimedOut:
      lua_pushnil(L);
      lua_pushboolean(L, 0);
      PushTimeoutText(L);
      return 3;
    case Progress::kCancelled: RaiseCancelled(L);
    default: Unreachable();
  }
}

Progress FinishReceive(LuaGoroutine* goroutine) noexcept {
  Ref<Channel> channel = goroutine->TakeWaitObject<Channel>();
  return channel->FinishReceive(goroutine, &goroutine->scratch().received);
}

int ReceiveResumed(lua_State* L, int, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return ReceiveResult(L, goroutine, FinishReceive(goroutine));
}

int Receive(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kReceiveOnly);
  WaitLimit timeout = CheckTimeout(L, 2, kSecond);
  WaitPlan plan = PlanWait(L);
  Progress progress = channel->Receive(plan.goroutine, &plan.goroutine->scratch().received, timeout);
  if (progress == Progress::kWaiting) return Park(L, plan, ReceiveResumed);
  DropPlan(plan);
  return ReceiveResult(L, plan.goroutine, progress);
}

// The same as a method: one C function under two names would be called by the other one in tracebacks.
int ReceiveMethod(lua_State* L) { return Receive(L); }

Progress StartTrySend(lua_State* L, LuaGoroutine* goroutine, Channel* channel, int64_t priority) noexcept {
  Value value;
  if (!TryPackForSend(L, goroutine, 2, &value)) return Progress::kCancelled;
  return channel->TrySend(std::move(value), priority);
}

LuaGoroutine* CheckGoroutine(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "channels cannot be used here: no goroutine runs");
  return goroutine;
}

int TrySend(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kSendOnly);
  if (lua_isnoneornil(L, 2)) return luaL_error(L, "cannot send nil: it would end a range loop");
  int64_t priority = CheckPriority(L, 3, channel);
  LuaGoroutine* goroutine = CheckGoroutine(L);
  Progress progress = StartTrySend(L, goroutine, channel, priority);
  if (progress == Progress::kCancelled) return luaL_error(L, "%s", goroutine->scratch().text.c_str());
  if (progress != Progress::kWouldBlock) return SendResult(L, progress, ClosedRule::kRaise);
  lua_pushboolean(L, 0);
  return 1;
}

int TryReceive(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kReceiveOnly);
  LuaGoroutine* goroutine = CheckGoroutine(L);
  Progress progress = channel->TryReceive(&goroutine->scratch().received);
  if (progress == Progress::kDone) return ReceiveResult(L, goroutine, progress);
  lua_pushnil(L);
  lua_pushboolean(L, 0);
  lua_pushstring(L, progress == Progress::kClosed ? "closed" : "empty");
  return 3;
}

int CloseWith(lua_State* L, ClosedRule rule) {
  Channel* channel = CheckChannel(L, 1, HandleView::kFull);
  // Nobody can send to a channel with a timer, and everybody can stop that.
  if (!channel->has_feed()) CheckChannel(L, 1, HandleView::kSendOnly);
  if (!channel->Close()) return ReportRefusal(L, rule, "close of closed channel");
  lua_pushboolean(L, 1);
  return 1;
}
int Close(lua_State* L) { return CloseWith(L, ClosedRule::kRaise); }
int CloseReturning(lua_State* L) { return CloseWith(L, ClosedRule::kReturn); }

int Length(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckChannel(L, 1, HandleView::kFull)->length()));
  return 1;
}

int Capacity(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(CheckChannel(L, 1, HandleView::kFull)->capacity()));
  return 1;
}

int IsClosed(lua_State* L) {
  lua_pushboolean(L, CheckChannel(L, 1, HandleView::kFull)->closed());
  return 1;
}

// -- range --

int RangeStep(lua_State* L, Progress progress) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (progress == Progress::kClosed) {
    lua_pushnil(L);
    return 1;
  }
  ReceiveResult(L, goroutine, progress);
  lua_pop(L, 1);
  return 1;
}

int RangeResumed(lua_State* L, int, lua_KContext) { return RangeStep(L, FinishReceive(CurrentGoroutine(L))); }

int RangeNext(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kReceiveOnly);
  WaitPlan plan = PlanWait(L);
  Progress progress = channel->Receive(plan.goroutine, &plan.goroutine->scratch().received, kForever);
  if (progress == Progress::kWaiting) return Park(L, plan, RangeResumed);
  DropPlan(plan);
  return RangeStep(L, progress);
}

int EachReceived(lua_State* L, int, lua_KContext);

// Stack: [1] channel, [2] function. Calls it for every value.
int EachLoop(lua_State* L) {
  for (;;) {
    lua_settop(L, 2);
    Channel* channel = CheckChannel(L, 1, HandleView::kReceiveOnly);
    WaitPlan plan = PlanWait(L);
    Progress progress = channel->Receive(plan.goroutine, &plan.goroutine->scratch().received, kForever);
    if (progress == Progress::kWaiting) return Park(L, plan, EachReceived, 1);
    DropPlan(plan);
    ApplyPosts(L);
    if (progress == Progress::kClosed) return 0;
    lua_pushvalue(L, 2);
    ReceiveResult(L, plan.goroutine, progress);
    lua_pop(L, 1);
    lua_callk(L, 1, 0, 0, EachReceived);
  }
}

// Context 1: a value arrived; 0: the function returned.
int EachReceived(lua_State* L, int, lua_KContext received) {
  if (!received) return EachLoop(L);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  Progress progress = FinishReceive(goroutine);
  if (progress == Progress::kClosed) return 0;
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  ReceiveResult(L, goroutine, progress);
  lua_pop(L, 1);
  lua_callk(L, 1, 0, 0, EachReceived);
  return EachLoop(L);
}

int Range(lua_State* L) {
  CheckChannel(L, 1, HandleView::kReceiveOnly);
  if (!lua_isnoneornil(L, 2)) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    return EachLoop(L);
  }
  lua_pushcfunction(L, Meets<RangeNext>);
  lua_pushvalue(L, 1);
  return 2;
}

int RangeMethod(lua_State* L) { return Range(L); }

// -- sleep in seconds --

int SleepResumed(lua_State* L, int, lua_KContext) {
  if (FinishSleep(CurrentGoroutine(L)) == Progress::kCancelled) RaiseCancelled(L);
  return 0;
}

// Of a sleep with a limit, which may have been cut short.
int LimitedSleepResumed(lua_State* L, int, lua_KContext) {
  Progress progress = FinishSleep(CurrentGoroutine(L));
  if (progress == Progress::kCancelled) RaiseCancelled(L);
  lua_pushboolean(L, progress == Progress::kDone);
  if (progress == Progress::kDone) return 1;
  PushTimeoutText(L, "timeout");
  return 2;
}

int YieldResumed(lua_State*, int, lua_KContext) { return 0; }

}  // namespace

int SleepInUnits(lua_State* L, int64_t unit) {
  bool limited = lua_istable(L, 1) || ContextAt(L, 1);
  WaitLimit limit = limited ? CheckTimeout(L, 1, unit) : WaitLimit(CheckDuration(L, 1, unit));
  if (!limited && limit.timeout_ns == 0) return YieldToScheduler(L, YieldResumed);
  WaitPlan plan = PlanWait(L);
  Sleep(plan.goroutine, limit);
  return Park(L, plan, limited ? LimitedSleepResumed : SleepResumed);
}

int SleepSeconds(lua_State* L) { return SleepInUnits(L, kSecond); }

namespace {
constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kClosedChannel[] = "raises `send on closed channel`, `send on full channel` with overflow 'error'; a value that cannot be copied, with its path; nil";
}  // namespace

extern const FunctionEntry kChannelFunctions[] = {
    {"channel", "range", Meets<Range>, "ch: channel, f?: function", "iterator: function | nil", "", "raises on a send-only channel", kWaits, kNone, true, false, "1.0",
     "Iterates over what a channel receives until it is closed and empty; with `f`, calls `f(value)` for each."},
    {"channel", "sleep", Meets<SleepSeconds>, SLOTH_DURATION, "nil | true | false, message: string", "s", "raises for negative or NaN", MaySwitch::kYes, kNone, false, false, "1.0",
     "Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before."},
    {"go", "sleep", Meets<SleepSeconds>, SLOTH_DURATION, "nil | true | false, message: string", "s", "raises for negative or NaN", MaySwitch::kYes, kNone, false, false, "1.0",
     "Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before."},
    {"goroutine", "channel_send", Meets<SendReturning>, "ch: channel, value: any, " SLOTH_TIMEOUT " || ch: channel, value: any, priority?: integer | string, " SLOTH_TIMEOUT, "true | false, message: string", "s", "returns false and a message on a closed channel, or a full one with overflow 'error'", kWaits, kNone, false, false, "1.0",
     "As `ch:send`, but a closed channel is a result and no error."},
    {"goroutine", "channel_receive", Meets<Receive>, "ch: channel, " SLOTH_TIMEOUT, "value: any, true | nil, false | nil, false, message: string", "s", "", kWaits, kNone, false, false, "1.0",
     "As `ch:receive`."},
    {"goroutine", "channel_close", Meets<CloseReturning>, "ch: channel", "true | false, message: string", "", "", kNo, kNone, false, false, "1.0",
     "As `ch:close`, but a closed channel is a result and no error."},
    {"goroutine", "channel_len", Meets<Length>, "ch: channel", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many values wait in the channel's buffer."},
    {"goroutine", "channel_cap", Meets<Capacity>, "ch: channel", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many values the channel's buffer has room for."},
    {"channel.method", "send", Meets<Send>, "value: any, " SLOTH_TIMEOUT " || value: any, priority?: integer | string, " SLOTH_TIMEOUT, "true | false, message: string", "s", kClosedChannel, kWaits, kNone, false, false, "1.0",
     "Sends a copy of a value; waits while the buffer is full."},
    {"channel.method", "receive", Meets<ReceiveMethod>, SLOTH_TIMEOUT, "value: any, true | nil, false | nil, false, message: string", "s", "raises on a send-only channel", kWaits, kNone, false, false, "1.0",
     "Takes the next value; waits while there is none."},
    {"channel.method", "try_send", Meets<TrySend>, "value: any, priority?: integer | string", "boolean", "", kClosedChannel, kNo, kNone, false, false, "1.0",
     "Sends a copy of a value if that is possible at once."},
    {"channel.method", "try_receive", Meets<TryReceive>, "", "value: any, true | nil, false, 'empty' | nil, false, 'closed'", "", "", kNo, kNone, false, false, "1.0",
     "Takes the next value if there is one."},
    {"channel.method", "close", Meets<Close>, "", "true", "", "raises `close of closed channel`", kNo, kNone, false, false, "1.0",
     "Closes the channel: what is in the buffer can still be received, nothing more can be sent."},
    {"channel.method", "len", Meets<Length>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many values wait in the buffer."},
    {"channel.method", "cap", Meets<Capacity>, "", "integer", "", "", kNo, kNone, false, false, "1.0",
     "How many values the buffer has room for."},
    {"channel.method", "is_closed", Meets<IsClosed>, "", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Whether the channel was closed."},
    {"channel.method", "range", Meets<RangeMethod>, "f?: function", "iterator: function | nil", "", "raises on a send-only channel", kWaits, kNone, true, false, "1.0",
     "Iterates over what the channel receives until it is closed and empty; with `f`, calls `f(value)` for each."},
};
SLOTH_REGISTRY_COUNT(Channel);

}  // namespace sloth

// Making channels: plain ones, with priorities, fed by a timer; and what each can say of itself.
#include "lua/blocking.h"
#include "lua/handles.h"
#include "lua/registry_tables.h"
#include "sched/scheduler.h"
#include "sync/channel.h"

namespace sloth {
namespace {

constexpr lua_Integer kLargestCapacity = 1 << 30;
constexpr lua_Integer kMostNames = 1000;
const char* const kOverflows[] = {"block", "drop_oldest", "drop_newest", "error", nullptr};

LuaGoroutine* CheckGoroutine(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "channels cannot be used here: no goroutine runs");
  return goroutine;
}

// Plain data of the upper room; the names of the levels stay on the stack.
struct Wanted {
  lua_Integer capacity = 0;
  int overflow = 0;
  ChannelBuffer::Order order = ChannelBuffer::Order::kArrival;
  lua_Integer levels = 0;
  int names = 0;  // where the list of names is; 0: none
};

// Lower room: makes the channel into goroutine->scratch().received.
void MakeChannel(lua_State* L, LuaGoroutine* goroutine, const Wanted& wanted) noexcept {
  ChannelOptions options;
  options.capacity = static_cast<size_t>(wanted.capacity);
  options.overflow = static_cast<Overflow>(wanted.overflow);
  options.order = wanted.order;
  options.levels = wanted.levels;
  for (lua_Integer i = 1; wanted.names && i <= wanted.levels; i++) {
    lua_rawgeti(L, wanted.names, i);
    options.level_names.emplace_back(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  goroutine->scratch().received = Value::OfHandle(MakeRef<Channel>(std::move(options)));
}

void PushMade(lua_State* L, LuaGoroutine* goroutine, HandleView view) {
  PushHandle(L, goroutine->scratch().received.handle(), view);
  goroutine->scratch().received = Value();
}

int PushChannel(lua_State* L, const Wanted& wanted, HandleView view) {
  LuaGoroutine* goroutine = CheckGoroutine(L);
  luaL_checkstack(L, 2, nullptr);
  MakeChannel(L, goroutine, wanted);
  PushMade(L, goroutine, view);
  return 1;
}

lua_Integer CheckCapacity(lua_State* L, int argument) {
  if (lua_isnone(L, argument)) return 0;
  lua_Integer capacity = luaL_checkinteger(L, argument);
  if (capacity < 0) luaL_argerror(L, argument, "a capacity cannot be negative");
  if (capacity > kLargestCapacity) luaL_argerror(L, argument, "a capacity cannot be larger than 2^30");
  return capacity;
}

// [-1] the value of `overflow`.
int CheckOverflow(lua_State* L, int argument, lua_Integer capacity) {
  int overflow = 0;
  bool text = lua_type(L, -1) == LUA_TSTRING;
  while (text && kOverflows[overflow] && std::string_view(kOverflows[overflow]) != lua_tostring(L, -1)) overflow++;
  if (!text || !kOverflows[overflow]) {
    luaL_argerror(L, argument, lua_pushfstring(L, "overflow must be 'block', 'drop_oldest', 'drop_newest' or 'error', got %s", luaL_tolstring(L, -1, nullptr)));
  }
  if (overflow != 0 && capacity == 0) {
    luaL_argerror(L, argument, lua_pushfstring(L, "overflow '%s' needs a buffer: a capacity of at least 1", kOverflows[overflow]));
  }
  return overflow;
}

// [-1] the value of `levels`: a number, or the names from the lowest to the highest. Leaves a list at wanted->names.
void CheckLevels(lua_State* L, int argument, Wanted* wanted) {
  if (lua_istable(L, -1)) {
    wanted->levels = static_cast<lua_Integer>(lua_rawlen(L, -1));
    if (wanted->levels < 1 || wanted->levels > kMostNames) luaL_argerror(L, argument, "levels must be a list of 1 to 1000 names");
    int list = lua_gettop(L);
    lua_createtable(L, static_cast<int>(wanted->levels), 0);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= wanted->levels; i++) {
      if (lua_rawgeti(L, list, i) != LUA_TSTRING) {
        luaL_argerror(L, argument, lua_pushfstring(L, "levels: a name was expected at index %I, got %s", static_cast<LUAI_UACINT>(i), luaL_typename(L, -1)));
      }
      lua_pushvalue(L, -1);
      if (lua_rawget(L, list + 2) != LUA_TNIL) luaL_argerror(L, argument, lua_pushfstring(L, "levels: '%s' is there twice", lua_tostring(L, -2)));
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      lua_pushboolean(L, 1);
      lua_rawset(L, list + 2);
      lua_rawseti(L, list + 1, i);
    }
    lua_settop(L, list + 1);
    lua_replace(L, argument);  // the options have been read by then, all but this one
    wanted->names = argument;
    return;
  }
  int exact = 0;
  if (lua_type(L, -1) == LUA_TNUMBER) wanted->levels = lua_tointegerx(L, -1, &exact);
  if (!exact || wanted->levels < 1) {
    luaL_argerror(L, argument, lua_pushfstring(L, "levels must be an integer of at least 1 or a list of names, got %s", luaL_tolstring(L, -1, nullptr)));
  }
}

// Reads the options at `argument`, raw, and nothing else may be in there.
void CheckOptions(lua_State* L, int argument, Wanted* wanted) {
  if (lua_isnoneornil(L, argument)) return;
  luaL_checktype(L, argument, LUA_TTABLE);
  bool ranked = wanted->order == ChannelBuffer::Order::kPriority;
  for (lua_pushnil(L); lua_next(L, argument); lua_pop(L, 1)) {
    std::string_view key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (key == "overflow") {
      wanted->overflow = CheckOverflow(L, argument, wanted->capacity);
    } else if (key != "levels" || !ranked) {
      const char* known = ranked ? "overflow and levels" : "overflow";
      luaL_argerror(L, argument, lua_pushfstring(L, "option '%s' is not known; there is %s", luaL_tolstring(L, -2, nullptr), known));
    }
  }
  lua_pushliteral(L, "levels");
  if (lua_rawget(L, argument) != LUA_TNIL) CheckLevels(L, argument, wanted);
}

int Make(lua_State* L) {
  Wanted wanted;
  wanted.capacity = CheckCapacity(L, 1);
  lua_settop(L, 2);
  CheckOptions(L, 2, &wanted);
  return PushChannel(L, wanted, HandleView::kFull);
}

int MakePriority(lua_State* L) {
  Wanted wanted;
  luaL_checkany(L, 1);
  wanted.capacity = CheckCapacity(L, 1);
  wanted.order = ChannelBuffer::Order::kPriority;
  lua_settop(L, 2);
  CheckOptions(L, 2, &wanted);
  return PushChannel(L, wanted, HandleView::kFull);
}

HandleView CheckDirection(lua_State* L, int argument) {
  std::string_view direction = luaL_optstring(L, argument, "bidirectional");
  if (direction == "bidirectional") return HandleView::kFull;
  if (direction == "send") return HandleView::kSendOnly;
  if (direction == "receive") return HandleView::kReceiveOnly;
  const char* expected = "'bidirectional', 'send' or 'receive' expected, got '%s'";
  luaL_argerror(L, argument, lua_pushfstring(L, expected, direction.data()));
  return HandleView::kFull;
}

int MakeDirected(lua_State* L) {
  HandleView direction = CheckDirection(L, 2);
  Wanted wanted;
  wanted.capacity = CheckCapacity(L, 1);
  return PushChannel(L, wanted, direction);
}

// -- fed by a timer --

void MakeFed(LuaGoroutine* goroutine, int64_t first, int64_t period, int64_t unit) noexcept {
  Scheduler* scheduler = goroutine->world()->scheduler;
  FeedSchedule schedule{DeadlineAfter(scheduler->clock()->Now(), first), period, unit};
  goroutine->scratch().received = Value::OfHandle(MakeRef<Channel>(scheduler, schedule));
}

int PushFed(lua_State* L, int64_t first, int64_t period, int64_t unit) {
  LuaGoroutine* goroutine = CheckGoroutine(L);
  MakeFed(goroutine, first, period, unit);
  PushMade(L, goroutine, HandleView::kReceiveOnly);
  return 1;
}

int AfterWith(lua_State* L, int64_t unit) { return PushFed(L, CheckDuration(L, 1, unit), kForever, unit); }

int TickerWith(lua_State* L, int64_t unit) {
  int64_t period = CheckDuration(L, 1, unit);
  if (period <= 0) luaL_argerror(L, 1, "the time between two ticks must be longer than 0");
  return PushFed(L, period, period, unit);
}

int AfterSeconds(lua_State* L) { return AfterWith(L, kSecond); }
int AfterMilliseconds(lua_State* L) { return AfterWith(L, kMillisecond); }
int TickerSeconds(lua_State* L) { return TickerWith(L, kSecond); }
int TickerMilliseconds(lua_State* L) { return TickerWith(L, kMillisecond); }

int Stop(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kFull);
  if (!channel->has_feed()) return luaL_error(L, "stop: this channel has no timer; close ends other channels");
  lua_pushboolean(L, channel->StopFeed());
  return 1;
}

// -- views and statistics --

int AsSender(lua_State* L) {
  PushHandle(L, CheckChannel(L, 1, HandleView::kSendOnly), HandleView::kSendOnly);
  return 1;
}

int AsReceiver(lua_State* L) {
  PushHandle(L, CheckChannel(L, 1, HandleView::kReceiveOnly), HandleView::kReceiveOnly);
  return 1;
}

int Stats(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kFull);
  ChannelStatistics statistics = channel->Statistics();
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, static_cast<lua_Integer>(statistics.length));
  lua_setfield(L, -2, "len");
  lua_pushinteger(L, static_cast<lua_Integer>(channel->capacity()));
  lua_setfield(L, -2, "cap");
  lua_pushboolean(L, statistics.closed);
  lua_setfield(L, -2, "closed");
  lua_pushinteger(L, statistics.dropped);
  lua_setfield(L, -2, "dropped");
  lua_pushstring(L, kOverflows[static_cast<int>(channel->options().overflow)]);
  lua_setfield(L, -2, "overflow");
  return 1;
}

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kOptionErrors[] = "raises for a negative, fractional or huge capacity, unknown options, overflow without a buffer";
constexpr const char kDurationErrors[] = "raises for negative or NaN";
constexpr const char kTickErrors[] = "raises for 0, negative or NaN";

}  // namespace

extern const FunctionEntry kChannelMakeFunctions[] = {
    {"channel", "make", Make, "n?: integer, options?: {overflow?: 'block' | 'drop_oldest' | 'drop_newest' | 'error'}", "channel", "", kOptionErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel with room for `n` values; with none (0, the default) a send waits for its receiver."},
    {"channel", "priority", MakePriority, "n: integer, options?: {levels?: (integer | string[]), overflow?: 'block' | 'drop_oldest' | 'drop_newest' | 'error'}", "channel", "", kOptionErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel that gives the values of the highest priority first."},
    {"goroutine", "channel", MakeDirected, "n?: integer, direction?: 'bidirectional' | 'send' | 'receive'", "channel", "", "raises for a bad capacity or direction", kNo, kNone, false, false, "1.0",
     "Makes a channel with room for `n` values, of which this handle is the view that `direction` names."},
    {"channel", "after", Meets<AfterSeconds>, "duration: number", "channel", "s", kDurationErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel that receives one value, the time, when the duration has passed."},
    {"goroutine", "after", Meets<AfterMilliseconds>, "duration: number", "channel", "ms", kDurationErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel that receives one value, the time, when the duration has passed."},
    {"channel", "ticker", TickerSeconds, "duration: number", "channel", "s", kTickErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel that receives the time at every tick; ticks that nobody takes are dropped."},
    {"goroutine", "ticker", TickerMilliseconds, "duration: number", "channel", "ms", kTickErrors, kNo, kNone, false, false, "1.0",
     "Makes a channel that receives the time at every tick; ticks that nobody takes are dropped."},
    {"channel.method", "stop", Meets<Stop>, "", "boolean", "", "raises for a channel without a timer", kNo, kNone, false, false, "1.0",
     "Stops the timer that feeds the channel, and closes it; false when nothing was to come any more."},
    {"channel.method", "stats", Meets<Stats>, "", "{len: integer, cap: integer, closed: boolean, dropped: integer, overflow: string}", "", "", kNo, kNone, false, false, "1.0",
     "What is in the buffer, and how many values were dropped because it was full."},
    {"channel.method", "as_sender", Meets<AsSender>, "", "channel", "", "raises on a receive-only channel", kNo, kNone, false, false, "1.0",
     "A view of the same channel that can only send."},
    {"channel.method", "as_receiver", Meets<AsReceiver>, "", "channel", "", "raises on a send-only channel", kNo, kNone, false, false, "1.0",
     "A view of the same channel that can only receive."},
};
SLOTH_REGISTRY_COUNT(ChannelMake);

}  // namespace sloth

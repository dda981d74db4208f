// What the library's Lua code can do beyond what programs can. All upper room.
#include "lua/handles.h"
#include "lua/lib_broadcaster.h"
#include "lua/lib_goroutine.h"
#include "lua/outcome.h"
#include "lua/prelude.h"
#include "lua/spawn.h"
#include "sync/atomic_int.h"
#include "sync/channel.h"

namespace sloth {
namespace {

// misuse(function, argument, problem): an argument error of the function that the program called, at the place of the call.
int Misuse(lua_State* L) {
  lua_settop(L, 3);
  PushProgramPlace(L);
  lua_pushfstring(L, "%sbad argument #%d to '%s' (%s)", lua_tostring(L, 4), static_cast<int>(lua_tointeger(L, 2)),
                  lua_tostring(L, 1), lua_tostring(L, 3));
  return lua_error(L);
}

// describe(value): what it is, for messages and to tell handles apart.
int Describe(lua_State* L) {
  HandleView view = HandleView::kFull;
  Handle* handle = HandleInUserdata(L, 1, &view);
  if (!handle) {
    lua_pushstring(L, luaL_typename(L, 1));
  } else if (view == HandleView::kFull) {
    lua_pushstring(L, HandleKindName(handle->handle_kind()));
  } else {
    lua_pushstring(L, view == HandleView::kSendOnly ? "send-only channel" : "receive-only channel");
  }
  return 1;
}

// Closes channels when the last of several goroutines has ended, whether it ever ran or not.
class CloseAtEnd final : public EndListener {
 public:
  // A counter begins a group: the goroutine that takes it to zero closes the channels that follow.
  void Add(Handle* handle) {
    if (handle->handle_kind() == HandleKind::kAtomic) {
      groups_.push_back({Ref<AtomicInt>(static_cast<AtomicInt*>(handle)), {}});
    } else {
      groups_.back().channels.push_back(Ref<Channel>(static_cast<Channel*>(handle)));
    }
  }
  void GoroutineEnded(Goroutine*) override {
    for (Group& group : groups_) {
      if (group.left->value.fetch_sub(1) != 1) continue;
      for (Ref<Channel>& channel : group.channels) (void)channel->Close();
    }
  }

 private:
  struct Group {
    Ref<AtomicInt> left;
    std::vector<Ref<Channel>> channels;
  };
  std::vector<Group> groups_;
};

void ListenForEnd(LuaGoroutine* parent) noexcept { parent->scratch().child->end_listener = MakeRef<CloseAtEnd>(); }

void CloseWithChild(LuaGoroutine* parent, Handle* handle) noexcept {
  static_cast<CloseAtEnd*>(parent->scratch().child->end_listener.get())->Add(handle);
}

// Pushes what the child's end counts down or closes: entry `index` of the list at 1, a counter or, behind one, a channel.
Handle* PushClosed(lua_State* L, lua_Integer index) {
  lua_rawgeti(L, 1, index);
  Handle* handle = HandleInUserdata(L, -1, nullptr);
  bool counter = handle && handle->handle_kind() == HandleKind::kAtomic;
  bool channel = handle && handle->handle_kind() == HandleKind::kChannel && index > 1;
  // A program can change the library's code with the debug library.
  if (!counter && !channel) luaL_error(L, "a counter or a channel behind one was expected, got %s", luaL_typename(L, -1));
  return handle;
}

// daemon(closes, f, ...): starts a daemon. `closes` lists what its end counts down and closes: {counter, channel, ...}.
int StartDaemon(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  auto count = static_cast<lua_Integer>(lua_rawlen(L, 1));
  for (lua_Integer i = 1; i <= count; i++) {
    PushClosed(L, i);
    lua_pop(L, 1);
  }
  LuaGoroutine* parent = CurrentGoroutine(L);
  MakeChild(L, lua_gettop(L) - 2, {.daemon = true});
  ListenForEnd(parent);
  for (lua_Integer i = 1; i <= count; i++) {
    CloseWithChild(parent, PushClosed(L, i));
    lua_pop(L, 1);
  }
  StartChild(parent);
  return 0;
}

// clockwork(f, ...): starts a goroutine that stays home, whatever f does, and that --explain does not mention. Returns the handle.
int StartClockwork(lua_State* L) {
  SpawnAndPushHandle(L, 1, {.place = SpawnPlace::kHome, .told = false});
  return 1;
}

class TellEnd final : public EndListener {
 public:
  TellEnd(Channel* channel, int64_t message) : channel_(channel), message_(message) {}
  void GoroutineEnded(Goroutine*) override { (void)channel_->TrySend(Value::Integer(message_)); }

 private:
  const Ref<Channel> channel_;
  const int64_t message_;
};

void StartTelling(LuaGoroutine* parent, Channel* channel, int64_t message) noexcept {
  Goroutine* child = parent->scratch().child.get();
  child->end_listener = MakeRef<TellEnd>(channel, message);
  child->Ask();  // whoever gets the message looks at the outcome
  StartChild(parent);
}

// start(channel, message, f, ...): starts f(...); when it has ended, however it did, the channel, which must have room, gets
// the integer `message`. Returns the handle.
int Start(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kSendOnly);
  lua_Integer message = luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  LuaGoroutine* child = MakeChild(L, lua_gettop(L) - 3, {.uncaught = UncaughtRule::kReportAtEnd});
  PushHandle(L, child, HandleView::kFull);
  StartTelling(CurrentGoroutine(L), channel, message);
  return 1;
}

// outcome(h): of a goroutine that has ended: true and its first result, or false and the error as it was raised.
int OutcomeOf(lua_State* L) {
  auto* target = CheckHandleAs<Goroutine>(L, 1, HandleKind::kGoroutine);
  if (!target->settled()) return luaL_error(L, "it has not ended");
  const Outcome& outcome = target->outcome();
  lua_pushboolean(L, outcome.kind == OutcomeKind::kDone);
  if (outcome.kind == OutcomeKind::kDone) {
    if (UnpackResults(L, outcome.results) == 0) lua_pushnil(L);
    lua_settop(L, 3);
  } else if (outcome.failure->error.is_nil()) {
    lua_pushlstring(L, outcome.failure->message.data(), outcome.failure->message.size());
  } else {
    PushOutcomeError(L, target);
  }
  return 2;
}

// patience(): milliseconds that goroutines may take to end once they are cancelled.
int Patience(lua_State* L) {
  int64_t grace = IslandOf(L)->world()->scheduler->options().grace_ns;
  lua_pushnumber(L, static_cast<lua_Number>(grace) / static_cast<lua_Number>(kMillisecond) + 500);
  return 1;
}

// wall(): milliseconds since 1970, by the clock of the runtime.
int Wall(lua_State* L) {
  lua_pushnumber(L, static_cast<lua_Number>(IslandOf(L)->world()->scheduler->clock()->WallTime()) / kMillisecond);
  return 1;
}

// place(): where the program called the library, "script.lua:3: ", or "".
int Place(lua_State* L) {
  PushProgramPlace(L);
  return 1;
}

constexpr luaL_Reg kInternals[] = {
    {"misuse", Misuse}, {"describe", Describe}, {"daemon", Meets<StartDaemon>}, {"clockwork", Meets<StartClockwork>},
    {"start", Meets<Start>},   {"outcome", Meets<OutcomeOf>}, {"patience", Patience},   {"broadcaster", NewBroadcaster},
    {"place", Place}, {"wall", Wall},
};

// Those that change nothing and call nobody.
constexpr FunctionEntry Plain(const char* name, lua_CFunction function) {
  return {"internal", name, function, "...: any", "any", "", "", MaySwitch::kNo, StoresInto::kNothing, false, true, ""};
}
constexpr FunctionEntry kPlain[] = {Plain("misuse", Misuse), Plain("describe", Describe), Plain("patience", Patience), Plain("place", Place),
                                    Plain("wall", Wall)};

}  // namespace

const FunctionEntry* EntryOfInternal(lua_CFunction function) {
  for (const FunctionEntry& entry : kPlain) {
    if (entry.function == function) return &entry;
  }
  return nullptr;
}

void PushPreludeInternal(lua_State* L, const char* name) {
  for (const luaL_Reg& internal : kInternals) {
    if (std::string_view(internal.name) == name) return lua_pushcfunction(L, internal.func);
  }
  lua_pushnil(L);
}

}  // namespace sloth

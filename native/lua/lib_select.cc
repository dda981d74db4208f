// channel.select, goroutine.select and goroutine.select_timeout: three forms of one engine.
#include <cmath>

#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/channel_priority.h"
#include "lua/handles.h"
#include "lua/internals.h"
#include "lua/pack.h"
#include "lua/registry_tables.h"
#include "sync/select.h"

namespace sloth {
namespace {

enum class Form : uint8_t { kChannel, kGoroutine, kTimeout };
enum class CaseKind : uint8_t { kReceive, kSend, kDefault };

// Stack of every form while it works: [1] the cases, [2] the timeout or context, [3...] each case's handler, above them scratch. The
// handlers are read before it waits: whoever runs meanwhile may change the table.
constexpr int kCases = 1;
constexpr int kBeforeHandlers = 2;

[[noreturn]] void CaseError(lua_State* L, lua_Integer index, const char* problem) {
  luaL_error(L, "select case %I: %s", static_cast<LUAI_UACINT>(index), problem);
  Unreachable();
}

// Leaves on the stack: channel, value, handler (nil where there is none).
CaseKind ReadChannelCase(lua_State* L, lua_Integer index) {
  int entry = lua_gettop(L);
  lua_rawgeti(L, entry, 1);
  if (lua_type(L, -1) != LUA_TSTRING) CaseError(L, index, "the first field must be \"|<-\", \"<-|\" or \"default\"");
  std::string_view kind(lua_tostring(L, -1));
  lua_pop(L, 1);
  if (kind == "default") {
    lua_pushnil(L);
    lua_pushnil(L);
    lua_rawgeti(L, entry, 2);
    return CaseKind::kDefault;
  }
  if (kind != "|<-" && kind != "<-|") CaseError(L, index, "the first field must be \"|<-\", \"<-|\" or \"default\"");
  lua_rawgeti(L, entry, 2);
  if (kind == "|<-") {
    lua_pushnil(L);
    lua_rawgeti(L, entry, 3);
    return CaseKind::kReceive;
  }
  lua_rawgeti(L, entry, 3);
  if (lua_isnil(L, -1)) CaseError(L, index, "cannot send nil: it would end a range loop");
  lua_rawgeti(L, entry, 4);
  return CaseKind::kSend;
}

void PushRawField(lua_State* L, int table, const char* name) {
  lua_pushstring(L, name);
  lua_rawget(L, table);
}

CaseKind ReadNamedCase(lua_State* L, lua_Integer index) {
  int entry = lua_gettop(L);
  PushRawField(L, entry, "default");
  bool is_default = lua_toboolean(L, -1);
  lua_pop(L, 1);
  PushRawField(L, entry, "channel");
  PushRawField(L, entry, "send");
  PushRawField(L, entry, "handler");
  for (lua_Integer i = 1; lua_isnil(L, -1) && i <= static_cast<lua_Integer>(lua_rawlen(L, entry)); i++) {
    lua_pop(L, 1);
    lua_rawgeti(L, entry, i);
    if (lua_isfunction(L, -1)) break;
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  if (is_default) return CaseKind::kDefault;
  PushRawField(L, entry, "receive");
  bool receive = lua_toboolean(L, -1);
  lua_pop(L, 1);
  bool send = !lua_isnil(L, -2);
  if (send && receive) CaseError(L, index, "has both send and receive");
  if (!send && !receive) CaseError(L, index, "needs receive = true, or send = a value that is not nil");
  return send ? CaseKind::kSend : CaseKind::kReceive;
}

// Pushes channel, value and handler of case `index` above the case itself.
CaseKind ReadCase(lua_State* L, Form form, lua_Integer index) {
  luaL_checkstack(L, 10, "too many select cases");
  lua_rawgeti(L, kCases, index);
  if (!lua_istable(L, -1)) CaseError(L, index, "must be a table");
  CaseKind kind = form == Form::kChannel ? ReadChannelCase(L, index) : ReadNamedCase(L, index);
  if (!lua_isnil(L, -1) && !lua_isfunction(L, -1)) CaseError(L, index, "the handler must be a function");
  if (kind == CaseKind::kDefault) return kind;
  HandleView view = HandleView::kFull;
  Handle* handle = HandleInUserdata(L, -3, &view);
  if (!handle || handle->handle_kind() != HandleKind::kChannel) {
    lua_pushfstring(L, "a channel was expected, got %s", luaL_typename(L, -3));
    CaseError(L, index, lua_tostring(L, -1));
  }
  if (kind == CaseKind::kReceive && view == HandleView::kSendOnly) CaseError(L, index, "cannot receive on send-only channel");
  if (kind == CaseKind::kSend && view == HandleView::kReceiveOnly) CaseError(L, index, "cannot send on receive-only channel");
  return kind;
}

struct CaseCount {
  lua_Integer total = 0;
  lua_Integer default_index = 0;  // 0: none
};

CaseCount CheckCases(lua_State* L, Form form) {
  luaL_checktype(L, kCases, LUA_TTABLE);
  CaseCount count;
  count.total = static_cast<lua_Integer>(lua_rawlen(L, kCases));
  if (count.total > 100000) luaL_argerror(L, kCases, "more than 100000 cases");
  for (lua_Integer i = 1; i <= count.total; i++) {
    if (ReadCase(L, form, i) == CaseKind::kDefault) {
      if (count.default_index) CaseError(L, i, "a second default");
      count.default_index = i;
    }
    lua_settop(L, 2);
  }
  return count;
}

// The priority of the checked case on top of the stack: the case itself, its channel, value and handler.
int64_t CasePriority(lua_State* L, CaseKind kind, lua_Integer index) {
  if (isdummy(hvalue(s2v(L->top.p - 4)))) return 0;  // a list has no fields
  PushRawField(L, lua_absindex(L, -4), "priority");
  int64_t priority = 0;
  if (kind == CaseKind::kSend) {
    auto* channel = static_cast<Channel*>(HandleInUserdata(L, -4, nullptr));
    if (!TryPriority(L, -1, channel, &priority)) CaseError(L, index, lua_tostring(L, -1));
  } else if (!lua_isnil(L, -1)) {
    CaseError(L, index, "only what is sent has a priority");
  }
  lua_pop(L, 1);
  return priority;
}

// Lower room: adds the checked case whose channel, value and handler are on top.
bool AddClause(lua_State* L, LuaGoroutine* goroutine, Select* select, CaseKind kind, int64_t priority) noexcept {
  Ref<Channel> channel(static_cast<Channel*>(HandleInUserdata(L, -3, nullptr)));
  if (kind == CaseKind::kReceive) {
    select->AddReceive(std::move(channel));
    return true;
  }
  Value value;
  PackFailure failure;
  if (!TryPackValue(L, -2, &value, &failure)) {
    goroutine->scratch().text = PackFailureText("cannot send", failure);
    return false;
  }
  select->AddSend(std::move(channel), std::move(value), priority);
  return true;
}

bool MakeSelect(LuaGoroutine* goroutine, size_t capacity) noexcept {
  goroutine->scratch().holding = Select::TryMake(capacity);
  return static_cast<bool>(goroutine->scratch().holding);
}

// Lua's index of the chosen clause: defaults are no clauses.
lua_Integer CaseIndex(lua_Integer default_index, size_t clause) {
  auto index = static_cast<lua_Integer>(clause) + 1;
  return default_index && index >= default_index ? index + 1 : index;
}

// -- after the choice --

int HandlerDone(lua_State* L, int, lua_KContext context) {
  auto form = static_cast<Form>(context & 3);
  int base = 2;
  int count = lua_gettop(L) - base;
  if (form == Form::kGoroutine) return count;
  if (form == Form::kTimeout) {
    lua_pushboolean(L, 0);
    lua_pushinteger(L, static_cast<lua_Integer>(context >> 2));
    return 2;
  }
  lua_createtable(L, count, 1);
  lua_insert(L, base + 1);
  for (int i = count; i >= 1; i--) lua_rawseti(L, base + 1, i);
  lua_pushinteger(L, count);
  lua_setfield(L, base + 1, "n");
  return 1;
}

// [3] handler or nil, above it its arguments: calls it and shapes the result.
int CallHandler(lua_State* L, Form form, lua_Integer index, CaseKind kind) {
  auto context = static_cast<lua_KContext>(index << 2) | static_cast<lua_KContext>(form);
  if (lua_isfunction(L, 3)) {
    // The named form gives senders' and defaults' handlers nothing.
    if (form != Form::kChannel && kind != CaseKind::kReceive) lua_settop(L, 3);
    ApplyPosts(L);  // the handler sees what the chosen case tells of
    lua_callk(L, lua_gettop(L) - 3, LUA_MULTRET, context, HandlerDone);
    return HandlerDone(L, LUA_OK, context);
  }
  lua_remove(L, 3);
  if (form == Form::kChannel) {
    // {index, value, ok}, {index, nil, true}, {index}
    if (kind == CaseKind::kSend) {
      lua_pushnil(L);
      lua_insert(L, 3);
    }
    lua_pushinteger(L, index);
    lua_insert(L, 3);
  } else if (kind != CaseKind::kReceive) {
    lua_settop(L, 2);
  }
  return HandlerDone(L, LUA_OK, context);
}

// Leaves the handler of case `index` at [3], and nothing above it.
void KeepHandler(lua_State* L, lua_Integer index) {
  lua_pushvalue(L, kBeforeHandlers + static_cast<int>(index));
  lua_replace(L, 3);
  lua_settop(L, 3);
}

// The operation happened: `select` says which.
int Dispatch(lua_State* L, LuaGoroutine* goroutine, Form form, lua_Integer default_index) {
  auto* select = static_cast<Select*>(goroutine->scratch().holding.get());
  bool receive = select->direction(select->chosen()) == Select::Direction::kReceive;
  lua_Integer index = CaseIndex(default_index, select->chosen());
  bool ok = receive ? select->received_ok() : true;
  if (receive) goroutine->scratch().received = select->TakeReceived();
  goroutine->scratch().holding = nullptr;
  KeepHandler(L, index);
  if (receive) {
    UnpackValues(L, goroutine->scratch().received);
    goroutine->scratch().received = Value();
  }
  lua_pushboolean(L, ok);
  return CallHandler(L, form, index, receive ? CaseKind::kReceive : CaseKind::kSend);
}

// `ended_by`: what the context says that ended the wait, or null: the time did.
int TimedOut(lua_State* L, Form form, const char* ended_by) {
  int count = 1;
  if (form == Form::kTimeout) {
    lua_pushboolean(L, 1);
    count++;
  }
  lua_pushnil(L);
  if (!ended_by) return count;
  lua_pushstring(L, ended_by);
  return count + 1;
}

Progress FinishWait(LuaGoroutine* goroutine) noexcept {
  Ref<Select> select = goroutine->TakeWaitObject<Select>();
  Progress progress = select->Finish(goroutine);
  goroutine->scratch().holding = std::move(select);
  return progress;
}

int Finish(lua_State* L, LuaGoroutine* goroutine, Form form, lua_Integer default_index, Progress progress) {
  switch (progress) {
    case Progress::kDone: return Dispatch(L, goroutine, form, default_index);
    case Progress::kClosed: goroutine->scratch().holding = nullptr; return luaL_error(L, "send on closed channel");
    case Progress::kFull: goroutine->scratch().holding = nullptr; return luaL_error(L, "send on full channel");
    case Progress::kTimedOut: goroutine->scratch().holding = nullptr; return TimedOut(L, form, goroutine->ended_by());
    case Progress::kCancelled: goroutine->scratch().holding = nullptr; RaiseCancelled(L);
    case Progress::kNoMemory: return luaL_error(L, "not enough memory");
    default: Unreachable();
  }
}

int Resumed(lua_State* L, int, lua_KContext form) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return Finish(L, goroutine, static_cast<Form>(form), 0, FinishWait(goroutine));
}

int SelectWith(lua_State* L, Form form, const WaitLimit& limit) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return luaL_error(L, "select is not possible here: no goroutine runs");
  CaseCount count = CheckCases(L, form);
  if (count.default_index && form == Form::kTimeout) CaseError(L, count.default_index, "a default beside a timeout");
  if (count.total == 0 && limit.timeout_ns == kForever && !limit.ender) return luaL_argerror(L, kCases, "no cases and no timeout: it would wait for ever");
  luaL_checkstack(L, static_cast<int>(count.total) + 12, "too many select cases");
  if (!MakeSelect(goroutine, static_cast<size_t>(count.total))) return luaL_error(L, "not enough memory");
  for (lua_Integer i = 1; i <= count.total; i++) {
    CaseKind kind = ReadCase(L, form, i);
    auto* select = static_cast<Select*>(goroutine->scratch().holding.get());
    int64_t priority = CasePriority(L, kind, i);
    if (kind != CaseKind::kDefault && !AddClause(L, goroutine, select, kind, priority)) CaseError(L, i, goroutine->scratch().text.c_str());
    lua_replace(L, kBeforeHandlers + static_cast<int>(i));
    lua_settop(L, kBeforeHandlers + static_cast<int>(i));
  }
  auto* select = static_cast<Select*>(goroutine->scratch().holding.get());
  Random* random = goroutine->lua_island()->random();
  if (count.default_index || limit.timeout_ns == 0) {
    Progress progress = select->Poll(random);
    if (progress != Progress::kWouldBlock) return Finish(L, goroutine, form, count.default_index, progress);
    goroutine->scratch().holding = nullptr;
    if (!count.default_index) return TimedOut(L, form, nullptr);
    KeepHandler(L, count.default_index);
    return CallHandler(L, form, count.default_index, CaseKind::kDefault);
  }
  WaitPlan plan = PlanWait(L);
  Progress progress = select->Start(goroutine, random, limit);
  if (progress == Progress::kWaiting) {
    goroutine->scratch().holding = nullptr;  // the wait holds it now
    return Park(L, plan, Resumed, static_cast<lua_KContext>(form));
  }
  DropPlan(plan);
  return Finish(L, goroutine, form, 0, progress);
}

int ChannelSelect(lua_State* L) {
  WaitLimit limit = CheckTimeout(L, 2, kSecond);
  lua_settop(L, 2);
  return SelectWith(L, Form::kChannel, limit);
}

int GoroutineSelect(lua_State* L) {
  lua_settop(L, 1);
  lua_pushnil(L);
  return SelectWith(L, Form::kGoroutine, kForever);
}

int SelectTimeout(lua_State* L) {
  luaL_checkany(L, 1);
  WaitLimit limit = CheckTimeout(L, 1, kMillisecond);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_rotate(L, 1, 1);
  return SelectWith(L, Form::kTimeout, limit);
}

constexpr const char kErrors[] = "raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel, or on a full one with overflow 'error'";

}  // namespace

extern const FunctionEntry kSelectFunctions[] = {
    {"channel", "select", Meets<ChannelSelect>, "cases: table, " SLOTH_TIMEOUT, "table | nil, message?: string", "s", kErrors, MaySwitch::kIfItHasToWait, StoresInto::kNothing, true, false, "1.0",
     "Waits until one of several channel operations can go, does it, and returns its handler's results as a table."},
    {"goroutine", "select", Meets<GoroutineSelect>, "cases: table", "...: any", "", kErrors, MaySwitch::kIfItHasToWait, StoresInto::kNothing, true, false, "1.0",
     "As `channel.select`, with cases such as `{channel = ch, receive = true, handler = f}`; returns the handler's results plainly."},
    {"goroutine", "select_timeout", Meets<SelectTimeout>, SLOTH_DURATION ", cases: table", "timed_out: boolean, index?: integer, message?: string", "ms", kErrors, MaySwitch::kIfItHasToWait, StoresInto::kNothing, true, false, "1.0",
     "As `goroutine.select`, for at most a time."},
};
SLOTH_REGISTRY_COUNT(Select);

}  // namespace sloth

// Contexts: goroutine.context and the methods of what it makes.
#include "lua/lib_context.h"

#include <cmath>
#include <string>

#include "lua/blocking.h"
#include "lua/handles.h"
#include "lua/library.h"
#include "lua/pack.h"
#include "lua/registry_tables.h"

namespace sloth {

Context* ContextAt(lua_State* L, int index) {
  Handle* handle = HandleInUserdata(L, index, nullptr);
  return handle && handle->handle_kind() == HandleKind::kContext ? static_cast<Context*>(handle) : nullptr;
}

namespace {

constexpr double kNsPerMs = static_cast<double>(kMillisecond);

Context* CheckContext(lua_State* L) { return CheckHandleAs<Context>(L, 1, HandleKind::kContext); }

LuaGoroutine* CheckCurrent(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "contexts cannot be used here: no goroutine runs");
  return goroutine;
}

int PushMade(lua_State* L, LuaGoroutine* goroutine) {
  PushHandle(L, goroutine->scratch().received.handle(), goroutine->scratch().received.view());
  goroutine->scratch().received = Value();
  return 1;
}

// -- making --

void MakeContext(LuaGoroutine* goroutine, Context* parent, const ContextDeadline& deadline) noexcept {
  goroutine->scratch().received = Value::OfHandle(Context::Make(goroutine->world()->scheduler, Ref<Context>(parent), deadline));
}

void MakeCancelFunction(LuaGoroutine* goroutine, Context* context) noexcept {
  goroutine->scratch().received = Value::OfHandle(MakeRef<CancelFunction>(Ref<Context>(context)));
}

int PushChild(lua_State* L, Context* parent, const ContextDeadline& deadline) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  MakeContext(goroutine, parent, deadline);
  PushMade(L, goroutine);
  MakeCancelFunction(goroutine, ContextAt(L, -1));
  PushMade(L, goroutine);
  return 2;
}

double EpochMs(Clock* clock) { return static_cast<double>(clock->WallTime()) / kNsPerMs; }

int NewContext(lua_State* L) {
  LuaGoroutine* goroutine = CheckCurrent(L);
  MakeContext(goroutine, nullptr, {});
  return PushMade(L, goroutine);
}

int WithCancel(lua_State* L) { return PushChild(L, CheckContext(L), {}); }

int WithTimeout(lua_State* L) {
  Context* parent = CheckContext(L);
  int64_t duration = CheckDuration(L, 2, kMillisecond);
  Clock* clock = CheckCurrent(L)->world()->scheduler->clock();
  double epoch_ms = EpochMs(clock) + static_cast<double>(duration) / kNsPerMs;
  return PushChild(L, parent, {DeadlineAfter(clock->Now(), duration), epoch_ms});
}

int WithDeadline(lua_State* L) {
  Context* parent = CheckContext(L);
  double epoch_ms = luaL_checknumber(L, 2);
  if (std::isnan(epoch_ms)) return luaL_argerror(L, 2, "a deadline cannot be NaN");
  Clock* clock = CheckCurrent(L)->world()->scheduler->clock();
  double left = (epoch_ms - EpochMs(clock)) * kNsPerMs;
  int64_t at_ns = left <= 0 ? 0 : left >= 9e18 ? kForever : DeadlineAfter(clock->Now(), static_cast<int64_t>(left));
  return PushChild(L, parent, {at_ns, epoch_ms});
}

// Lower room: the key at 2 as bytes that differ when keys do, in scratch().text; false for what cannot be a key.
bool ReadKey(lua_State* L, LuaGoroutine* goroutine) noexcept {
  std::string& key = goroutine->scratch().text;
  size_t length = 0;
  switch (lua_type(L, 2)) {
    case LUA_TSTRING: {
      const char* text = lua_tolstring(L, 2, &length);
      key.assign("s").append(text, length);
      return true;
    }
    case LUA_TBOOLEAN: key = lua_toboolean(L, 2) ? "t" : "f"; return true;
    case LUA_TNUMBER: {
      int exact = 0;
      lua_Integer integer = lua_tointegerx(L, 2, &exact);  // 1.0 is the key 1, as in tables
      lua_Number number = lua_tonumber(L, 2);
      if (std::isnan(number)) return false;
      key = exact ? "i" : "n";
      key.append(exact ? reinterpret_cast<const char*>(&integer) : reinterpret_cast<const char*>(&number), 8);
      return true;
    }
    default: return false;
  }
}

void CheckKey(lua_State* L, LuaGoroutine* goroutine) {
  luaL_checkany(L, 2);
  if (ReadKey(L, goroutine)) return;
  if (lua_type(L, 2) == LUA_TNUMBER) luaL_argerror(L, 2, "a key cannot be NaN");
  luaL_typeerror(L, 2, "string, number or boolean");
}

bool MakeWithValue(lua_State* L, LuaGoroutine* goroutine, Context* parent) noexcept {
  Value value;
  PackFailure failure;
  if (!TryPackValue(L, 3, &value, &failure)) {
    goroutine->scratch().text = PackFailureText("cannot keep in a context", failure);
    return false;
  }
  auto child = Context::MakeWithValue(Ref<Context>(parent), std::move(goroutine->scratch().text), std::move(value));
  goroutine->scratch().received = Value::OfHandle(std::move(child));
  return true;
}

int WithValue(lua_State* L) {
  Context* parent = CheckContext(L);
  LuaGoroutine* goroutine = CheckCurrent(L);
  luaL_checkany(L, 3);
  CheckKey(L, goroutine);
  if (!MakeWithValue(L, goroutine, parent)) return luaL_error(L, "%s", goroutine->scratch().text.c_str());
  return PushMade(L, goroutine);
}

// -- looking --

void FindValue(LuaGoroutine* goroutine, Context* context) noexcept {
  goroutine->scratch().received = context->Find(goroutine->scratch().text);
}

int ValueOf(lua_State* L) {
  Context* context = CheckContext(L);
  LuaGoroutine* goroutine = CheckCurrent(L);
  CheckKey(L, goroutine);
  FindValue(goroutine, context);
  UnpackValues(L, goroutine->scratch().received);
  goroutine->scratch().received = Value();
  return 1;
}

int IsCancelled(lua_State* L) {
  lua_pushboolean(L, CheckContext(L)->ended());
  return 1;
}

void ReadReason(LuaGoroutine* goroutine, Context* context) noexcept { goroutine->scratch().text = context->reason(); }

int Error(lua_State* L) {
  lua_pushstring(L, CheckContext(L)->error());
  return 1;
}

int CauseOf(lua_State* L) {
  Context* context = CheckContext(L);
  lua_pushstring(L, context->error());
  if (!context->ended()) return 1;
  LuaGoroutine* goroutine = CheckCurrent(L);
  ReadReason(goroutine, context);
  const std::string& reason = goroutine->scratch().text;
  if (!reason.empty()) lua_pushlstring(L, reason.data(), reason.size());
  return 1;
}

int DeadlineOf(lua_State* L) {
  Context* context = CheckContext(L);
  bool timed = context->ends_by_itself();
  if (timed) {
    lua_pushnumber(L, context->deadline().epoch_ms);
  } else {
    lua_pushnil(L);
  }
  lua_pushboolean(L, timed);
  return 2;
}

void MakeDone(LuaGoroutine* goroutine, Context* context) noexcept {
  goroutine->scratch().received = Value::OfHandle(context->Done(), HandleView::kReceiveOnly);
}

int Done(lua_State* L) {
  Context* context = CheckContext(L);
  LuaGoroutine* goroutine = CheckCurrent(L);
  MakeDone(goroutine, context);
  return PushMade(L, goroutine);
}

// -- ending --

void CancelContext(Context* context, const char* reason, size_t length) noexcept { context->Cancel(std::string(reason, length)); }

int CancelWithReason(lua_State* L, Context* context, int argument) {
  size_t length;
  const char* reason = luaL_optlstring(L, argument, "", &length);
  CancelContext(context, reason, length);
  return 0;
}

int Cancel(lua_State* L) { return CancelWithReason(L, CheckContext(L), 2); }

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kChildAndCancel[] = "child: context, cancel: function";

}  // namespace

int CallCancelFunction(lua_State* L) {
  PostStores(L);
  Handle* handle = HandleInUserdata(L, lua_upvalueindex(1), nullptr);
  if (!handle || handle->handle_kind() != HandleKind::kCancelFunction) return luaL_error(L, "not a live cancel function");
  return CancelWithReason(L, static_cast<CancelFunction*>(handle)->context.get(), 1);
}

extern const FunctionEntry kContextFunctions[] = {
    {"goroutine", "context", NewContext, "", "context", "", "", kNo, kNone, false, false, "1.0",
     "Makes a context that ends when it is cancelled: the root of a tree."},
    {"context.method", "with_cancel", Meets<WithCancel>, "", kChildAndCancel, "", "", kNo, kNone, false, false, "1.0",
     "Makes a child, and a function that cancels it, with a reason if it is given one."},
    {"context.method", "with_timeout", Meets<WithTimeout>, "duration: number", kChildAndCancel, "ms", "raises for negative or NaN", kNo, kNone, false, false, "1.0",
     "Makes a child that ends after `duration` at the latest, and a function that cancels it."},
    {"context.method", "with_deadline", Meets<WithDeadline>, "deadline: number", kChildAndCancel, "ms", "raises for NaN", kNo, kNone, false, false, "1.0",
     "Makes a child that ends at `deadline`, in milliseconds since 1970, at the latest, and a function that cancels it."},
    {"context.method", "with_value", Meets<WithValue>, "key: string | number | boolean, value: any", "context", "", "raises for other keys, and for a value that cannot be copied, with its path", kNo, kNone, false, false, "1.0",
     "Makes a child that has a copy of `value` under `key`."},
    {"context.method", "value", Meets<ValueOf>, "key: string | number | boolean", "any", "", "raises for other keys", kNo, kNone, false, false, "1.0",
     "A copy of the value under `key`, of this context or the nearest above that has one."},
    {"context.method", "cancel", Meets<Cancel>, "reason?: string", "", "", "", kNo, kNone, false, false, "1.0",
     "Ends the context and all below it, the waits that they limit and the goroutines that were started with them."},
    {"context.method", "is_cancelled", Meets<IsCancelled>, "", "boolean", "", "", kNo, kNone, false, false, "1.0",
     "Whether the context has ended, whatever ended it."},
    {"context.method", "err", Meets<Error>, "", "nil | message: string", "", "", kNo, kNone, false, false, "1.0",
     "How the context has ended: `\"context canceled\"` or `\"context deadline exceeded\"`; nil while it has not."},
    {"context.method", "cause", Meets<CauseOf>, "", "nil | reason: string", "", "", kNo, kNone, false, false, "1.0",
     "The reason that was given when the context was cancelled; where none was, as `err`."},
    {"context.method", "deadline", Meets<DeadlineOf>, "", "number, true | nil, false", "ms", "", kNo, kNone, false, false, "1.0",
     "When the context ends at the latest, in milliseconds since 1970."},
    {"context.method", "done", Meets<Done>, "", "channel", "", "", kNo, kNone, false, false, "1.0",
     "A channel that closes when the context ends."},
};
SLOTH_REGISTRY_COUNT(Context);

}  // namespace sloth

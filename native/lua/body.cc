#include "lua/body.h"

#include "lua/cancellation.h"
#include "lua/error_text.h"
#include "lua/pack.h"
#include "lua/pack_host.h"

namespace sloth {
namespace {

// Registry: the list of deferred functions of each goroutine, under the address of its state.
const char kDeferredKey = 0;

// Lower room: notes the results, which are the `count` values from `first` up. False: functions among them need handles.
[[nodiscard]] bool TryNoteResults(lua_State* L, LuaGoroutine* goroutine, int first, int count) noexcept {
  Outcome& ending = goroutine->ending;
  ending.kind = OutcomeKind::kDone;
  // References beyond the scheduler's and the run's own: somebody may ask for the results.
  if (goroutine->Count() <= 2 || count == 0) return true;
  PackFailure failure;
  if (goroutine->host_results) {
    HostPack packed = TryPackForHost(L, first, count, &ending.results, &failure);
    if (packed != HostPack::kRefused) return packed == HostPack::kPacked;
  } else if (TryPackValues(L, first, count, &ending.results, &failure)) {
    return true;
  }
  ending.kind = OutcomeKind::kFailed;
  ending.failure->kind = FailureKind::kError;
  ending.failure->message = PackFailureText("cannot return", failure);
  return true;
}

// Whether results say that there was no success: nil or false first, or a table whose `success` is false.
bool Declines(lua_State* L, int first, int count) {
  if (count == 0) return false;
  if (!lua_istable(L, first)) return !lua_toboolean(L, first);
  lua_pushliteral(L, "success");
  bool declines = lua_rawget(L, first) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
  lua_pop(L, 1);
  return declines;
}

// Lower room: notes the failure whose error value is on top.
void NoteFailure(lua_State* L, LuaGoroutine* goroutine) noexcept {
  Outcome& ending = goroutine->ending;
  if (goroutine->unwinding != Unwinding::kNo) {
    ending = CancelledOutcome(goroutine);
    return;
  }
  ending.kind = OutcomeKind::kFailed;
  ending.failure->kind = IsOutOfMemory(L, -1) ? FailureKind::kMemory : FailureKind::kError;
  // An object's own text was noted while the error was raised (BodyMessageHandler).
  if (lua_isstring(L, -1) || ending.failure->message.empty()) ending.failure->message = ErrorText(L, -1);
  ending.failure->traceback = std::move(goroutine->seldom->traceback);
  // The error value itself, where it can travel; its text stands for it elsewhere.
  PackFailure ignored;
  if (lua_type(L, -1) != LUA_TSTRING) (void)TryPackValue(L, -1, &ending.failure->error, &ignored);
}

// Lower room: the same for the host. False: functions in it need handles.
[[nodiscard]] bool TryNoteHostError(lua_State* L, LuaGoroutine* goroutine) noexcept {
  if (!goroutine->host_results || goroutine->ending.kind != OutcomeKind::kFailed || lua_type(L, -1) == LUA_TSTRING) return true;
  PackFailure ignored;
  return TryPackForHost(L, lua_gettop(L), 1, &goroutine->ending.failure->host_error, &ignored) != HostPack::kNeedsFunctions;
}

// Lower room: one deferred function failed; the others still run.
void ReportDeferredError(lua_State* L) noexcept {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine->cancelled() && ErrorText(L, -1) == CancellationText(goroutine)) return;  // the cancellation itself
  std::string text = "goroutine " + std::to_string(goroutine->id()) + ": error in a deferred function: " + ErrorText(L, -1) + "\n";
  goroutine->world()->err->Write(text.data(), text.size());
  goroutine->run()->CountUncaught();
}

int DeferredDone(lua_State* L, int status, lua_KContext context);

// Stack: [1] message handler, [2] list of deferred functions. Calls them, last first, also those deferred meanwhile.
int RunDeferred(lua_State* L) {
  for (;;) {
    lua_settop(L, 2);
    auto count = static_cast<lua_Integer>(lua_rawlen(L, 2));
    if (count == 0) return 0;
    lua_rawgeti(L, 2, count);
    lua_pushnil(L);
    lua_rawseti(L, 2, count);
    if (lua_pcallk(L, 0, 0, 1, 0, DeferredDone) != LUA_OK) ReportDeferredError(L);
  }
}

int DeferredDone(lua_State* L, int status, lua_KContext) {
  if (status != LUA_OK && status != LUA_YIELD) ReportDeferredError(L);
  return RunDeferred(L);
}

int BodyDone(lua_State* L, int status, lua_KContext) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (status == LUA_OK || status == LUA_YIELD) {
    int count = lua_gettop(L) - 1;
    if (goroutine->results_judged) goroutine->ending.declined = Declines(L, 2, count);
    while (!TryNoteResults(L, goroutine, 2, count)) HoldFunctionsForHost(L);
  } else {
    (void)TryApplyPosts(L);
    NoteFailure(L, goroutine);
    while (!TryNoteHostError(L, goroutine)) HoldFunctionsForHost(L);
  }
  lua_settop(L, 1);
  if (!goroutine->has_deferred || lua_rawgetp(L, LUA_REGISTRYINDEX, &kDeferredKey) != LUA_TTABLE) return 0;
  lua_rawgetp(L, -1, L);
  lua_remove(L, 2);
  if (!lua_istable(L, 2)) return 0;
  // Whoever cancels it from now on waits for these.
  if (goroutine->unwinding == Unwinding::kNo) goroutine->unwinding = Unwinding::kMasked;
  goroutine->masked.store(true, std::memory_order_seq_cst);
  return RunDeferred(L);
}

}  // namespace

int GoroutineBody(lua_State* L) {
  // [1] message handler, [2] function, [3...] its arguments
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, BodyDone);
  return BodyDone(L, status, 0);
}

int RunDeferredOf(lua_State* L) {
  lua_settop(L, 0);
  lua_pushcfunction(L, BodyMessageHandler);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kDeferredKey) != LUA_TTABLE) return 0;
  lua_rawgetp(L, -1, CurrentGoroutine(L)->state);
  lua_remove(L, 2);
  return lua_istable(L, 2) ? RunDeferred(L) : 0;
}

void Defer(lua_State* L, int index) {
  lua_State* body = CurrentGoroutine(L)->state;
  CurrentGoroutine(L)->has_followers = true;
  CurrentGoroutine(L)->has_deferred = true;
  index = lua_absindex(L, index);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kDeferredKey) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kDeferredKey);
  }
  if (lua_rawgetp(L, -1, body) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, body);
  }
  lua_pushvalue(L, index);
  lua_rawseti(L, -2, static_cast<lua_Integer>(lua_rawlen(L, -2)) + 1);
  lua_pop(L, 2);
}

const void* DeferredKey() { return &kDeferredKey; }

void ForgetDeferred(lua_State* L, lua_State* body) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kDeferredKey) == LUA_TTABLE) {
    lua_pushnil(L);
    lua_rawsetp(L, -2, body);
  }
  lua_pop(L, 1);
}

}  // namespace sloth

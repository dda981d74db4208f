#include "lua/cancellation.h"

#include <cstring>

#include "base/cruelty.h"
#include "lua/error_text.h"
#include "lua/internals.h"
#include "lua/slices.h"
#include "lua/sync_engine.h"
#include "lua/upstream/poll.h"
#include "sched/guest.h"
#include "sched/worker.h"

extern "C" {
__thread volatile int sloth_interrupted __attribute__((tls_model("initial-exec"))) = 0;

// Called from Lua's C loops, where an error may be raised.
void sloth_poll(void) {
  sloth_interrupted = 0;
  sloth::LuaGoroutine* goroutine = sloth::GoroutineOfThread();
  if (!goroutine) return;
  if (goroutine->engine) goroutine->engine->Notice();
  if (sloth::MustRaise(goroutine)) sloth::RaiseCancelled(goroutine->innermost.load(std::memory_order_relaxed));
}
}

namespace sloth {

LuaGoroutine* GoroutineOfThread() {
  if (Worker* worker = Scheduler::CurrentWorker()) return static_cast<LuaGoroutine*>(worker->current());
  Guest* guest = Guest::Current();
  return guest ? static_cast<LuaGoroutine*>(guest->current()) : nullptr;
}

bool CancellationPending(LuaGoroutine* goroutine) {
  if (!goroutine->cancelled()) return false;
  return goroutine->unwinding == Unwinding::kNo || goroutine->grace_over();
}

bool MustRaise(LuaGoroutine* goroutine) {
  if (!CancellationPending(goroutine)) return false;
  return goroutine->grace_over() || !InCloseHandler(goroutine->innermost.load(std::memory_order_relaxed));
}

namespace {
std::atomic<bool> close_handlers_expected{false};
}  // namespace

void ExpectCloseHandlers() { close_handlers_expected.store(true, std::memory_order_relaxed); }

bool InCloseHandler(lua_State* L) {
  if (!close_handlers_expected.load(std::memory_order_relaxed)) return false;
  for (const CallInfo* ci = L->ci; ci != &L->base_ci; ci = ci->previous) {
    if (!isLua(ci)) {
      if ((ci->callstatus & CIST_CLSRET) || getcistrecst(ci) != LUA_OK) return true;
    } else if (ci != L->ci) {
      // A frame with another above it calls what its current instruction says: these two, only handlers.
      OpCode code = GET_OPCODE(ci->u.l.savedpc[-1]);
      if (code == OP_CLOSE || code == OP_RETURN) return true;
    }
  }
  return false;
}

bool InFinalizer(lua_State* L) { return (G(L)->gcstp & (GCSTPGC | GCSTPCLS)) != 0; }

namespace {

// Whether this is the raise that tells where the cancellation found it: the first one, or the deadlock of its deferred
// functions.
bool WantsPlace(LuaGoroutine* goroutine) {
  if (goroutine->unwinding == Unwinding::kNo) return true;
  bool has_ended = goroutine->ending.kind != OutcomeKind::kPending && goroutine->ending.kind != OutcomeKind::kCancelled;
  return has_ended && goroutine->cancel_kind() == CancelKind::kDeadlock && !goroutine->blocked_at_end;
}

// Raises the value on top without asking a message handler: those are for errors of the program.
[[noreturn]] void RaisePastHandlers(lua_State* L) {
  L->errfunc = 0;
  lua_error(L);
  Unreachable();
}

// Lower room: notes the raise, and what the goroutine was blocked in when a deadlock was declared.
const char* NoteRaise(LuaGoroutine* goroutine, const char* where, const char* traceback) noexcept {
  if (WantsPlace(goroutine)) {
    goroutine->blocked_at_end = goroutine->unwinding != Unwinding::kNo;
    const char* wait = goroutine->cancelled_wait();
    goroutine->seldom->blocked_text = wait ? "is blocked in " + std::string(wait) : "was running";
    if (where && *where) goroutine->seldom->blocked_text += " at " + std::string(where, strlen(where) - 2);  // without ": "
    goroutine->seldom->traceback = traceback ? traceback : "";
  }
  if (goroutine->unwinding == Unwinding::kNo) {
    goroutine->unwinding = Unwinding::kMasked;
    goroutine->masked.store(true, std::memory_order_relaxed);
  } else if (goroutine->grace_over()) {
    goroutine->unwinding = Unwinding::kGraceOver;
  }
  goroutine->scratch().text = CancellationText(goroutine);
  return goroutine->scratch().text.c_str();
}

}  // namespace

void RaiseWouldBlock(lua_State* L, const char* what) {
  luaL_error(L, "%s would block the JavaScript thread", what ? what : "this call");
  Unreachable();
}

void RaiseCancelled(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (goroutine->engine && !goroutine->cancelled()) RaiseWouldBlock(L, goroutine->cancelled_wait());
  // A finalizer swallows every error: the cancellation stays pending and strikes again at the first instruction after it.
  if (InFinalizer(L)) {
    goroutine->lua_island()->FinalizerInterrupted();
    lua_sethook(L, InterruptHook, LUA_MASKCOUNT, 1);
    luaL_error(L, "interrupted");
  }
  const char* traceback = nullptr;
  const char* where = nullptr;
  if (WantsPlace(goroutine)) {
    luaL_traceback(L, L, nullptr, 0);
    traceback = lua_tostring(L, -1);
    luaL_where(L, 1);
    where = lua_tostring(L, -1);
  }
  lua_pushstring(L, NoteRaise(goroutine, where, traceback));
  RaisePastHandlers(L);
}

void RethrowIfCancelled(lua_State* L, lua_KContext entry, bool failed) {
  if (failed) (void)TryApplyPosts(L);  // the error may tell of what others did
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) return;
  if (MustRaise(goroutine) && !InFinalizer(L)) RaiseCancelled(L);
  if (!failed) return;
  bool begun_before = static_cast<lua_KContext>(goroutine->unwinding) > entry;
  if (begun_before || goroutine->unwinding == Unwinding::kGraceOver) RaisePastHandlers(L);
}

namespace {

// What an error object says of itself, if it does.
int TextOfObject(lua_State* L) {
  return luaL_callmeta(L, 1, "__tostring") ? 1 : 0;
}

void NoteErrorText(lua_State* L, LuaGoroutine* goroutine) {
  lua_pushcfunction(L, TextOfObject);
  lua_pushvalue(L, 1);
  // Its own error, if it raises one, stands for nothing: the object is what went wrong.
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_isstring(L, -1)) {
    size_t length;
    const char* text = lua_tolstring(L, -1, &length);
    goroutine->ending.failure->message.assign(text, length);
  }
}

}  // namespace

int BodyMessageHandler(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  // Not for deferred functions, which fail when the end is noted already.
  if (goroutine && goroutine->unwinding == Unwinding::kNo) {
    luaL_traceback(L, L, nullptr, 1);
    goroutine->seldom->traceback = lua_tostring(L, -1);
    lua_pop(L, 1);
    if (!lua_isstring(L, 1)) NoteErrorText(L, goroutine);
    lua_settop(L, 1);
  }
  return 1;
}

void LuaIsland::Strike(Goroutine* base) noexcept {
  auto* goroutine = static_cast<LuaGoroutine*>(base);
  if (!goroutine) {
    // The burial: finalizers over their time.
    if (main_ && world_->scheduler->machine_clock()->Now() >= burial_deadline) {
      main_->allowhook = 1;
      lua_sethook(main_, InterruptHook, LUA_MASKCOUNT, 1);
    }
    return;
  }
  lua_State* L = goroutine->innermost.load(std::memory_order_relaxed);
  if (!L) return;
  if (goroutine->engine) return goroutine->engine->Strike(L);
  Worker* worker = Scheduler::CurrentWorker();
  if (CancellationPending(goroutine)) {
    sloth_interrupted = 1;
    L->allowhook = 1;  // finalizers and the program's own hooks are interruptible, too
  } else if (!(worker->slice_over() && world_->scheduler->HasWaitingWork()) &&
             !worker->warn_long_run.load(std::memory_order_relaxed) && !look_wanted()) {
    return;
  }
  lua_sethook(L, InterruptHook, LUA_MASKCOUNT, 1);
}

namespace {

void WarnLongRun(lua_State* L, LuaGoroutine* goroutine) {
  luaL_where(L, 0);
  const char* where = lua_tostring(L, -1);
  lua_pushfstring(L, "warning: goroutine %I has run for 5 seconds without a switch while others on its island wait (%s)\n",
                  static_cast<LUAI_UACINT>(goroutine->id()), where);
  size_t length;
  const char* text = lua_tolstring(L, -1, &length);
  goroutine->world()->err->Write(text, length);
  lua_pop(L, 2);
}

}  // namespace

void InterruptHook(lua_State* L, lua_Debug* activation) {
  RestoreHook(L);
  sloth_interrupted = 0;
  LuaIsland* island = IslandOf(L);
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) {
    if (island->world()->scheduler->machine_clock()->Now() >= island->burial_deadline) luaL_error(L, "finalizer took too long");
    return;
  }
  if (island->look_wanted()) island->AnswerInspections();
  if (goroutine->engine) goroutine->engine->Notice();
  if (MustRaise(goroutine)) RaiseCancelled(L);
  if (goroutine->engine) return;
  Worker* worker = Scheduler::CurrentWorker();
  if (worker->warn_long_run.exchange(false, std::memory_order_relaxed) && island->has_other_ready()) {
    WarnLongRun(L, goroutine);
  }
  bool wanted = worker->slice_over() && island->world()->scheduler->HasWaitingWork();
  if (!(wanted || IsCruel(Cruelty::kPreempt)) || activation->event != LUA_HOOKCOUNT) return;
  if (!lua_isyieldable(L) || goroutine->unyieldable > 0 || InFinalizer(L)) return;
  goroutine->yield = SchedulerYield::kPreempt;
  goroutine->rested_in = L;
  lua_yield(L, 0);
}

}  // namespace sloth

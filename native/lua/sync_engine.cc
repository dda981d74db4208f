#include "lua/sync_engine.h"

#include "lua/body.h"
#include "lua/cancellation.h"
#include "lua/error_text.h"
#include "lua/handles.h"
#include "lua/internals.h"
#include "lua/pack_host.h"
#include "lua/snapshot.h"
#include "lua/sync_call.h"
#include "lua/upstream/poll.h"

namespace sloth {

SyncEngine::SyncEngine(World* world, uint64_t seed, size_t memory_limit, EngineRuns* runs, SyncHost* host)
    : world_(world), runs_(runs), host_(host), island_(MakeRef<LuaIsland>(world, seed)), guest_(world->scheduler, Ref<Island>(island_.get())) {
  if (memory_limit > 0) island_->memory_limit = memory_limit;
}

SyncEngine::~SyncEngine() { CHECK(buried_); }

bool SyncEngine::TryOpen() {
  if (island_->TryBuild({.libraries = kEveryLibrary}) && EnsureRecord()) return true;
  Close();
  return false;
}

Ref<LuaGoroutine> SyncEngine::NewRecord() {
  auto record = MakeRef<LuaGoroutine>(world_, Ref<LuaRun>(run_), Ref<LuaIsland>(island_), nullptr, nullptr);
  record->engine = this;
  record->daemon = true;  // it keeps nothing alive: the host does
  record->uncaught_rule = UncaughtRule::kBelongsToRun;
  record->kind = "JavaScript thread";
  record->state = island_->main_state();
  record->started = true;
  guest_.Adopt(record.get());
  return record;
}

bool SyncEngine::EnsureRecord() {
  if (run_ && run_->ending() != CancelKind::kNone) EndRun();
  if (!run_) {
    run_ = runs_->MakeEngineRun();
    if (!run_) return false;
    anchor_ = NewRecord();
  }
  if (!record_) record_ = NewRecord();
  return true;
}

void SyncEngine::EndRecord(Ref<LuaGoroutine> record) {
  if (!record) return;
  Outcome outcome;
  outcome.kind = OutcomeKind::kDone;
  guest_.End(record.get(), record->cancelled() ? CancelledOutcome(record.get()) : std::move(outcome));
}

void SyncEngine::EndRun() {
  EndRecord(std::move(record_));
  EndRecord(std::move(anchor_));
  run_ = nullptr;
}

size_t SyncEngine::live_goroutines() { return run_ ? run_->live() : 0; }

void SyncEngine::Close() {
  if (closed_) return;
  closed_ = true;
  if (guest_.depth() > 0) {
    run_->CancelAll(CancelKind::kCancelled, "the engine was closed");
  } else {
    Bury();
  }
}

void SyncEngine::Bury() {
  if (run_) run_->CancelAll(CancelKind::kCancelled, "the engine was closed");
  EndRun();
  guest_.Bury();
  buried_ = true;
}

bool SyncEngine::Begin(SyncTurn* turn, int64_t timeout_ns, TableRule rule) {
  if (closed_) return false;
  LuaGoroutine* outer = static_cast<LuaGoroutine*>(guest_.current());
  if (!outer) {
    if (island_->errands_asked()) guest_.RunErrands();
    if ((!record_ || run_->ending() != CancelKind::kNone) && !EnsureRecord()) return false;
    turn->record = record_.get();
    turn->L = island_->main_state();
  } else {
    turn->L = outer->innermost.load(std::memory_order_relaxed);
    turn->own_record = timeout_ns != kForever && !outer->cancelled();
    turn->record = turn->own_record ? NewRecord().Leak() : outer;
    if (turn->own_record) turn->record->unyieldable = outer->unyieldable;
  }
  turn->base = lua_gettop(turn->L);
  turn->outer_rule = turn->record->table_rule;
  turn->outer_unwinding = turn->record->unwinding;
  turn->record->table_rule = rule;
  turn->record->innermost.store(turn->L, std::memory_order_relaxed);
  turn->entry = guest_.Enter(turn->record, timeout_ns);
  // What goroutines stored into tables of this heap, before anybody looks.
  if (!outer && island_->write_backs.has_posts()) (void)island_->write_backs.Apply(turn->L);
  return true;
}

void SyncEngine::FinishOutermost(SyncTurn* turn) {
  LuaGoroutine* record = turn->record;
  if (record->unwinding == Unwinding::kNo) record->unwinding = Unwinding::kMasked;
  record->masked.store(true, std::memory_order_seq_cst);
  lua_pushcfunction(turn->L, RunDeferredOf);
  if (lua_pcall(turn->L, 0, 0, 0) != LUA_OK) lua_pop(turn->L, 1);
  ForgetDeferred(turn->L, record->state);
}

void SyncEngine::End(SyncTurn* turn) {
  LuaGoroutine* record = turn->record;
  lua_settop(turn->L, turn->base);
  bool outermost = guest_.depth() == 1;
  bool has_followers = record->has_followers;
  if (outermost && has_followers) FinishOutermost(turn);
  record->table_rule = turn->outer_rule;
  guest_.Leave(turn->entry);
  if (turn->own_record) {
    if (has_followers) static_cast<LuaGoroutine*>(guest_.current())->has_followers = true;
    EndRecord(Ref<LuaGoroutine>::Adopt(record));
    return;
  }
  if (!outermost) {
    // A cancellation that was raised in here must be raised out there, too.
    if (turn->outer_unwinding == Unwinding::kNo && record->unwinding != Unwinding::kNo) {
      record->unwinding = Unwinding::kNo;
      record->masked.store(false, std::memory_order_seq_cst);
    }
    return;
  }
  record->innermost.store(nullptr, std::memory_order_relaxed);
  if (has_followers || record->cancelled()) EndRecord(std::move(record_));
  if (has_followers && live_goroutines() > 0) host_->NoteGoroutines();
  if (closed_ && !buried_) Bury();
}

bool SyncEngine::Run(SyncTurn* turn, const SyncCall& call) {
  turn->syntax_error = false;
  return RunSyncCall(turn->L, call, &turn->syntax_error);
}

int SyncEngine::result_count(const SyncTurn& turn) const { return lua_gettop(turn.L) - turn.base; }

SyncFailure SyncEngine::Failure(SyncTurn* turn) {
  lua_State* L = turn->L;
  LuaGoroutine* record = turn->record;
  SyncFailure failure;
  failure.traceback = std::move(record->seldom->traceback);
  record->seldom->traceback.clear();
  std::string object_text = std::move(record->ending.failure->message);
  record->ending.failure->message.clear();
  if (record->cancelled() && record->unwinding != Unwinding::kNo) {
    failure.message = CancellationText(record);
    switch (record->cancel_kind()) {
      case CancelKind::kTimeout: failure.kind = "timeout"; break;
      case CancelKind::kExit: failure.kind = "exit"; failure.exit_code = run_->exit_code(); break;
      default: failure.kind = "cancelled"; break;
    }
    return failure;
  }
  failure.message = lua_isstring(L, -1) || object_text.empty() ? ErrorText(L, -1) : std::move(object_text);
  if (IsOutOfMemory(L, -1)) {
    failure.kind = "memory";
  } else if (turn->syntax_error) {
    failure.kind = "syntax";
    failure.traceback.clear();
  } else if (lua_type(L, -1) != LUA_TSTRING) {
    std::string ignored;
    if (!TryPack(L, lua_gettop(L), 1, "", &failure.error, &ignored)) failure.error = Value();
  }
  return failure;
}

namespace {

int HoldFunctions(lua_State* L) {
  HoldFunctionsForHost(L);
  return 0;
}

}  // namespace

bool SyncEngine::TryPack(lua_State* L, int first, int count, const char* action, Value* out, std::string* reason) {
  first = lua_absindex(L, first);
  PackFailure failure;
  for (;;) {
    switch (TryPackForHost(L, first, count, out, &failure)) {
      case HostPack::kPacked: return true;
      case HostPack::kRefused: *reason = PackFailureText(action, failure); return false;
      case HostPack::kNeedsFunctions: break;
    }
    lua_pushcfunction(L, HoldFunctions);
    if (lua_pcall(L, 0, 0, 0) == LUA_OK) continue;
    lua_pop(L, 1);
    *reason = "not enough memory";
    CurrentGoroutine(L)->seldom->held_functions.clear();
    return false;
  }
}

bool SyncEngine::ReferenceOf(const Handle* handle, int* reference) const {
  if (!handle || (handle->handle_kind() != HandleKind::kLuaFunction && handle->handle_kind() != HandleKind::kLuaObject)) return false;
  auto* held = static_cast<const LuaFunction*>(handle);
  if (held->island() != island_.get()) return false;
  *reference = held->reference();
  return true;
}

const void* SyncEngine::AddressOf(int reference, const char** type) {
  if (buried_) return nullptr;
  lua_State* L = island_->main_state();
  if (!lua_checkstack(L, 1)) return nullptr;
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
  const void* address = lua_topointer(L, -1);
  *type = luaL_typename(L, -1);
  lua_pop(L, 1);
  return address;
}

SelfRule SyncEngine::SelfRuleOf(int reference) {
  if (buried_) return SelfRule::kNever;
  lua_State* L = island_->main_state();
  if (!lua_checkstack(L, 1)) return SelfRule::kNever;
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
  const TValue* value = s2v(L->top.p - 1);
  SelfRule rule = ttisLclosure(value) ? SelfRule::kNever : SelfRule::kOfUserdata;
  if (ttisLclosure(value)) {
    const Proto* proto = clLvalue(value)->p;
    bool named = proto->numparams > 0 && proto->sizelocvars > 0;
    if (named && std::string_view(getstr(proto->locvars[0].varname)) == "self") rule = SelfRule::kAlways;
  }
  lua_pop(L, 1);
  return rule;
}

void SyncEngine::Notice() {
  guest_.NoticeDeadline();
  if (!guest_.TakeHostCheck() || host_->StillWants()) return;
  if (!guest_.current()->cancelled()) guest_.current()->Cancel(CancelKind::kCancelled, "the JavaScript thread ends");
}

void SyncEngine::Strike(lua_State* L) noexcept {
  if (guest_.over_time() || CancellationPending(static_cast<LuaGoroutine*>(guest_.current()))) L->allowhook = 1;
  sloth_interrupted = 1;
  lua_sethook(L, InterruptHook, LUA_MASKCOUNT, 1);
}

}  // namespace sloth

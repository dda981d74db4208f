#include "lua/outcome.h"

#include "lua/pack.h"

namespace sloth {

void PushOutcomeError(lua_State* L, const Outcome& outcome) {
  const Failure& failure = *outcome.failure;
  luaL_checkstack(L, 4, nullptr);
  if (!failure.error.is_nil()) {
    UnpackValues(L, failure.error);
  } else if (failure.traceback.empty() || failure.kind != FailureKind::kError) {
    lua_pushlstring(L, failure.message.data(), failure.message.size());
  } else {
    lua_pushlstring(L, failure.message.data(), failure.message.size());
    lua_pushliteral(L, "\n");
    lua_pushlstring(L, failure.traceback.data(), failure.traceback.size());
    lua_concat(L, 3);
  }
}

int PushOutcomePlain(lua_State* L, const Outcome& outcome) {
  lua_pushboolean(L, outcome.kind == OutcomeKind::kDone);
  if (outcome.kind == OutcomeKind::kDone) return 1 + UnpackResults(L, outcome.results);
  PushOutcomeError(L, outcome);
  return 2;
}

int PushOutcome(lua_State* L, const Outcome& outcome) {
  int count = PushOutcomePlain(L, outcome);
  if (outcome.kind == OutcomeKind::kDone) return count;
  if (outcome.kind == OutcomeKind::kFailed) {
    lua_pushliteral(L, "error");
  } else {
    lua_pushstring(L, outcome.failure->kind == FailureKind::kTimeout ? "timeout" : "cancelled");
  }
  return count + 1;
}

int UnpackResults(lua_State* L, const Value& results) { return results.is_nil() ? 0 : UnpackValues(L, results); }

}  // namespace sloth

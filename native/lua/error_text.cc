#include "lua/error_text.h"

#include "lua/internals.h"

namespace sloth {

std::string ErrorText(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TSTRING: {
      size_t length;
      const char* text = lua_tolstring(L, index, &length);
      return std::string(text, length);
    }
    case LUA_TNUMBER: {
      if (lua_isinteger(L, index)) return std::to_string(lua_tointeger(L, index));
      char text[64];
      lua_number2str(text, sizeof text, lua_tonumber(L, index));
      return text;
    }
    default:
      return std::string("(error object is a ") + luaL_typename(L, index) + " value)";
  }
}

bool IsOutOfMemory(lua_State* L, int index) {
  const TValue* value = s2v(index < 0 ? L->top.p + index : L->ci->func.p + index);
  return ttisstring(value) && tsvalue(value) == G(L)->memerrmsg;
}

std::string CancellationText(LuaGoroutine* goroutine) {
  if (goroutine->cancel_kind() == CancelKind::kTimeout) return "timeout exceeded";
  return "cancelled: " + goroutine->cancel_reason();
}

Outcome CancelledOutcome(LuaGoroutine* goroutine) {
  Outcome outcome;
  outcome.kind = OutcomeKind::kCancelled;
  switch (goroutine->cancel_kind()) {
    case CancelKind::kTimeout: outcome.failure->kind = FailureKind::kTimeout; break;
    case CancelKind::kDeadlock: outcome.failure->kind = FailureKind::kDeadlock; break;
    case CancelKind::kExit: outcome.failure->kind = FailureKind::kExit; break;
    default: outcome.failure->kind = FailureKind::kCancelled; break;
  }
  outcome.failure->message = CancellationText(goroutine);
  outcome.failure->traceback = goroutine->seldom->traceback;
  return outcome;
}

}  // namespace sloth

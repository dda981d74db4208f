#include "lua/traceback.h"

#include <cstring>

#include "lua/body.h"
#include "lua/internals.h"
#include "lua/registry.h"

namespace sloth {
namespace {

// As luaL_traceback: so many calls from the top, and so many from the bottom of a deep stack.
constexpr int kFirst = 10;
constexpr int kLast = 11;

lua_CFunction FunctionOf(const CallInfo* ci) {
  const TValue* function = s2v(ci->func.p);
  if (ttislcf(function)) return fvalue(function);
  return ttisCclosure(function) ? clCvalue(function)->f : nullptr;
}

std::string NameOfEntry(const FunctionEntry* entry) {
  size_t length = std::strlen(entry->module);
  constexpr char kMethod[] = ".method";
  constexpr size_t kTail = sizeof kMethod - 1;
  if (length > kTail && std::strcmp(entry->module + length - kTail, kMethod) == 0) return std::string("method '") + entry->name + "'";
  if (std::strcmp(entry->module, LUA_GNAME) == 0) return std::string("function '") + entry->name + "'";
  return std::string("function '") + entry->module + "." + entry->name + "'";
}

std::string NameOf(const CallInfo* ci, const lua_Debug& activation) {
  lua_CFunction function = FunctionOf(ci);
  const FunctionEntry* entry = function ? FindFunction(function) : nullptr;
  if (entry) return NameOfEntry(entry);
  if (*activation.namewhat) {
    bool global = std::strcmp(activation.namewhat, "global") == 0;
    return std::string(global ? "function" : activation.namewhat) + " '" + activation.name + "'";
  }
  if (*activation.what == 'm') return "main chunk";
  if (*activation.what == 'C') return "?";
  return std::string("function <") + activation.short_src + ":" + std::to_string(activation.linedefined) + ">";
}

void AddCall(lua_State* L, CallInfo* ci, std::string* text) {
  if (FunctionOf(ci) == GoroutineBody) return;
  lua_Debug activation;
  activation.i_ci = ci;
  lua_getinfo(L, "Slnt", &activation);
  *text += std::string("\n\t") + activation.short_src + ":";
  if (activation.currentline > 0) *text += std::to_string(activation.currentline) + ":";
  *text += " in " + NameOf(ci, activation);
  if (activation.istailcall) *text += "\n\t(...tail calls...)";
}

}  // namespace

std::string StackText(lua_State* L) {
  int depth = 0;
  for (CallInfo* ci = L->ci; ci != &L->base_ci; ci = ci->previous) depth++;
  std::string text;
  int level = 0;
  for (CallInfo* ci = L->ci; ci != &L->base_ci; ci = ci->previous, level++) {
    bool skipped = depth > kFirst + kLast + 1 && level >= kFirst && level < depth - kLast;
    if (!skipped) AddCall(L, ci, &text);
    if (skipped && level == kFirst) text += "\n\t...\t(skipping " + std::to_string(depth - kFirst - kLast) + " levels)";
  }
  return text.empty() ? text : "stack traceback:" + text;
}

std::string GoroutineStackText(LuaGoroutine* goroutine) {
  if (!goroutine->state) return "";
  lua_State* innermost = goroutine->innermost.load(std::memory_order_relaxed);
  if (!innermost) innermost = goroutine->rested_in;
  std::string own = StackText(goroutine->state);
  if (!innermost || innermost == goroutine->state) return own;
  return StackText(innermost) + "\nof a coroutine; " + own;
}

}  // namespace sloth

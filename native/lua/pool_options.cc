#include "lua/pool_options.h"

#include <cmath>
#include <string_view>
#include <type_traits>

namespace sloth {
namespace {

static_assert(std::is_trivially_destructible_v<PoolOptions>);  // it lives in the upper room

// "500ms", "10s", "5m", "1h30m", or plain seconds; negative when it is none of these.
double SecondsOf(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr Unit kUnits[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  double total = 0;
  size_t at = 0;
  if (text.empty()) return -1;
  while (at < text.size()) {
    double amount = 0, digit = 1;
    size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; at++) amount = amount * 10 + (text[at] - '0');
    if (at == start) return -1;
    if (at < text.size() && text[at] == '.') {
      start = ++at;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; at++) amount += (digit /= 10) * (text[at] - '0');
      if (at == start) return -1;
    }
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (!unit && text.substr(at).starts_with(candidate.name)) unit = &candidate;
    }
    if (!unit) return at == text.size() && total == 0 ? amount : -1;
    total += amount * unit->seconds;
    at += unit->name.size();
  }
  return total;
}

[[noreturn]] void Mistake(lua_State* L, const char* caller, const char* option, const char* expected) {
  luaL_error(L, "%s: %s must be %s, got %s", caller, option, expected, luaL_tolstring(L, -1, nullptr));
  Unreachable();
}

// [-1] an integer of at least `least`.
int64_t CheckInteger(lua_State* L, const char* caller, const char* option, lua_Integer least) {
  int exact = 0;
  lua_Integer value = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &exact) : 0;
  if (exact && value >= least) return value;
  Mistake(L, caller, option, least == 0 ? "an integer of at least 0" : "an integer of at least 1");
}

// [-1] the same, or math.huge for no limit.
int64_t CheckLimit(lua_State* L, const char* caller, const char* option) {
  if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == HUGE_VAL) return INT64_MAX;
  return CheckInteger(L, caller, option, 0);
}

// [-1] the options of a circuit breaker.
CircuitBreakerOptions CheckBreaker(lua_State* L, const char* caller) {
  if (!lua_istable(L, -1)) Mistake(L, caller, "circuit_breaker", "a table");
  CircuitBreakerOptions options;
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_settop(L, table + 1)) {
    std::string_view key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (key == "failure_threshold") {
      options.failure_threshold = CheckInteger(L, caller, "failure_threshold", 1);
    } else if (key == "half_open_requests") {
      options.half_open_requests = CheckInteger(L, caller, "half_open_requests", 1);
    } else if (key == "recovery_timeout") {
      double seconds = -1;
      if (lua_type(L, -1) == LUA_TNUMBER) seconds = lua_tonumber(L, -1);
      if (lua_type(L, -1) == LUA_TSTRING) seconds = SecondsOf(lua_tostring(L, -1));
      if (!(seconds >= 0)) Mistake(L, caller, "recovery_timeout", "a duration like \"60s\", or seconds");
      options.recovery_ns = seconds >= 9.2e9 ? kForever : static_cast<int64_t>(seconds * static_cast<double>(kSecond));
    } else {
      luaL_error(L, "%s: circuit_breaker has no option '%s'; there are failure_threshold, recovery_timeout and half_open_requests",
                 caller, luaL_tolstring(L, -2, nullptr));
    }
  }
  return options;
}

// [-1] milliseconds.
int64_t CheckMilliseconds(lua_State* L, const char* caller, const char* option) {
  double value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  if (!(value >= 0)) Mistake(L, caller, option, "a number of milliseconds");
  value *= static_cast<double>(kMillisecond);
  return value >= 9.2e18 ? kForever : static_cast<int64_t>(value);
}

// [-1] the value of the option on which it stands.
void CheckOption(lua_State* L, const char* caller, std::string_view key, PoolOptions* options) {
  if (key == "workers") {
    CheckWorkers(L, lua_gettop(L), caller, &options->least_workers, &options->most_workers);
  } else if (key == "queue") {
    options->queue = CheckLimit(L, caller, "queue");
  } else if (key == "on_full") {
    std::string_view value = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (value != "block" && value != "error") Mistake(L, caller, "on_full", "'block' or 'error'");
    options->refuses_when_full = value == "error";
  } else if (key == "submit_timeout") {
    options->submit_timeout_ns = CheckMilliseconds(L, caller, "submit_timeout");
  } else if (key == "rate_limit") {
    options->starts_per_second = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    if (!(options->starts_per_second > 0) || std::isinf(options->starts_per_second)) {
      Mistake(L, caller, "rate_limit", "a number of starts per second above 0");
    }
  } else if (key == "circuit_breaker") {
    options->breaker = CheckBreaker(L, caller);
  } else if (key == "keep_results") {
    options->kept_results = CheckLimit(L, caller, "keep_results");
  } else {
    luaL_error(L, "%s: option '%s' is not supported; there are workers, queue, on_full, submit_timeout, rate_limit, circuit_breaker and keep_results",
               caller, luaL_tolstring(L, -2, nullptr));
  }
}

}  // namespace

void CheckWorkers(lua_State* L, int index, const char* caller, int64_t* least, int64_t* most) {
  lua_pushvalue(L, index);
  if (!lua_istable(L, -1)) {
    *least = *most = CheckInteger(L, caller, "workers", 1);
    lua_pop(L, 1);
    return;
  }
  // {min, max} or {min = , max = }, and nothing else.
  int64_t bounds[2] = {0, 0};
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_settop(L, table + 1)) {
    std::string_view key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    bool first = key == "min" || (lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1);
    bool second = key == "max" || (lua_isinteger(L, -2) && lua_tointeger(L, -2) == 2);
    if (!first && !second) luaL_error(L, "%s: workers must be an integer or {min, max}; it has a field '%s'", caller, luaL_tolstring(L, -2, nullptr));
    bounds[second] = CheckInteger(L, caller, first ? "workers' min" : "workers' max", 1);
  }
  if (bounds[0] == 0 || bounds[1] < bounds[0]) luaL_error(L, "%s: workers must be {min, max} with min not above max", caller);
  *least = bounds[0];
  *most = bounds[1];
  lua_pop(L, 1);
}

PoolOptions CheckPoolOptions(lua_State* L, int argument, const char* caller) {
  PoolOptions options;
  if (lua_isnoneornil(L, argument)) return options;
  luaL_checktype(L, argument, LUA_TTABLE);
  luaL_checkstack(L, 12, nullptr);
  int top = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, argument); lua_settop(L, top + 1)) {
    CheckOption(L, caller, lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "", &options);
  }
  return options;
}

}  // namespace sloth

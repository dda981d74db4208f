// What a goroutine starts with: its function, its arguments, the globals and library fields it uses.
#include "lua/pack_testing.h"

namespace sloth::testing {
namespace {

// Packs the function and arguments on the stack of `from` with a capture.
bool PackSpawn(Heap& from, const SpawnCapture& capture, size_t limit, Value* value, PackFailure* failure) {
  return TryPackSpawn(from.L, 1, lua_gettop(from.L) - 1, capture, limit, value, failure);
}

// Starts what `make` returns with its captures in a fresh heap and gives the one result.
std::string Spawn(const std::string& make, const SpawnCapture& capture) {
  Heap from, to;
  from.Run(make);
  Value value;
  PackFailure failure;
  bool packed = PackSpawn(from, capture, 0, &value, &failure);
  REQUIRE_MESSAGE(packed, PackFailureText("cannot spawn", failure));
  int status = to.Protect([&](lua_State* L) {
    int count = UnpackSpawn(L, value);
    CHECK(lua_gettop(L) == count + 2);
    lua_call(L, count, 1);
    return 1;
  });
  REQUIRE_MESSAGE(status == LUA_OK, lua_tostring(to.L, -1));
  return to.Text();
}

}  // namespace

TEST_CASE("function and arguments arrive") {
  CHECK(Spawn("local base = 10 return function(...) return base + select('#', ...) .. (...) end, 'x', nil, {}", {}) == "13x");
  CHECK(Spawn("return function(...) return select('#', ...) end", {}) == "0");
}

TEST_CASE("globals arrive, absent ones are absent, and aliases hold across all roots") {
  SpawnCapture capture{{{"shared"}, {"missing"}, {"helper"}, {"print"}, {"string"}}, {}};
  CHECK(Spawn("shared = {n = 1} local up = shared function helper() return shared end print = nil\n"
              "return function(arg) assert(arg == up and up == shared and helper() == shared and missing == nil)\n"
              "  assert(string.rep('x', 2) == 'xx') return print end, shared",
              capture) == "nil");
}

TEST_CASE("a global function that is recursive through the global works") {
  CHECK(Spawn("function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return function() return fib(12) end",
              {{{"fib"}}, {}}) == "144");
}

TEST_CASE("names longer than forty bytes are found") {
  std::string name(60, 'n');
  CHECK(Spawn("_G['" + name + "'] = 5 return function() return " + name + " end", {{{name}}, {}}) == "5");
}

TEST_CASE("changed library fields arrive, and originals captured beside them stay the originals") {
  SpawnCapture capture{{{"require"}}, {{"math", "random"}, {"string", "trim"}, {"table", "concat"}, {"nolib", "x"}}};
  CHECK(Spawn("local random, original = math.random, require\n"
              "math.random = function() return 4 end table.concat = nil require = function(...) return original end\n"
              "string.trim = function(s) return (s:gsub('^%s+', '')) end\n"
              "return function() assert(math.random() == 4 and random() < 1 and require() ~= require and table.concat == nil)\n"
              "  return ('  x'):trim() end",
              capture) == "x");
}

TEST_CASE("a spawn says which part cannot leave") {
  Heap from;
  Value value;
  PackFailure failure;
  auto where = [&](const char* make, const SpawnCapture& capture) {
    from.Run(make);
    REQUIRE_FALSE(PackSpawn(from, capture, 0, &value, &failure));
    return PackFailureText("cannot spawn", failure);
  };
  CHECK(where("return print, {x = io.stdout}", {}) == "cannot spawn field 'x' of argument 1: a file cannot leave its island");
  CHECK(where("local f = io.stdout return function() return f end", {}) ==
        "cannot spawn upvalue 'f': a file cannot leave its island");
  CHECK(where("log = {io.stdout} return print", {{{"log"}}, {}}) ==
        "cannot spawn field '[1]' of global 'log': a file cannot leave its island");
  CHECK(where("string.x = {y = io.stdout} return print", {{}, {{"string", "x"}}}) ==
        "cannot spawn field 'y' of 'string.x': a file cannot leave its island");
}

TEST_CASE("a copy larger than the limit is refused early") {
  Heap from;
  Value value;
  PackFailure failure;
  for (const char* make : {"local s = ('x'):rep(300000) return function() return s end",
                           "local t = {} for i = 1, 100000 do t[i] = i + 1000 end return print, t",
                           "local t = {} for i = 1, 100000 do t[i] = {} end return print, t",
                           "local t = {} for i = 1, 100000 do t['k' .. i] = true end return print, t",
                           "local t = {} for i = 1, 20000 do t[i * 7] = 0.5 end return print, t",
                           "local l for i = 1, 100000 do l = {l} end return print, l",
                           "return print, ('a'):rep(100000), ('b'):rep(100000), ('c'):rep(100000)"}) {
    from.Run(make);
    REQUIRE_FALSE(PackSpawn(from, {}, 256 * 1024, &value, &failure));
    CHECK(PackFailureText("cannot spawn", failure) == "cannot spawn: larger than 256 KiB");
    CHECK(PackSpawn(from, {}, 0, &value, &failure));
  }
  from.Run("return print, ('x'):rep(500)");
  REQUIRE_FALSE(PackSpawn(from, {}, 100, &value, &failure));
  CHECK(failure.reason == "larger than 100 bytes");
  CHECK(PackSpawn(from, {}, 1000, &value, &failure));
}

TEST_CASE("many globals and arguments fit on a small stack") {
  SpawnCapture capture;
  for (int i = 0; i < 5000; i++) capture.globals.push_back({"g" + std::to_string(i)});
  CHECK(Spawn("for i = 0, 4999 do _G['g' .. i] = i end\n"
              "return function(...) local sum = select('#', ...) for i = 0, 4999 do sum = sum + _G['g' .. i] end return sum end,\n"
              "  table.unpack({}, 1, 3000)",
              capture) == "12500500");
}

}  // namespace sloth::testing

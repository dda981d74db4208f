// What cannot leave its island, and how the refusal says where it is.
#include "lua/pack_testing.h"

namespace sloth::testing {

TEST_CASE("what cannot leave is named") {
  CHECK(Refusal("return coroutine.create(print)") == "cannot send: a coroutine cannot leave its island");
  CHECK(Refusal("return io.stdout") == "cannot send: a file cannot leave its island");
  CHECK(Refusal("return string.gmatch('a', 'b')") == "cannot send: a C function with upvalues cannot leave its island");
  CHECK(Refusal("return coroutine.wrap(print)") == "cannot send: a C function with upvalues cannot leave its island");
  CHECK(Refusal("return setmetatable({}, {__gc = function() end})") == "cannot send: a table with a finalizer cannot leave its island");
  CHECK(Refusal("return setmetatable({}, {__mode = 'k'})") == "cannot send: a weak table cannot leave its island");

  Heap from;
  Value value;
  PackFailure failure;
  lua_pushlightuserdata(from.L, &from);
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.reason == "a light userdata cannot leave its island");
  lua_newuserdatauv(from.L, 8, 1);
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.reason == "a userdata cannot leave its island");
  lua_pushcfunction(from.L, [](lua_State*) { return 0; });
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.reason == "a C function that is not a library function cannot leave its island");
  REQUIRE(luaL_loadstring(from.L, "return 1") == LUA_OK);
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.reason == "a function that was not loaded by the runtime cannot leave its island");
}

TEST_CASE("the path leads to the part") {
  struct Example {
    const char* make;
    const char* where;
  };
  const Example kExamples[] = {
      {"return {conn = {socket = co}}", "field 'conn.socket'"},
      {"return {1, 2, {x = co}}", "field '[3].x'"},
      {"return {list = {1, 2, co}}", "field 'list[3]'"},
      {"return {['two words'] = {[1.5] = {[true] = co}}}", "field '[\"two words\"][1.5][true]'"},
      {"return {[-3] = {[false] = co}}", "field '[-3][false]'"},
      {"return {['q\"\\\\\\n'] = co}", "field '[\"q\\\"\\\\\\010\"]'"},
      {"return {[('n'):rep(60)] = co}", "field '[\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\"]'"},
      {"return {[{}] = co}", "field '[table]'"},
      {"return {[co] = 1}", "a key"},
      {"return {deep = {[{inner = co}] = 1}}", "field 'inner' of a key of field 'deep'"},
      {"return setmetatable({}, {__index = {co}})", "field '__index[1]' of the metatable"},
      {"return {obj = setmetatable({}, {__name = 'x', c = co})}", "field 'c' of the metatable of field 'obj'"},
      {"return {obj = setmetatable({}, {__mode = 'v'})}", "field 'obj'"},
      {"return function() return co end", "upvalue 'co'"},
      {"local list = {{}, {x = co}} return {handler = function() return list end}",
       "field '[2].x' of upvalue 'list' of field 'handler'"},
      {"local function f() return co end local function g() return f() end return g", "upvalue 'co' of upvalue 'f'"},
  };
  for (const Example& example : kExamples) {
    INFO(example.make);
    std::string make = std::string("local co = coroutine.create(print) ") + example.make;
    std::string reason = std::string(example.make).find("__mode") == std::string::npos ? "a coroutine" : "a weak table";
    CHECK(Refusal(make) == std::string("cannot send ") + example.where + ": " + reason + " cannot leave its island");
  }
}

TEST_CASE("the path is the shortest one and stays readable") {
  CHECK(Refusal("local co = coroutine.create(print) local far = {} for i = 1, 100 do far = {far} end\n"
                "far[2] = {deep = {down = co}} return {z = {far, {{co}}}, near = co}")
            .find("cannot send field 'near'") == 0);
  CHECK(Refusal("local list = {last = coroutine.create(print)} for i = 1, 1000000 do list = {next = list} end return list") ==
        "cannot send field '...next.next.next.next.next.next.next.next.next.next.next.next.next.next.next.last': "
        "a coroutine cannot leave its island");
  CHECK(Refusal("local f = coroutine.create(print) for i = 1, 1000 do local g = f f = function() return g end end return f")
            .size() < 1000);
}

TEST_CASE("values of a list and upvalues without names are counted") {
  Heap from;
  Value value;
  PackFailure failure;
  from.Run("return 1, {x = io.stdout}");
  REQUIRE_FALSE(TryPackValues(from.L, 1, 2, &value, &failure));
  CHECK(failure.path == "field 'x' of value 2");
  lua_register(from.L, "dump", DumpStripped);
  from.Run("local x, y return dump(function() return x, y end)");
  size_t length;
  const char* bytes = lua_tolstring(from.L, -1, &length);
  REQUIRE(luaL_loadbuffer(from.L, bytes, length, "=stripped") == LUA_OK);
  AttachCode(from.L, -1, CodeOrigin::kWhole);
  lua_newthread(from.L);
  REQUIRE(lua_setupvalue(from.L, -2, 2));
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.path == "upvalue 2");
}

TEST_CASE("a refusal leaves nothing behind") {
  Heap from;
  from.Run("local f = function() end return {f, f, {io.stdout}}");
  size_t bytes = from.bytes();
  Value value = Value::Integer(7);
  PackFailure failure;
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(value.integer() == 7);
  CHECK(from.bytes() == bytes);
  lua_settop(from.L, 0);
  lua_gc(from.L, LUA_GCCOLLECT);
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("out of memory is said without a place") {
  PackFailure failure;
  failure.out_of_memory = true;
  CHECK(PackFailureText("cannot send", failure) == "not enough memory");
}

}  // namespace sloth::testing

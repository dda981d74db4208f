// Running out of memory at every request, while code is attached, functions are made and values are unpacked.
#include <new>

#include "lua/code_testing.h"
#include "lua/pack_graph.h"

namespace {

// -1: no limit; otherwise how many more requests that may fail are granted.
int nothrow_grants = -1;

bool RefusesNothrow() {
  if (nothrow_grants < 0) return false;
  if (nothrow_grants == 0) return true;
  nothrow_grants--;
  return false;
}

}  // namespace

// Every request whose failure is a value comes through here, of the whole test program.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return RefusesNothrow() ? nullptr : ::operator new(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return RefusesNothrow() ? nullptr : ::operator new[](size);
}

namespace sloth::testing {
namespace {

const char kProgram[] =
    "local a, b = 1, 'a string constant that is longer than forty bytes'\n"
    "local function f(x) local function g() return x + a end return g() end\n"
    "return function(y) return f(y) .. b, function() return function() return a end end end\n";

// Runs `body` again and again with memory that ends one request later each time, until it succeeds; its
// results stay. Returns how often it failed.
template <typename Body>
int ExhaustMemory(Heap& heap, Body body) {
  for (int attempt = 1;; attempt++) {
    int top = lua_gettop(heap.L);
    lua_gc(heap.L, LUA_GCCOLLECT);  // what the last attempt made does not help this one
    heap.FailFrom(attempt);
    int status = heap.Protect(body);
    heap.Relent();
    REQUIRE(heap.counted_bytes() == heap.bytes());
    if (status == LUA_OK) return attempt - 1;
    REQUIRE(status == LUA_ERRMEM);
    REQUIRE(std::string(lua_tostring(heap.L, -1)) == "not enough memory");
    lua_settop(heap.L, top);
  }
}

// What `heap` uses when nothing is left to collect.
size_t RestingBytes(Heap& heap) {
  lua_gc(heap.L, LUA_GCCOLLECT);
  lua_gc(heap.L, LUA_GCCOLLECT);
  return heap.bytes();
}

}  // namespace

TEST_CASE("attaching code survives the end of memory at every request") {
  {
    Heap heap;
    lua_settop(heap.L, 0);
    REQUIRE(luaL_loadstring(heap.L, kProgram) == LUA_OK);
    lua_setglobal(heap.L, "chunk");
    int failures = ExhaustMemory(heap, [](lua_State* L) {
      lua_getglobal(L, "chunk");
      AttachCode(L, -1, CodeOrigin::kWhole);
      return 1;
    });
    CHECK(failures > 5);
    CHECK(AllAttached(ProtoAt(heap.L, -1)));
    lua_gc(heap.L, LUA_GCCOLLECT);
    CHECK(Code::LiveCount() == 1);
    auto constants = static_cast<int>(CodeOf(ProtoAt(heap.L, -1), nullptr)->functions[0].constants.size());
    CHECK(ProtoAt(heap.L, -1)->sizek == constants + 2);
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("making functions survives the end of memory at every request") {
  {
    Heap from, to;
    from.Run(std::string("return function(...) ") + kProgram + " end");
    Ref<Code> code(const_cast<Code*>(CodeOf(ProtoAt(from.L, -1), nullptr)));
    size_t before = RestingBytes(to);
    int failures = ExhaustMemory(to, [&](lua_State* L) {
      PushFunctionOf(L, code, 1);
      return 1;
    });
    CHECK(failures > 15);
    lua_call(to.L, 0, 1);
    lua_pushinteger(to.L, 41);
    lua_call(to.L, 1, 1);
    CHECK(to.Text() == "42a string constant that is longer than forty bytes");
    lua_settop(to.L, 0);
    CHECK(RestingBytes(to) <= before + 4096);  // string table, cache and stack may have grown
    CHECK(code->functions.size() == 7);
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("unpacking survives the end of memory at every request") {
  {
    Heap from, to;
    Ref<Handle> handle;
    from.Run("local shared, t = {}, {} t.self = t shared[t] = ('long string'):rep(10)\n"
             "local function f() return shared, t end local function g() return f, g end\n"
             "for i = 1, 40 do t[i] = {i, 'key' .. i, [f] = g} end\n"
             "return setmetatable({f, g, shared, math.random, string, print, x = {y = {z = 1.5}}}, {__index = t})");
    Value value = Packed(from);
    int failures = ExhaustMemory(to, [&](lua_State* L) { return UnpackValues(L, value); });
    CHECK(failures > 100);
    lua_setglobal(to.L, "V");
    to.Run("local s, t = V[1]() assert(s == V[3] and t.self == t and t[40][2] == 'key40' and V.self == t) return V.x.y.z");
    CHECK(to.Text() == "1.5");
    CHECK(value.parcel()->Unique());
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("random graphs arrive after every failure before them") {
  for (uint64_t seed = 1; seed <= 10; seed++) {
    Heap from, to;
    GraphMaker(from, seed).Make(12);
    Value value = Packed(from);
    lua_settop(to.L, 0);
    ExhaustMemory(to, [&](lua_State* L) { return UnpackValues(L, value); });
    INFO("seed ", seed);
    CHECK(GraphWalker(from, to).Compare() == "");
  }
}

TEST_CASE("starting a goroutine survives the end of memory at every request") {
  {
    Heap from, to;
    from.Run("config = {list = {1, 2, 3}} math.random = function() return 4 end\n"
             "return function(a) return config.list[a] + math.random() end, 2");
    Value value;
    PackFailure failure;
    SpawnCapture capture{{{"config"}}, {{"math", "random"}}};
    REQUIRE(TryPackSpawn(from.L, 1, 1, capture, 0, &value, &failure));
    lua_settop(to.L, 0);
    int failures = ExhaustMemory(to, [&](lua_State* L) {
      int count = UnpackSpawn(L, value);
      lua_call(L, count, 1);
      return 1;
    });
    CHECK(failures > 15);
    CHECK(to.Text() == "6");
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("packing allocates nothing in the heap") {
  Heap from;
  GraphMaker(from, 3).Make(300);
  lua_gc(from.L, LUA_GCSTOP);
  size_t bytes = from.bytes();
  from.FailFrom(1);
  Value value;
  PackFailure failure;
  CHECK(TryPackValue(from.L, -1, &value, &failure));
  from.Relent();
  CHECK(from.bytes() == bytes);
  CHECK(lua_gettop(from.L) == 1);
}

TEST_CASE("packing survives the end of the process's memory at every request") {
  {
    Heap from, to;
    from.Run("local up = {} local function f() return up end\n"
             "local t = {f, ('long string'):rep(100)} for i = 1, 200 do t[i + 2] = {i, 'key' .. i} end return t, f");
    Value value;
    PackFailure failure;
    int failures = 0;
    for (bool packed = false; !packed; failures++) {
      nothrow_grants = failures;
      packed = TryPackValues(from.L, 1, 2, &value, &failure);
      nothrow_grants = -1;
      if (packed) break;
      CHECK(PackFailureText("cannot send", failure) == "not enough memory");
      CHECK(value.is_nil());
    }
    CHECK(failures > 10);
    Unpack(to, value);
    CHECK(lua_gettop(to.L) == 2);
    SpawnCapture capture{{{"x"}}, {}};
    for (int grants = 0; grants < 3; grants++) {
      nothrow_grants = grants;
      CHECK_FALSE(TryPackSpawn(from.L, 2, 0, capture, 0, &value, &failure));
      nothrow_grants = -1;
      CHECK(failure.out_of_memory);
    }
  }
  CHECK(Code::LiveCount() == 0);
}

}  // namespace sloth::testing

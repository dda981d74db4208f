// Taking code out, making functions and unpacking while the collector strikes at the worst moments of its
// generational mode: one full collection in the middle makes everything built so far old, and what is stored
// into it afterwards lives only as long as each store was reported.
#include "lua/code_testing.h"
#include "lua/pack_graph.h"

namespace sloth::testing {
namespace {

const char kProgram[] =
    "local a, b = 1, 'a string constant that is longer than forty bytes'\n"
    "local function f(x) local function g() return x + a end return g() end\n"
    "return function(y) return f(y) .. b, function() return function() return a, 'last' end end end\n";

void CollectYoung(Heap& heap) {
  for (int i = 0; i < 3; i++) lua_gc(heap.L, LUA_GCSTEP, 0);
}

// Runs `act` in one fresh generational heap for each request for memory it makes, with a full collection at
// that request and young ones afterwards; then `check`.
template <typename Act, typename Check>
void CollectAtEveryRequest(Act act, Check check) {
  for (int attempt = 1;; attempt++) {
    Heap heap;
    lua_gc(heap.L, LUA_GCGEN, 1, 100);  // young collections all the time
    lua_settop(heap.L, 0);
    heap.CollectAtRequest(attempt);
    int status = heap.Protect(act);
    bool collected = heap.collected();
    heap.Relent();
    INFO("request ", attempt);
    REQUIRE_MESSAGE(status == LUA_OK, lua_tostring(heap.L, -1));
    CollectYoung(heap);
    check(heap);
    lua_gc(heap.L, LUA_GCCOLLECT);
    check(heap);
    if (!collected) {
      CHECK(attempt > 5);
      return;
    }
  }
}

}  // namespace

TEST_CASE("attached code survives a collection at any request") {
  Heap plain;
  REQUIRE(Load(plain, kProgram) == LUA_OK);
  CollectAtEveryRequest(
      [](lua_State* L) {
        if (luaL_loadbuffer(L, kProgram, sizeof kProgram - 1, "@program.lua") != LUA_OK) return lua_error(L);
        AttachCode(L, -1, CodeOrigin::kWhole);
        return 1;
      },
      [&](Heap& heap) {
        CHECK(AllAttached(ProtoAt(heap.L, -1)));
        CheckSame(ProtoAt(plain.L, -1), ProtoAt(heap.L, -1));
      });
}

TEST_CASE("functions made of code survive a collection at any request") {
  Heap from;
  REQUIRE(Load(from, kProgram) == LUA_OK);
  Ref<Code> code = CodeAt(from.L, -1, nullptr);
  CollectAtEveryRequest(
      [&](lua_State* L) {
        PushFunctionOf(L, code, 3);
        PushFunctionOf(L, code, 0);
        return 1;
      },
      [&](Heap& heap) {
        CHECK(AllAttached(ProtoAt(heap.L, -1)));
        CheckSame(ProtoAt(from.L, -1), ProtoAt(heap.L, -1));
        CHECK(lua_getupvalue(heap.L, -1, 1) != nullptr);
        lua_pop(heap.L, 1);
        CHECK(PushOf(heap, code, 3) == LUA_OK);
        lua_pop(heap.L, 1);
      });
}

TEST_CASE("unpacked graphs survive a collection at any request") {
  for (uint64_t seed : {3, 8, 9}) {
    Heap from;
    GraphMaker(from, seed).Make(10);
    Value value = Packed(from);
    CollectAtEveryRequest([&](lua_State* L) { return UnpackValues(L, value); },
                          [&](Heap& heap) {
                            lua_pushvalue(heap.L, -1);
                            lua_pushvalue(from.L, -1);
                            CHECK(GraphWalker(from, heap).Compare() == "");
                          });
  }
}

TEST_CASE("a started goroutine survives a collection at any request") {
  Heap from;
  from.Run("config = {list = {1, 2, 3}} helper = {} for i = 1, 100 do config[i] = {tostring(i)} end math.random = function() return 4 end\n"
           "return function(a) return config.list[a] + math.random() + #helper end, 2");
  Value value;
  PackFailure failure;
  SpawnCapture capture{{{"config"}, {"helper"}}, {{"math", "random"}}};
  REQUIRE(TryPackSpawn(from.L, 1, 1, capture, 0, &value, &failure));
  CollectAtEveryRequest(
      [&](lua_State* L) { return UnpackSpawn(L, value) + 1; },
      [&](Heap& heap) {
        lua_pushvalue(heap.L, 1);
        lua_pushvalue(heap.L, 2);
        REQUIRE(lua_pcall(heap.L, 1, 1, 0) == LUA_OK);
        CHECK(heap.Text() == "6");
        lua_pop(heap.L, 1);
      });
}

TEST_CASE("functions dropped young leave no trace in an old cache") {
  Heap from, to;
  REQUIRE(Load(from, kProgram) == LUA_OK);
  Ref<Code> code = CodeAt(from.L, -1, nullptr);
  lua_gc(to.L, LUA_GCGEN, 0, 0);
  REQUIRE(to.Protect([](lua_State* L) {
    PrepareCode(L);
    return 0;
  }) == LUA_OK);
  lua_gc(to.L, LUA_GCCOLLECT);
  for (int round = 0; round < 20; round++) {
    REQUIRE(PushOf(to, code, static_cast<uint32_t>(round) % 5) == LUA_OK);
    lua_settop(to.L, 0);
    if (round % 3) CollectYoung(to);
  }
  REQUIRE(PushOf(to, code, 0) == LUA_OK);
  CheckSame(ProtoAt(from.L, -1), ProtoAt(to.L, -1));
}

}  // namespace sloth::testing

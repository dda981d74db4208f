// Whole graphs of values: random ones compared by an independent walker, deep ones, and both while the
// collector runs.
#include <thread>

#include "lua/pack_graph.h"

namespace sloth::testing {
namespace {

// Carries a random graph to another heap under `stress` and compares.
template <typename Stress>
void CarryGraph(uint64_t seed, int tables, Stress stress) {
  Heap from, to;
  GraphMaker(from, seed).Make(tables);
  Value value = Packed(from);
  stress(to);
  Unpack(to, value);
  to.Relent();
  lua_gc(to.L, LUA_GCCOLLECT);
  INFO("seed ", seed);
  GraphWalker walker(from, to);
  CHECK(walker.Compare() == "");
  CHECK(walker.object_count() > static_cast<size_t>(tables) / 4);
  CHECK(to.counted_bytes() == to.bytes());
}

}  // namespace

TEST_CASE("random graphs arrive as they were") {
  for (uint64_t seed = 1; seed <= 100; seed++) CarryGraph(seed, 1 + static_cast<int>(seed) * 2, [](Heap&) {});
  CarryGraph(1000, 5000, [](Heap&) {});
}

TEST_CASE("random graphs arrive while the collector runs at each request for memory") {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    CarryGraph(seed, 60, [](Heap& to) { to.CollectAtEachRequest(); });
    CarryGraph(seed, 60, [](Heap& to) {
      lua_gc(to.L, LUA_GCGEN, 0, 0);
      to.CollectAtEachRequest();
    });
  }
}

TEST_CASE("random graphs arrive while the collector runs in small or large steps") {
  for (uint64_t seed = 1; seed <= 30; seed++) {
    CarryGraph(seed, 200, [](Heap& to) { lua_gc(to.L, LUA_GCINC, 100, 1000, 1); });
    CarryGraph(seed, 200, [](Heap& to) { lua_gc(to.L, LUA_GCINC, 100, 25, 1); });
    CarryGraph(seed, 200, [](Heap& to) { lua_gc(to.L, LUA_GCGEN, 1, 1); });
    CarryGraph(seed, 200, [&](Heap& to) {  // begins in the middle of a cycle
      lua_gc(to.L, LUA_GCINC, 100, 100, 6);
      for (uint64_t step = 0; step < seed; step++) lua_gc(to.L, LUA_GCSTEP, 1);
    });
  }
}

TEST_CASE("finalizers of the destination may run while values arrive") {
  Heap from, to;
  GraphMaker(from, 7).Make(500);
  Value value = Packed(from);
  to.Run("local function again() setmetatable({}, {__gc = function() runs = (runs or 0) + 1 local t = {} for i = 1, 20 do\n"
         "  t[i] = {tostring(i)} end again() end}) end\n"
         "_G.again = again again() collectgarbage('generational')");
  Unpack(to, value);
  CHECK(GraphWalker(from, to).Compare() == "");
}

TEST_CASE("one parcel feeds many threads at once") {
  {
    Heap from;
    from.Run("local shared = {n = 1} local function f(d) if d == 0 then return shared.n end return f(d - 1) end\n"
             "return {f, shared, {math.random, string}, ('long'):rep(50)}");
    Value value = Packed(from);
    Heap heaps[4];
    std::thread threads[4];
    for (int i = 0; i < 4; i++) {
      threads[i] = std::thread([heap = &heaps[i], copy = value] {
        for (int round = 0; round < 50; round++) {
          lua_settop(heap->L, 0);
          heap->Protect([&](lua_State* L) { return UnpackValues(L, copy); });
          lua_gc(heap->L, LUA_GCCOLLECT);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (Heap& heap : heaps) {
      lua_rawgeti(heap.L, 1, 1);
      lua_pushinteger(heap.L, 5);
      REQUIRE(lua_pcall(heap.L, 1, 1, 0) == LUA_OK);
      CHECK(heap.Text() == "1");
    }
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("a list a million links long is data") {
  Heap from, to;
  from.Run("local l for i = 1, 1000000 do l = {next = l} end return l");
  Value value = Packed(from);
  lua_settop(from.L, 0);
  lua_gc(from.L, LUA_GCCOLLECT);
  Unpack(to, value);
  CHECK(lua_gettop(to.L) == 1);
  lua_setglobal(to.L, "V");
  to.Run("local n, l = 0, V while l do n = n + 1 l = l.next end return n");
  CHECK(to.Text() == "1000000");
}

TEST_CASE("a chain of a hundred thousand functions is data") {
  CHECK(Carry("local f for i = 1, 100000 do local g = f f = function() return g end end return f",
              "local n, f = 0, V while f do n = n + 1 f = f() end return n") == "100000");
}

TEST_CASE("a chain of metatables and of keys is data") {
  CHECK(Carry("local t = {} for i = 1, 100000 do t = setmetatable({}, t) end\n"
              "local k = {} for i = 1, 100000 do k = {[k] = true} end return {t, k}",
              "local n, t = 0, V[1] while getmetatable(t) do n = n + 1 t = getmetatable(t) end\n"
              "local m, k = 0, V[2] while next(k) do m = m + 1 k = next(k) end return n + m") == "200000");
}

}  // namespace sloth::testing

// What survives a transfer between two heaps.
#include <cmath>

#include "lua/pack_testing.h"

namespace sloth::testing {
namespace {

class TestHandle final : public Handle {
 public:
  explicit TestHandle(HandleKind kind) : Handle(kind) { live++; }
  ~TestHandle() override { live--; }
  static int live;
};
int TestHandle::live = 0;

}  // namespace

TEST_CASE("small values cross without a parcel") {
  Heap from, to;
  for (const char* text : {"return nil", "return false", "return true", "return 7", "return math.mininteger",
                           "return -0.5", "return ''", "return 'sixteen bytes!!!'", "return 'a\\0b'"}) {
    from.Run(text);
    Value value = Packed(from);
    CHECK(value.kind() != ValueKind::kParcel);
    Unpack(to, value);
    lua_setglobal(to.L, "V");
    to.Run(std::string("local function make() ") + text + " end return rawequal(V, make()) and math.type(V) == math.type(make())");
    CHECK(lua_toboolean(to.L, -1));
  }
}

TEST_CASE("special numbers keep their kind") {
  CHECK(Carry("return {0/0, -0.0, 1/0, -1/0, 3, 3.0, math.maxinteger, math.mininteger, 2^63, 127, 128, -128, -129}",
              "assert(V[1] ~= V[1] and 1 / V[2] == -math.huge and V[3] == math.huge and V[4] == -math.huge)\n"
              "assert(math.type(V[5]) == 'integer' and math.type(V[6]) == 'float' and V[7] == math.maxinteger)\n"
              "assert(V[8] == math.mininteger and math.type(V[9]) == 'float' and V[9] == 2^63)\n"
              "return table.concat({V[10], V[11], V[12], V[13]}, ' ')") == "127 128 -128 -129");
}

TEST_CASE("strings of every length and content cross") {
  CHECK(Carry("local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end all = table.concat(all)\n"
              "local list = {all} for n = 0, 100 do list[#list + 1] = all:sub(1, n) end return list",
              "for n = 0, 100 do assert(V[n + 2] == V[1]:sub(1, n)) end\n"
              "for i = 0, 255 do assert(V[1]:byte(i + 1) == i) end return #V[1]") == "256");
}

TEST_CASE("a long string that is mentioned twice travels once") {
  Heap from, to;
  from.Run("local s = ('x'):rep(100000) return {s, s, {s}}");
  Value value = Packed(from);
  CHECK(value.parcel()->bytes.size() < 101000);
  Unpack(to, value);
  lua_rawgeti(to.L, 1, 1);
  lua_rawgeti(to.L, 1, 2);
  CHECK(lua_tostring(to.L, -1) == lua_tostring(to.L, -2));
}

TEST_CASE("every kind of key crosses") {
  CHECK(Carry("local k = {name = 'key'} local function f() end\n"
              "return {k = k, f = f, t = {[k] = 1, [f] = 2, [true] = 3, [false] = 4, [1.5] = 5, [2^53] = 6, [-1] = 7,\n"
              "  [print] = 8, [string] = 9, [('long'):rep(20)] = 10, [''] = 11, [1/0] = 12, [math.mininteger] = 13}}",
              "local t = V.t\n"
              "return table.concat({t[V.k], t[V.f], t[true], t[false], t[1.5], t[2^53], t[1 << 53], t[-1], t[print],\n"
              "  t[string], t[('long'):rep(20)], t[''], t[1/0], t[math.mininteger]}, ' ')") ==
        "1 2 3 4 5 6 6 7 8 9 10 11 12 13");
}

TEST_CASE("cycles and aliases stay what they are") {
  CHECK(Carry("local a, b = {}, {} a.b = b b.a = a a.self = a a[a] = b return {a, b, a}",
              "local a, b = V[1], V[2]\n"
              "return a.b == b and b.a == a and a.self == a and a[a] == b and V[3] == a and V ~= a") == "true");
}

TEST_CASE("several values are one transfer") {
  Heap from, to;
  from.Run("local t = {} return t, nil, {t}, 'x'");
  Value value;
  PackFailure failure;
  REQUIRE(TryPackValues(from.L, 1, 4, &value, &failure));
  Unpack(to, value);
  REQUIRE(lua_gettop(to.L) == 4);
  lua_rawgeti(to.L, 3, 1);
  CHECK(lua_rawequal(to.L, 1, -1));
  CHECK(lua_isnil(to.L, 2));
  REQUIRE(TryPackValues(from.L, 5, 0, &value, &failure));
  Unpack(to, value);
  CHECK(lua_gettop(to.L) == 0);
  REQUIRE(TryPackValues(from.L, -1, 1, &value, &failure));
  CHECK(value.kind() == ValueKind::kShortString);
}

TEST_CASE("one parcel can be unpacked many times and in its own heap") {
  Heap from, to;
  from.Run("local n = 0 return function() n = n + 1 return n end");
  Value value = Packed(from);
  for (Heap* heap : {&from, &to, &to}) {
    Unpack(*heap, value);
    lua_call(heap->L, 0, 1);
    CHECK(heap->Text() == "1");
  }
}

TEST_CASE("metatables come along, and their methods work") {
  CHECK(Carry("local Point = {} Point.__index = Point Point.__add = function(a, b) return setmetatable({x = a.x + b.x}, Point) end\n"
              "function Point:double() return self + self end\n"
              "setmetatable(Point, {__call = function(class, x) return setmetatable({x = x}, class) end})\n"
              "return {Point(20), Point(1), Point}",
              "assert(getmetatable(V[1]) == V[3] and getmetatable(V[2]) == V[3])\n"
              "return V[1]:double().x + V[3](2).x") == "42");
}

TEST_CASE("no metamethod runs on the way") {
  CHECK(Carry("local function bang() error('called') end\n"
              "return setmetatable({1, 2, x = 3}, {__index = bang, __newindex = bang, __pairs = bang, __len = bang, __eq = bang,\n"
              "  __metatable = 'locked', __name = bang, __close = bang})",
              "return rawlen(V) + rawget(V, 'x')") == "5");
}

TEST_CASE("a function brings its upvalues and shares them with its siblings") {
  CHECK(Carry("local n = 10 local function inc(by) n = n + by return n end local function get() return n end\n"
              "return {inc = inc, get = get}",
              "V.inc(1) V.inc(2) return V.get()") == "13");
  CHECK(Carry("local a, b = {}, nil b = a\n"
              "return {function() return a end, function() return b end, a}",
              "return V[1]() == V[2]() and V[1]() == V[3]") == "true");
}

TEST_CASE("open upvalues are read where they live") {
  Heap from, to;
  from.Run("n = 5\n"
           "co = coroutine.create(function() local a = n local function get() return a end local function set(v) a = v end\n"
           "  a = a + 1 fs = {get = get, set = set} coroutine.yield() a = a + 100 end)\n"
           "coroutine.resume(co) return fs");
  Unpack(to, Packed(from));
  lua_setglobal(to.L, "V");
  to.Run("local first = V.get() V.set(70) return first .. ' ' .. V.get()");
  CHECK(to.Text() == "6 70");
  from.Run("coroutine.resume(co) return fs.get()");
  CHECK(from.Text() == "106");
}

TEST_CASE("recursion, direct and mutual, survives") {
  CHECK(Carry("local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib",
              "return V(15)") == "610");
  CHECK(Carry("local even, odd function even(n) return n == 0 or odd(n - 1) end function odd(n) return n ~= 0 and even(n - 1) end\n"
              "return {even, odd}",
              "return tostring(V[1](10)) .. tostring(V[2](10))") == "truefalse");
}

TEST_CASE("a function's globals are those of its new home") {
  CHECK(Carry("x = 'from' return function() return x end", "x = 'to' return V()") == "to");
  CHECK(Carry("local _ENV = {y = 7} return function() return y end", "return V()") == "7");
  CHECK(Carry("return {_G, _ENV}", "return V[1] == _G and V[2] == _G") == "true");
}

TEST_CASE("nested functions, vararg functions and goto arrive whole") {
  CHECK(Carry("return function(...) local out = {} for i, v in ipairs{...} do\n"
              "  if v == 0 then goto continue end\n"
              "  out[#out + 1] = (function(a) return function() return a * select('#', 1, 2) end end)(v)()\n"
              "  ::continue:: end return table.concat(out, ',') end",
              "return V(1, 0, 2, 3)") == "2,4,6");
}

TEST_CASE("library tables and functions are those of the new home") {
  CHECK(Carry("return {string, math, _G, package, string.format, print, math.random, require, getmetatable('')}",
              "return V[1] == string and V[2] == math and V[3] == _G and V[4] == package and V[5] == string.format\n"
              "  and V[6] == print and V[7] == math.random and V[8] == require and V[9] == getmetatable('')") == "true");
  CHECK(Carry("local r, q = math.random, require return function() return r == math.random and q == require end",
              "return V()") == "true");
}

TEST_CASE("holes, sparse arrays and large arrays keep their values and stay compact") {
  CHECK(Carry("local t = {1, nil, 3, nil, nil, 6} local s = {} for i = 1, 64 do s[i] = i end for i = 1, 60 do s[i] = nil end\n"
              "return {t, s}",
              "local t, s = V[1], V[2] assert(t[1] == 1 and t[2] == nil and t[3] == 3 and t[6] == 6)\n"
              "local n = 0 for k, v in pairs(s) do assert(k == v) n = n + 1 end return n") == "4");
  Heap from, to;
  from.Run("local t = {} for i = 1, 10000 do t[i] = i end return t");
  Value value = Packed(from);
  lua_gc(to.L, LUA_GCCOLLECT);
  size_t before = to.bytes();
  Unpack(to, value);
  CHECK(to.bytes() - before < 10000 * 16 + 1000);
}

TEST_CASE("handles cross by reference") {
  {
    Heap from, to;
    Ref<TestHandle> handle = MakeRef<TestHandle>(HandleKind::kChannel);
    PushHandle(from.L, handle.get(), HandleView::kSendOnly);
    Value value = Packed(from);
    CHECK(value.kind() == ValueKind::kHandle);
    Unpack(to, value);
    HandleView view;
    CHECK(HandleInUserdata(to.L, -1, &view) == handle.get());
    CHECK(view == HandleView::kSendOnly);

    lua_setglobal(from.L, "H");
    from.Run("return {H, {H}, key = H, [H] = 1}");
    Unpack(to, Packed(from));
    lua_setglobal(to.L, "V");
    to.Run("return V[1] == V[2][1] and V.key == V[1] and V[V[1]] == 1");
    CHECK(lua_toboolean(to.L, -1));
  }
  CHECK(TestHandle::live == 0);
}

TEST_CASE("a host function crosses as the handle it stands for") {
  {
    Heap from, to;
    Ref<TestHandle> handle = MakeRef<TestHandle>(HandleKind::kHostFunction);
    PushHandle(from.L, handle.get(), HandleView::kFull);
    REQUIRE(lua_isfunction(from.L, -1));
    Value value = Packed(from);
    CHECK(value.kind() == ValueKind::kHandle);
    lua_setglobal(from.L, "host");
    from.Run("local host = host return {host, {host}, function() return host end}");
    Unpack(to, Packed(from));
    lua_setglobal(to.L, "V");
    Unpack(to, value);
    lua_setglobal(to.L, "W");
    to.Run("return type(W) == 'function' and W == V[1] and V[1] == V[2][1] and V[3]() == W");
    CHECK(lua_toboolean(to.L, -1));
  }
  CHECK(TestHandle::live == 0);
}

}  // namespace sloth::testing

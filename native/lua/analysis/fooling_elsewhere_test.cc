// Programs that try to hide who else may store into a table: the goroutine must stay home.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

// Programs, separated by lines of dashes.
const char kPrograms[] = R"lua(
local ctl = {} local function set(t, k, v) t[k] = v end
spawn(function() while not ctl.stop do goroutine.sleep(1) end end)
set(ctl, "stop", true)
----
local function apply(f, ...) return f(...) end local c2 = {}
spawn(function() while not c2.stop do goroutine.sleep(1) end end)
apply(rawset, c2, "stop", true)
----
local c3 = {} local alias = {c3}
spawn(function() return c3.stop end)
alias[1].stop = true
----
local c4 = {} local other = {x = c4}
spawn(function() return c4.stop end)
for k, v in pairs(other) do v.stop = 1 end
----
local c5 = {} local co = coroutine.wrap(function() coroutine.yield() c5.stop = 1 end)
co()
spawn(function() return c5.stop end)
co()
----
local c6 = {} local mt = {__newindex = function(t, k, v) rawset(c6, k, v) end}
local p = setmetatable({}, mt)
spawn(function() return c6.stop end)
p.stop = 1
----
local c7 = {} local t = setmetatable({}, {__index = function() c7.stop = 1 end})
spawn(function() return c7.stop end)
print(t.x)
----
local c8 = {} spawn(function() return c8.stop end)
local ok = pcall(function() c8.stop = true end)
----
local c9 = {} spawn(function() return c9.stop end)
table.sort({2, 1}, function(a, b) c9.stop = 1 return a < b end)
----
local c10 = {} spawn(function() return c10.stop end)
string.gsub("abc", "b", function() c10.stop = 1 end)
----
local c11 = {} local function setter() return function(v) c11.stop = v end end
local s11 = setter()
spawn(function() return c11.stop end)
s11(1)
----
local c12 = {} spawn(function() return c12.stop end)
do local x <close> = setmetatable({}, {__close = function() c12.stop = 1 end}) end
----
local c13 = {} spawn(function() return c13.stop end)
for _, k in ipairs({"stop"}) do c13[k] = 1 end
----
local c14 = {} local function va(...) local t = ... ; t.stop = 1 end
spawn(function() return c14.stop end)
va(c14)
----
local c15 = {} local function va2(...) local a = {...} ; a[1].stop = 1 end
spawn(function() return c15.stop end)
va2(c15)
----
local c16 = {} local function sel(...) (select(1, ...)).stop = 1 end
spawn(function() return c16.stop end)
sel(c16)
----
local c17 = {} G17 = c17
spawn(function() return c17.stop end)
_G["G" .. 17].stop = 1
----
local c18 = {} spawn(function() return c18[1] end)
table.insert(c18, 1)
----
local c19 = {1} spawn(function() return #c19 end)
table.remove(c19)
----
local c20 = {} spawn(function() return next(c20) end)
c20.a = 1
----
local c21 = {} spawn(function() return c21.a end)
setmetatable(c21, {__index = {a = 1}})
----
local c22 = setmetatable({}, {}) spawn(function() return c22.a end)
getmetatable(c22).__index = function() return 1 end
----
local c23 = {} -- PIL new on captured
local A = {} function A:new(o) o = o or {} setmetatable(o, self) self.__index = self return o end
spawn(function() return c23.a end)
A:new(c23)
----
local c24 = {} -- store through getter
local function get() return c24 end
spawn(function() return c24.stop end)
get().stop = 1
----
local c25 = {} -- through an argument object two levels
local function f(o) o.inner.stop = 1 end
spawn(function() return c25.stop end)
f({inner = c25})
----
local c26 = {} -- method
local O = {} O.__index = O function O:poke() self.t.stop = 1 end
local o = setmetatable({t = c26}, O)
spawn(function() return c26.stop end)
o:poke()
----
local c27 = {} -- a goroutine at home stores
goroutine.shared(function() channel.sleep(0) c27.stop = 1 end)
spawn(function() return c27.stop end)
----
local c28 = {} -- deferred
defer(function() c28.stop = 1 end)
spawn(function() return c28.stop end)
----
local c29 = {} -- finalizer
setmetatable({}, {__gc = function() c29.stop = 1 end})
spawn(function() return c29.stop end)
----
local c30 = {} -- another coroutine runs the spawn
local co = coroutine.wrap(function() spawn(function() return c30.stop end) end)
co()
c30.stop = 1
----
local c31 = {} -- pending pcall
local function body() spawn(function() return c31.stop end) return c31 end
local ok, t = pcall(body)
t.stop = 1
----
local c32 = {} -- pending sort
table.sort({c32, c32, {}}, function(a, b) if not done then done = true spawn(function() return c32.stop end) end a.stop = 1 return false end)
----
local c33 = {3, 1, 2} -- pending sort of the very table
table.sort(c33, function(a, b) if not done then done = true spawn(function() return c33[1] end) end return a < b end)
----
local c34 = {} -- error value
spawn(function() return c34.stop end)
local ok, e = pcall(error, c34)
e.stop = 1
----
local c35 = {} -- yielded value
local co = coroutine.create(function() coroutine.yield(c35) end)
spawn(function() return c35.stop end)
local ok, v = coroutine.resume(co)
v.stop = 1
----
local c36 = {} -- resumed with
local co = coroutine.create(function() local t = coroutine.yield() t.stop = 1 end)
coroutine.resume(co)
spawn(function() return c36.stop end)
coroutine.resume(co, c36)
----
local c37 = {} -- a table in a table by index
local list = {} for i = 1, 40 do list[i] = {} end list[41] = c37
spawn(function() return c37.stop end)
list[41].stop = 1
----
local c38 = {} -- __call
local f = setmetatable({}, {__call = function(self, t) t.stop = 1 end})
spawn(function() return c38.stop end)
f(c38)
----
local c39 = {} -- __add
local x = setmetatable({}, {__add = function(a, b) b.stop = 1 return b end})
spawn(function() return c39.stop end)
local y = x + c39
----
local c40 = {} -- __concat, __lt, __len
local x = setmetatable({}, {__concat = function(a, b) c40.stop = 1 return "" end})
spawn(function() return c40.stop end)
local y = "a" .. x
----
local c41 = {} -- load
spawn(function() return c41.stop end)
load("local t = ... t.stop = 1")(c41)
----
c42 = {} -- load with global
spawn(function() return c42.stop end)
load("c42.stop = 1")()
----
local c43 = {} -- debug.getlocal
local function f() local t = c43 return debug.getlocal(1, 1) end
spawn(function() return c43.stop end)
local n, v = f() v.stop = 1
----
local c44 = {} -- debug.getupvalue
local function f() return c44 end
spawn(function() return c44.stop end)
local n, v = debug.getupvalue(f, 1) v.stop = 1
----
local c45 = {} -- table.unpack
local l = {c45}
spawn(function() return c45.stop end)
local v = table.unpack(l) v.stop = 1
----
local c46 = {} -- table.move
local l = {} table.move({c46}, 1, 1, 1, l)
spawn(function() return c46.stop end)
l[1].stop = 1
----
local c47 = {} -- string method table
string.poke = function(s, t) t.stop = 1 end
spawn(function() return c47.stop end)
local s = "x" s:poke(c47)
----
local c48 = {} -- upvalue set then stored
local cur
local function use() cur.stop = 1 end
spawn(function() return c48.stop end)
cur = c48 use()
----
local c49 = {} -- goto
local n = 0
::top::
if n == 1 then c49.stop = 1 end
spawn(function() return c49.stop end)
n = n + 1
if n < 2 then goto top end
----
local c50 = {} -- repeat until
repeat spawn(function() return c50.stop end) until (function() c50.stop = 1 return true end)()
----
local c51 = {} -- long key
spawn(function() return c51.this_is_a_very_long_field_name_that_is_no_short_string_at_all end)
c51.this_is_a_very_long_field_name_that_is_no_short_string_at_all = 1
----
local c52 = {} -- a key that is a table
local K = {}
spawn(function() return c52[K] end)
c52[K] = 1
----
local c53 = {} -- store of a later parameter default
local function f(a, b) b = b or c53 b.stop = 1 end
spawn(function() return c53.stop end)
f(1)
----
local c54 = {} -- and / or
local flag = true
spawn(function() return c54.stop end)
local t = flag and c54 or {}
t.stop = 1
----
local c55 = {} -- multiple assignment
spawn(function() return c55.stop end)
local a, b = 1, c55
a, b.stop = 2, 1
----
local c56 = {} -- channel range handler
local ch = channel.make(1) ch:send(1) ch:close()
spawn(function() return c56.stop end)
ch:range(function() c56.stop = 1 end)
----
local c57 = {} -- select handler
local ch = channel.make(1) ch:send(1)
spawn(function() return c57.stop end)
channel.select({{"|<-", ch, function() c57.stop = 1 end}})
----
local c58 = {} -- timeout child at home
spawn(function() return c58.stop end)
goroutine.timeout(10, function() c58.stop = 1 end)
----
local c59 = {} -- xpcall handler
spawn(function() return c59.stop end)
xpcall(error, function() c59.stop = 1 end)
----
local c60 = {} -- env table
local function f() local _ENV = c60 stop = 1 end
spawn(function() return c60.stop end)
f()
----
local c61 = {} -- nested function in method table returned from require-like
package.loaded.m61 = {poke = function(t) t.stop = 1 end}
spawn(function() return c61.stop end)
require("m61").poke(c61)
----
local c62 = {} -- __index function returns it
local p = setmetatable({}, {__index = function() return c62 end})
spawn(function() return c62.stop end)
p.anything.stop = 1
----
local c63 = {} -- __pairs
local p = setmetatable({}, {__pairs = function() return next, {c63}, nil end})
spawn(function() return c63.stop end)
for _, t in pairs(p) do t.stop = 1 end
----
local c64 = {} -- generic for with closing value and state
local function it(s, c) if not c then return s end end
spawn(function() return c64.stop end)
for t in it, c64 do t.stop = 1 end
----
local c65 = {} -- stored in upvalue of a coroutine later
local slot = {}
local co = coroutine.wrap(function() while true do local t = slot[1] if t then t.stop = 1 end coroutine.yield() end end)
co()
spawn(function() return c65.stop end)
slot[1] = c65 co()
)lua";

}  // namespace

TEST_CASE("somebody else stores into what the goroutine reads, by every back way") {
  for (const std::string& source : SplitPrograms(kPrograms)) {
    Program program(source);
    INFO(source);
    CHECK(program.error == "");
    CHECK(!program.spawns.empty());
    for (const NotedSpawn& spawn : program.spawns) CHECK(spawn.ordinary.parallel == false);
  }
}

}  // namespace sloth::testing

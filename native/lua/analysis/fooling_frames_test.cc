// Programs whose stores hide in what lives already: frames, coroutines, callbacks. The goroutine must stay home.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

// Programs, separated by lines of dashes.
const char kPrograms[] = R"lua(
-- keep; a started home goroutine, parked, will store through its argument
local t = {} local gate = channel.make()
goroutine.shared(function(x) gate:receive() x.stop = 1 end, t)
channel.sleep(0.001)
spawn(function() return t.stop end)
gate:send(1)
----
-- an unstarted home goroutine
local t = {}
goroutine.shared(function(x) x.stop = 1 end, t)
spawn(function() return t.stop end)
----
-- spawn from a home goroutine while main waits and stores later
local t = {} local done = channel.make()
goroutine.shared(function(x) spawn(function() return x.stop end) done:send(1) end, t)
done:receive()
local u = t
u.stop = 1
----
-- spawn from a home goroutine while main is inside a function that stores its parameter later
local t = {} local done = channel.make()
local function wait(x) done:receive() x.stop = 1 end
goroutine.shared(function(x) spawn(function() return x.stop end) done:send(1) end, t)
wait(t)
----
-- a suspended coroutine of another goroutine
local t = {} local done = channel.make()
local co = coroutine.wrap(function(x) coroutine.yield() x.stop = 1 end)
co(t)
goroutine.shared(function(x) spawn(function() return x.stop end) done:send(1) end, t)
done:receive() co()
----
-- a generator that is resumed in a for loop
local t = {}
local function gen(x) return coroutine.wrap(function() coroutine.yield(x) coroutine.yield(x) end) end
for x in gen(t) do if not spawned then spawned = true spawn(function() return t.stop end) end x.stop = 1 end
----
-- varargs of a live frame
local function f(...) spawn(function(x) return x.stop end, (...)) local x = ... x.stop = 1 end
f({})
----
-- varargs of an outer live frame
local function g(x) spawn(function() return x.stop end) end
local function f(...) g((...)) local x = select(1, ...) x.stop = 1 end
f({})
----
-- result of the pending call
local function f(x) spawn(function() return x.stop end) return x end
local y = f({}) y.stop = 1
----
-- second result of the pending call
local function f(x) spawn(function() return x.stop end) return 1, x end
local _, y = f({}) y.stop = 1
----
-- result of a pending pcall of a pending call
local function f(x) spawn(function() return x.stop end) return 1, x end
local ok, _, y = pcall(f, {}) y.stop = 1
----
-- error out of the pending call
local function f(x) spawn(function() return x.stop end) error(x) end
local ok, y = pcall(f, {}) y.stop = 1
----
-- xpcall handler pending
local function f(x) spawn(function() return x.stop end) error(x) end
xpcall(f, function(e) e.stop = 1 end, {})
----
-- result through a tail call
local function f(x) spawn(function() return x.stop end) return x end
local function h(x) return f(x) end
local y = h({}) y.stop = 1
----
-- result of a pending metamethod
local T = {}
local p = setmetatable({}, {__index = function() spawn(function() return T.stop end) return T end})
local y = p.foo y.stop = 1
----
-- result of a pending operator
local T = {}
local p = setmetatable({}, {__add = function() spawn(function() return T.stop end) return T end})
local y = p + 1 y.stop = 1
----
-- pending iterator
local T = {}
for x in function(s, c) if not c then spawn(function() return T.stop end) return T end end do x.stop = 1 end
----
-- pending close
local T = {}
do local a <close> = setmetatable({}, {__close = function() T.stop = 1 end})
 spawn(function() return T.stop end) end
----
-- pending close in an outer frame
local T = {}
local function f() spawn(function() return T.stop end) end
do local a <close> = setmetatable({}, {__close = function(o) o.t.stop = 1 end, __index = {t = T}}) f() end
----
-- generic for closing value pending
local T = {}
local function it() return function(s, c) if not c then return 1 end end, nil, nil, setmetatable({}, {__close = function() T.stop = 1 end}) end
for x in it() do spawn(function() return T.stop end) end
----
-- table.sort in progress holds the table
local T = {3, 2, 1}
local function cmp(a, b) if not once then once = true spawn(function() return T[1] end) end return a < b end
table.sort(T, cmp)
----
-- gsub in progress calls its function again
local T = {}
local n = 0
string.gsub("ab", ".", function(c) n = n + 1 if n == 1 then spawn(function() return T.stop end) else local u = T u.stop = 1 end end)
----
-- deferred function with its own table
local T = {}
local function later(x) return function() x.stop = 1 end end
defer(later(T))
spawn(function() return T.stop end)
----
-- finalizer of a userdata-like own table through self
local T = {}
local o = setmetatable({t = T}, {__gc = function(self) self.t.stop = 1 end})
spawn(function() return T.stop end)
o = nil
----
-- hook
local T = {}
local function hook() local u = T u.stop = 1 end
debug.sethook(hook, "", 1000000)
spawn(function() return T.stop end)
----
-- method stored in a registry-like global and called by name
local T = {}
Handlers = {}
Handlers.go = function(x) x.stop = 1 end
spawn(function() return T.stop end)
Handlers["g" .. "o"](T)
----
-- called through a table of functions with a computed key
local T = {}
local H = {a = function(x) x.stop = 1 end}
spawn(function() return T.stop end)
for k, f in pairs(H) do f(T) end
----
-- through 300 functions
local T = {}
local H = {} for i = 1, 300 do H[i] = function(x) return i end end H[301] = function(x) x.stop = 1 end
spawn(function() return T.stop end)
for i, f in ipairs(H) do f(T) end
----
-- through 300 tables
local T = {}
local L = {} for i = 1, 300 do L[i] = {} end L[301] = T
spawn(function() return T.stop end)
for i, x in ipairs(L) do x.stop = 1 end
----
-- a function received from a channel stores into what it is given
local T = {} local ch = channel.make(1)
ch:send(function(x) x.stop = 1 end)
spawn(function() return T.stop end)
ch:receive()(T)
----
-- awaiting a home goroutine that returns a function
local T = {}
local h = goroutine.async(function() return function(x) x.stop = 1 end end)
spawn(function() return T.stop end)
local ok, f = h:await() f(T)
----
-- a loop that goes round: store first, then spawn
local T = {}
for i = 1, 2 do
  if i == 2 then local u = T u.stop = 1 end
  spawn(function() return T.stop end)
end
----
-- numeric for with step in a function called again
local T = {}
local function run(x, n) if n == 0 then x.stop = 1 return end spawn(function() return x.stop end) return run(x, n - 1) end
run(T, 1)
----
-- recursion: outer activation stores after inner one spawned
local function run(x, n) if n == 0 then spawn(function() return x.stop end) return end run(x, n - 1) local y = x y.stop = 1 end
run({}, 1)
----
-- upvalue of a live frame assigned later, used by a closure made before
local T, cur = {}, {}
local function poke() cur.stop = 1 end
spawn(function() return T.stop end)
cur = T
poke()
----
-- a captured local assigned in a nested function of the frame made later
local T, cur = {}, {}
spawn(function() return T.stop end)
local function setcur(x) cur = x end
setcur(T)
local c = cur
c.stop = 1
----
-- an object method found through a class changed later
local T = {}
local C = {} C.__index = C
local o = setmetatable({}, C)
spawn(function() return T.stop end)
C.poke = function(self, x) x.stop = 1 end
o:poke(T)
----
-- a global function changed later
local T = {}
function poke(x) end
spawn(function() return T.stop end)
poke = function(x) x.stop = 1 end
poke(T)
----
-- a library function changed later
local T = {}
spawn(function() return T.stop end)
table.concat = function(x) x.stop = 1 end
table.concat(T)
----
-- string method changed later
local T = {}
spawn(function() return T.stop end)
string.poke = function(s, x) x.stop = 1 end
local s = "x" s:poke(T)
----
-- setmetatable later makes __newindex store
local T = {}
local o = {}
spawn(function() return T.stop end)
setmetatable(o, {__newindex = function(_, k, v) local u = T u[k] = v end})
o.stop = 1
----
-- raw access through a metatable found later
local T = setmetatable({}, {inner = {}})
local inner = getmetatable(T).inner
spawn(function() return inner.stop end)
getmetatable(T).inner.stop = 1
----
-- coroutine.close runs pending closes
local T = {}
local co = coroutine.create(function() local a <close> = setmetatable({}, {__close = function() local u = T u.stop = 1 end}) coroutine.yield() end)
coroutine.resume(co)
spawn(function() return T.stop end)
coroutine.close(co)
----
-- table.unpack into call
local T = {}
local function f(a, b) b.stop = 1 end
local args = {1, T}
spawn(function() return T.stop end)
f(table.unpack(args))
----
-- select negative
local T = {}
local function f(...) local x = select(-1, ...) x.stop = 1 end
spawn(function() return T.stop end)
f(1, 2, T)
----
-- next
local T = {}
local holder = {T}
spawn(function() return T.stop end)
local _, x = next(holder) x.stop = 1
----
-- table.remove returns it
local T = {}
local holder = {T}
spawn(function() return T.stop end)
table.remove(holder).stop = 1
----
-- package.loaded
local T = {}
package.loaded.state = T
spawn(function() return T.stop end)
require("state").stop = 1
----
-- rawset through alias in a table of library functions
local T = {}
local lib = {set = rawset}
spawn(function() return T.stop end)
lib.set(T, "stop", 1)
----
-- load with environment
local T = {}
spawn(function() return T.stop end)
local f = load("stop = 1", "x", "t", T) f()
----
-- load made before, called later
local f = load("local t = ... t.stop = 1")
local T = {}
spawn(function() return T.stop end)
f(T)
----
-- load made before with environment, called later
local T = {}
local f = load("stop = 1", "x", "t", T)
spawn(function() return T.stop end)
f()
----
-- debug.setmetatable for all numbers
local T = {}
debug.setmetatable(1, {__index = function() return T end})
spawn(function() return T.stop end)
local n = 5 n.foo.stop = 1
----
-- string coercion metamethod
local T = {}
getmetatable("").__add = function(a, b) return T end
spawn(function() return T.stop end)
local s = "x" local r = s + 1 r.stop = 1
----
-- a main function called again
local again = load("local x = ... x.stop = 1")
local T = {}
again({})
spawn(function() return T.stop end)
again(T)
)lua";

}  // namespace

TEST_CASE("what has begun before the spawn stores after it") {
  for (const std::string& source : SplitPrograms(kPrograms)) {
    Program program(source);
    INFO(source);
    CHECK(program.error == "");
    CHECK(!program.spawns.empty());
    for (const NotedSpawn& spawn : program.spawns) CHECK(spawn.ordinary.parallel == false);
  }
}

}  // namespace sloth::testing

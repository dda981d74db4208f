// Goroutines that try to hide what they store into or assign: they must stay home, or the table must be known as one that they fill.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

// Programs, separated by lines of dashes.
const char kPrograms[] = R"lua(
local t = {} -- alias through own table
spawn(function() local own = {t} own[1].x = 1 end)
----
local t = {} -- alias through field
spawn(function() local own = {} own.a = t local b = own b.a.x = 1 end)
----
local t = {} -- alias via function result
local function id(x) return x end
spawn(function() id(t).x = 1 end)
----
local t = {} -- alias via varargs
spawn(function() local function f(...) local a = select(2, ...) a.x = 1 end f(1, t) end)
----
local t = {} -- via table.pack / unpack
spawn(function() local p = table.pack(t) table.unpack(p).x = 1 end)
----
local t = {} -- via closure upvalue set
spawn(function() local cur local function set(x) cur = x end set(t) cur.x = 1 end)
----
local t = {} -- via coroutine yield
spawn(function() local co = coroutine.wrap(function() coroutine.yield(t) end) local v = co() v.x = 1 end)
----
local t = {} -- via coroutine resume args
spawn(function() local co = coroutine.create(function(a) a.x = 1 end) coroutine.resume(co, t) end)
----
local t = {} -- via pcall result
spawn(function() local ok, v = pcall(function() return t end) v.x = 1 end)
----
local t = {} -- via error value
spawn(function() local ok, v = pcall(function() error(t) end) v.x = 1 end)
----
local t = {} -- via error value assert
spawn(function() local ok, v = pcall(function() assert(false, t) end) v.x = 1 end)
----
local t = {} -- via xpcall handler
spawn(function() xpcall(function() error(t) end, function(e) e.x = 1 end) end)
----
local t = {} -- via metatable __index of own
spawn(function() local own = setmetatable({}, {__index = {inner = t}}) own.inner.x = 1 end)
----
local t = {} -- via __index function
spawn(function() local own = setmetatable({}, {__index = function() return t end}) own.foo.x = 1 end)
----
local t = {} -- via __newindex table
spawn(function() local own = setmetatable({}, {__newindex = t}) own.x = 1 end)
----
local t = {} -- via __call
spawn(function() local own = setmetatable({}, {__call = function() return t end}) own().x = 1 end)
----
local t = {} -- via __add result
spawn(function() local own = setmetatable({}, {__add = function() return t end}) local r = own + 1 r.x = 1 end)
----
local t = {} -- via __concat result
spawn(function() local own = setmetatable({}, {__concat = function() return t end}) local r = own .. "x" r.x = 1 end)
----
local t = {} -- via __len, __unm
spawn(function() local own = setmetatable({}, {__unm = function() return t end}) local r = -own r.x = 1 end)
----
local t = {} -- via pairs value
spawn(function() for k, v in pairs({a = t}) do v.x = 1 end end)
----
local t = {} -- via pairs key
spawn(function() for k in pairs({[t] = 1}) do k.x = 1 end end)
----
local t = {} -- via next
spawn(function() local k, v = next({t}) v.x = 1 end)
----
local t = {} -- via ipairs
spawn(function() for i, v in ipairs({t}) do v.x = 1 end end)
----
local t = {} -- via table.remove
spawn(function() local l = {t} table.remove(l).x = 1 end)
----
local t = {} -- via table.sort comparator
spawn(function() table.sort({t, t}, function(a, b) a.x = 1 return false end) end)
----
local t = {} -- via gsub table
spawn(function() string.gsub("a", "a", function() t.x = 1 end) end)
----
local t = {} -- via rawget / rawset
spawn(function() rawset(rawget({a = t}, "a"), "x", 1) end)
----
local t = {{}} -- nested captured
spawn(function() t[1].x = 1 end)
----
local t = {} for i = 1, 100 do t[i] = {} end -- many nested captured
spawn(function() for i, v in ipairs(t) do v.x = 1 end end)
----
local t = {} for i = 1, 100 do t[i] = {n = {}} end -- many, deeper
spawn(function() t[math.random(100)].n.x = 1 end)
----
local t = {} for i = 1, 100 do t[i] = function() t.x = 1 end end -- many functions
spawn(function() t[math.random(100)]() end)
----
local M = {} M.state = {} -- module state
function M.bump() M.state.n = 1 end
spawn(function() M.bump() end)
----
local t = {} -- getmetatable of captured
local o = setmetatable({}, t)
spawn(function() getmetatable(o).x = 1 end)
----
spawn(function() getmetatable("").__index = nil end) -- string metatable
----
spawn(function() local s = string s.x = 1 end) -- library alias
----
spawn(function() local g = _G g.newglobal = 1 print(g.newglobal) end) -- new global through _G, read by itself
----
spawn(function() _ENV.print = nil end)
----
spawn(function() table.insert(package.loaded, 1) end)
----
spawn(function() rawset(_G, "x", 1) end)
----
spawn(function() setmetatable(_G, {}) end)
----
local t = {} -- closing value
spawn(function() local c <close> = setmetatable({}, {__close = function() t.x = 1 end}) end)
----
local t = {} -- __gc of own
spawn(function() setmetatable({}, {__gc = function() t.x = 1 end}) end)
----
local t = {} -- deferred
spawn(function() defer(function() t.x = 1 end) end)
----
local t = {} -- nested goroutine with args
spawn(function() go.spawn(function(a) a.x = 1 end, t) end)
----
local t = {} -- go(f)
spawn(function() go(function(a) a.x = 1 end, t) end)
----
local t = {} -- async
spawn(function() goroutine.async(function() t.x = 1 end) end)
----
local t = {} -- timeout
spawn(function() goroutine.timeout(1, function() t.x = 1 end) end)
----
local t = {} -- wg:go
local wg = goroutine.wait_group()
spawn(function() wg:go(function(a) a.x = 1 end, t) end)
----
local t = {} -- ch:range(f)
local ch = channel.make()
spawn(function() ch:range(function(v) t.x = v end) end)
----
local t = {} -- channel.range(ch, f)
local ch = channel.make()
spawn(function() channel.range(ch, function(v) t.x = v end) end)
----
local t = {} -- select case handler in a captured cases table
local ch = channel.make()
local cases = {{"|<-", ch, function(v) t.x = v end}}
spawn(function() channel.select(cases) end)
----
local t = {} -- select handler returning captured
local ch = channel.make()
spawn(function() local r = channel.select({{"|<-", ch, function(v) return t end}}) r[1].x = 1 end)
----
local t = {} -- goroutine.select
local ch = channel.make()
spawn(function() goroutine.select({{channel = ch, receive = true, handler = function() t.x = 1 end}}) end)
----
local t = {} -- string method added by the program
string.poke = function(s, a) a.x = 1 end
spawn(function() ("s"):poke(t) end)
----
local t = {} -- library function replaced
table.concat = function(a) a.x = 1 end
spawn(function() table.concat(t) end)
----
local t = {} -- global function replaced
tostring = function(a) t.x = 1 end
spawn(function() tostring(1) end)
----
local t = {} -- pcall replaced
local p = pcall
pcall = function(f) t.x = 1 end
spawn(function() pcall(print) end)
----
local t = {} -- method through inheritance
local A = {} A.__index = A function A:set() self.v = 1 end
local B = setmetatable({}, A) B.__index = B
local o = setmetatable({}, B)
spawn(function() o:set() end)
----
local t = {} -- callable captured in table
local h = {f = setmetatable({}, {__call = function() t.x = 1 end})}
spawn(function() h.f() end)
----
local t = {} -- goto loop carrying alias
spawn(function() local a ::top:: if a then a.x = 1 return end a = t goto top end)
----
local t = {} -- loop carried alias
spawn(function() local prev for i = 1, 2 do if prev then prev.x = 1 end prev = t end end)
----
local t = {} -- generic for state
spawn(function() for a in function(s, c) if not c then return s end end, t do a.x = 1 end end)
----
local t = {} -- while with break
spawn(function() local a = {} while true do a.x = 1 if a == t then break end a = t end end)
----
local t = {} -- nested function parameter default
spawn(function() local function f(a) a = a or t a.x = 1 end f() end)
----
local t = {} -- and/or
spawn(function() local a = math.random() > 2 and {} or t a.x = 1 end)
----
local t = {} -- multiple returns
local function two() return 1, t end
spawn(function() local _, a = two() a.x = 1 end)
----
local t = {} -- multiple returns open
local function two() return 1, t end
local function second(...) local _, a = ... return a end
spawn(function() second(two()).x = 1 end)
----
local t = {} -- table constructor with open call
local function two() return 1, t end
spawn(function() local l = {two()} l[2].x = 1 end)
----
local t = {} -- recursion building
spawn(function() local function f(n, acc) if n == 0 then acc.x = 1 return end return f(n - 1, n == 1 and t or {}) end f(3, {}) end)
----
local n = 0 -- upvalue through two levels
local function outer() return function() n = n + 1 end end
spawn(outer())
----
local n = 0 -- upvalue assigned in a coroutine body given as captured function
local function body() n = 1 end
spawn(function() coroutine.wrap(body)() end)
----
local n = 0 -- function hidden in a table, called by a library
local list = {function() n = n + 1 end}
spawn(function() pcall(list[1]) end)
----
local n = 0 -- function as metamethod of captured userdata-like
local t = setmetatable({}, {__lt = function() n = n + 1 return true end})
spawn(function() return t < t end)
----
local n = 0
local t = setmetatable({}, {__len = function() n = n + 1 return 0 end})
spawn(function() return #t end)
----
local n = 0
local t = setmetatable({}, {__tostring = function() n = n + 1 return "" end})
spawn(function() return string.format("%s", t) end)
----
local n = 0
local t = setmetatable({}, {__pairs = function(s) n = n + 1 return next, {}, nil end})
spawn(function() for k in pairs(t) do end end)
----
local n = 0
local t = setmetatable({}, {__index = function(s, k) n = n + 1 return nil end})
spawn(function() for i, v in ipairs(t) do end end)
----
local n = 0
local t = setmetatable({}, {__index = function(s, k) n = n + 1 return nil end})
spawn(function() return table.concat(t) end)
----
local n = 0
local t = setmetatable({1}, {__name = "x", __eq = function() n = 1 return true end})
spawn(function() local u = setmetatable({}, getmetatable(t)) return u == t end)
----
local n = 0 -- method by computed name
local o = {bump = function() n = n + 1 end}
spawn(function() local k = "bu" .. "mp" o[k]() end)
----
local n = 0 -- string keys collected
local o = {bump = function() n = n + 1 end}
spawn(function() for k, f in pairs(o) do f() end end)
----
local n = 0 -- require'd module
package.loaded.mm = {bump = function() n = n + 1 end}
spawn(function() require("mm").bump() end)
----
local n = 0 -- pcall(require)
package.loaded.mm2 = {bump = function() n = n + 1 end}
spawn(function() local ok, m = pcall(require, "mm2") m.bump() end)
----
local mu = goroutine.mutex() -- lock in a global table
locks = {mu}
spawn(function() locks[1]:lock() end)
----
local mu = goroutine.mutex() -- lock in an upvalue of a function it calls
local function critical() mu:with(function() end) end
spawn(function() critical() end)
----
local f = io.tmpfile() -- file in an upvalue of a function it calls
local function write() f:write("x") end
spawn(function() write() end)
----
local ud = io.stdout -- a library's file captured
spawn(function() ud:write("x") end)
)lua";

}  // namespace

TEST_CASE("the goroutine itself stores into what it captured, by every back way") {
  for (const std::string& source : SplitPrograms(kPrograms)) {
    Program program(source);
    INFO(source);
    CHECK(program.error == "");
    CHECK(!program.spawns.empty());
    for (const NotedSpawn& spawn : program.spawns) CHECK(Described(spawn.ordinary) != "parallel");
  }
}

}  // namespace sloth::testing

// Corners of the language and of Lua's libraries through which something could slip: the goroutine must stay home.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

// Programs, separated by lines of dashes.
const char kPrograms[] = R"lua(
-- keep; traceback returns what is no string
local t = {}
spawn(function() debug.traceback(t).x = 1 end)
----
-- a string's function, taken without a method call
string.poke = function(t) t.x = 1 end
local t = {}
spawn(function() ("").poke(t) end)
----
-- a string's function under a computed name
string.poke = function(t) t.x = 1 end
local t = {}
spawn(function() local k = "po" .. "ke" local s = "x" s[k](t) end)
----
-- an operator that gives no number
local t = {}
local o = setmetatable({}, {__add = function() return "a" end})
spawn(function() local own = {} local k = o + 1 own[k] = t own.a.x = 1 end)
----
-- math.floor that gives no number
math.floor = function() return "a" end
local t = {}
spawn(function() local own = {} own[math.floor(1)] = t own.a.x = 1 end)
----
-- a length that is no number
local t = {}
local o = setmetatable({}, {__len = function() return "a" end})
spawn(function() local own = {} own[#o] = t own.a.x = 1 end)
----
-- somebody else's operator that gives no number
local t = {}
local o = setmetatable({}, {__add = function() return "stop" end})
spawn(function() return t.stop end)
local k = o + 1
t[k] = 1
----
-- a C function called last, pending
local t = {}
local function f(x) spawn(function() return t.stop end) return x end
local function h(x) return pcall(f, x) end
local ok, y = h(t) y.stop = 1
----
-- what a coroutine returns at last
local t = {}
local co = coroutine.wrap(function() coroutine.yield() return t end)
co()
spawn(function() return t.stop end)
co().stop = 1
----
-- what a coroutine that has not begun returns
local t = {}
local co = coroutine.create(function() return t end)
spawn(function() return t.stop end)
local ok, y = coroutine.resume(co) y.stop = 1
----
-- a handler in a table that a waiting select holds
local t, ch, done = {}, channel.make(), channel.make()
goroutine.shared(function() channel.select({{"|<-", ch, function() local u = t u.stop = 1 end}}) done:send(1) end)
channel.sleep(0.001)
spawn(function() return t.stop end)
ch:send(1) done:receive()
----
-- strings get an operator later
local t = {}
spawn(function() return t.stop end)
getmetatable("").__add = function() return t end
local s = "x" local y = s + 1 y.stop = 1
----
-- strings get a function under a computed name later
local t = {}
spawn(function() return t.stop end)
string["po" .. "ke"] = function(s, u) u.stop = 1 end
local s = "x" s:poke(t)
----
-- an error handler is given the table
local t = {}
local function f(x) spawn(function() return x.stop end) error(x) end
xpcall(f, function(e) e.stop = 1 end, {})
----
-- the message of an assertion
local t = {}
spawn(function() return t.stop end)
local ok, e = pcall(assert, false, t) e.stop = 1
----
-- a chain of callable tables
local t = {}
local inner = setmetatable({}, {__call = function(self, outer, u) u.x = 1 end})
local outer = setmetatable({}, {__call = inner})
spawn(function() outer(t) end)
----
-- __index chain through five tables to a function
local t = {}
local f = setmetatable({}, {__index = function() return t end})
for i = 1, 5 do f = setmetatable({}, {__index = f}) end
spawn(function() f.anything.x = 1 end)
----
-- __newindex chain
local t = {}
local f = t
for i = 1, 5 do f = setmetatable({}, {__newindex = f}) end
spawn(function() local own = setmetatable({}, {__newindex = f}) own.x = 1 end)
----
-- integer keys written as floats
local t = {}
spawn(function() return t[1] end)
t[1.0] = 2
----
-- boolean keys
local t = {}
spawn(function() return t[true] end)
t[1 == 1] = 2
----
-- the same table as key and value
local t = {}
spawn(function() local own = {[t] = t} for k, v in pairs(own) do k.x = v end end)
----
-- swapped by multiple assignment
local t = {}
spawn(function() local a, b = {}, t a, b = b, a a.x = 1 end)
----
-- a numeric for over a function's result
local t = {}
local function n(x) x.x = 1 return 2 end
spawn(function() for i = 1, n(t) do end end)
----
-- select('#') with an alias in the middle
local t = {}
spawn(function() local function last(...) return (select(select('#', ...), ...)) end last(1, 2, t).x = 1 end)
----
-- table.unpack of a captured list
local list = {{}, {}}
spawn(function() local a, b = table.unpack(list) b.x = 1 end)
----
-- string.gsub with a captured table as replacement that has __index
local n = 0
local r = setmetatable({}, {__index = function() n = n + 1 return "x" end})
spawn(function() return (("abc"):gsub(".", r)) end)
----
-- os.time normalises the table it is given
local t = {year = 2020, month = 14, day = 1}
spawn(function() return os.time(t) end)
----
-- os.time elsewhere
local t = {year = 2020, month = 14, day = 1}
spawn(function() return t.month end)
os.time(t)
----
-- next with a changed global
local n = 0
next = function(t) n = n + 1 return nil end
spawn(function() for k in next, {} do end end)
----
-- ipairs replaced
local t = {}
ipairs = function(x) x.seen = true return function() end end
spawn(function() for i in ipairs(t) do end end)
----
-- a protected metatable
local t = {}
local o = setmetatable({}, {__metatable = t})
spawn(function() getmetatable(o).x = 1 end)
----
-- rawget through an alias
local t = {inner = {}}
local get = rawget
spawn(function() get(t, "inner").x = 1 end)
----
-- a goroutine's handle captured, awaited, its function result called
local h = goroutine.async(function() return function(x) x.stop = 1 end end)
local t = {}
spawn(function() local ok, f = h:await() f(t) end)
)lua";

}  // namespace

TEST_CASE("corners of the language hide no store") {
  for (const std::string& source : SplitPrograms(kPrograms)) {
    Program program(source);
    INFO(source);
    CHECK(!program.spawns.empty());
    for (const NotedSpawn& spawn : program.spawns) CHECK(Described(spawn.ordinary) != "parallel");
  }
}

}  // namespace sloth::testing

// Programs as people write them: their goroutines must be parallel.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

// Programs, separated by lines of dashes.
const char kPrograms[] = R"lua(
-- 1 word count with workers and results table at main
local lines, counts = channel.make(10), channel.make(10)
for w = 1, 3 do
  spawn(function()
    local local_counts = {}
    for line in lines:range() do
      for word in line:gmatch("%a+") do word = word:lower() local_counts[word] = (local_counts[word] or 0) + 1 end
    end
    counts:send(local_counts)
  end)
end
local total = {}
local function merge(into, from) for k, v in pairs(from) do into[k] = (into[k] or 0) + v end end
for w = 1, 0 do merge(total, counts:receive()) end
----
-- 2 primes with helper module
local M = {}
function M.is_prime(n) if n < 2 then return false end for i = 2, math.floor(math.sqrt(n)) do if n % i == 0 then return false end end return true end
function M.count(lo, hi) local c = 0 for i = lo, hi do if M.is_prime(i) then c = c + 1 end end return c end
local results = channel.make(4)
for i = 1, 4 do spawn(function() results:send({i, M.count(i * 1000, (i + 1) * 1000)}) end) end
----
-- 3 OO account, own objects
local Account = {}
Account.__index = Account
function Account.new(b) local self = setmetatable({}, Account) self.balance = b or 0 return self end
function Account:deposit(v) self.balance = self.balance + v end
function Account:get() return self.balance end
local ch = channel.make(1)
spawn(function() local a = Account.new(5) a:deposit(3) ch:send(a:get()) end)
local main_acc = Account.new(1) main_acc:deposit(2) print(main_acc:get())
----
-- 5 matrix multiply with rows sent
local function mul(a, b, n) local c = {} for i = 1, n do c[i] = {} for j = 1, n do local s = 0 for k = 1, n do s = s + a[i][k] * b[k][j] end c[i][j] = s end end return c end
local function random_matrix(n) local m = {} for i = 1, n do m[i] = {} for j = 1, n do m[i][j] = math.random() end end return m end
local A, B = random_matrix(4), random_matrix(4)
local out = channel.make(1)
spawn(function() out:send(mul(A, B, 4)) end)
local C = mul(A, B, 4)
----
-- 6 config table, logger module with level, fetch with retries
local config = {retries = 3, urls = {"a", "b"}, timeout = 5}
local log_level = 2
local function log(level, ...) if level <= log_level then print(...) end end
local function fetch(url) for i = 1, config.retries do log(1, "try", url, i) if math.random() > 0.1 then return url .. " ok" end end end
local results = channel.make(10)
for _, url in ipairs(config.urls) do spawn(function() results:send(fetch(url)) end) end
----
-- 7 memo fib in goroutine through helper
local function memoize(f) local cache = {} return function(n) local v = cache[n] if v == nil then v = f(n) cache[n] = v end return v end end
spawn(function() local fib fib = memoize(function(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end) print(fib(20)) end)
----
-- 8 queue class used in main, goroutine only channels
local Queue = {} Queue.__index = Queue
function Queue.new() return setmetatable({first = 1, last = 0, items = {}}, Queue) end
function Queue:push(v) self.last = self.last + 1 self.items[self.last] = v end
function Queue:pop() local v = self.items[self.first] self.items[self.first] = nil self.first = self.first + 1 return v end
local q = Queue.new() q:push(1)
local jobs = channel.make(5)
spawn(function() for j in jobs:range() do print(j) end end)
q:push(2) print(q:pop())
----
-- 9 queue in goroutine, own
local Queue = {} Queue.__index = Queue
function Queue.new() return setmetatable({first = 1, last = 0, items = {}}, Queue) end
function Queue:push(v) self.last = self.last + 1 self.items[self.last] = v end
function Queue:pop() local v = self.items[self.first] self.items[self.first] = nil self.first = self.first + 1 return v end
local jobs = channel.make(5)
spawn(function() local q = Queue.new() for j in jobs:range() do q:push(j) end while true do local v = q:pop() if not v then break end print(v) end end)
local q = Queue.new() q:push(1)
----
-- 10 results collected by index through channel with wait group
local wg, out = goroutine.wait_group(), channel.make(10)
local words = {"a", "b", "c"}
for i, w in ipairs(words) do wg:add(1) spawn(function() out:send({i, w:upper()}) wg:done() end) end
local results = {}
for i = 1, 0 do local r = out:receive() results[r[1]] = r[2] end
----
-- 11 rate limiter ticker
local tick = channel.make(1)
spawn(function() while true do channel.sleep(0.1) if not pcall(function() tick:send(os.time()) end) then return end end end)
----
-- 12 string building, formatting, table sorting own
spawn(function() local t = {} for i = 1, 10 do t[#t + 1] = string.format("%03d", i) end table.sort(t, function(a, b) return a > b end) print(table.concat(t, ",")) end)
----
-- 13 deep copy helper
local function copy(v) if type(v) ~= "table" then return v end local r = {} for k, x in pairs(v) do r[copy(k)] = copy(x) end return setmetatable(r, getmetatable(v)) end
local base = {a = {1, 2}, b = "x"}
spawn(function() local mine = copy(base) print(mine.a[1]) end)
----
-- 15 json like encoder
local encode
local function kind(v) return type(v) end
local function encode_table(v) local parts = {} if v[1] ~= nil then for i, x in ipairs(v) do parts[i] = encode(x) end return "[" .. table.concat(parts, ",") .. "]" end
 for k, x in pairs(v) do parts[#parts + 1] = string.format("%q:%s", k, encode(x)) end return "{" .. table.concat(parts, ",") .. "}" end
local handlers = {number = tostring, string = function(s) return string.format("%q", s) end, table = encode_table, boolean = tostring}
encode = function(v) return handlers[kind(v)](v) end
local ch = channel.make(2)
spawn(function() for m in ch:range() do print(encode({id = m.id, list = {1, 2}})) end end)
----
-- 16 callbacks registry set up before
local handlers = {}
local function on(name, f) handlers[name] = f end
on("start", function() print("start") end)
on("stop", function() print("stop") end)
spawn(function() handlers.start() handlers["stop"]() end)
----
-- 17 global helpers
function square(x) return x * x end
function sum_squares(n) local s = 0 for i = 1, n do s = s + square(i) end return s end
for i = 1, 2 do spawn(function() print(sum_squares(i)) end) end
function unused() return square(2) end
----
-- 18 worker function with named params and done channel
local function worker(id, jobs, results) for j in jobs:range() do results:send(j * 2) end print("worker", id, "done") end
local jobs, results = channel.make(5), channel.make(5)
for w = 1, 2 do spawn(worker, w, jobs, results) end
----
-- 20 constants table and enum
local Color = {RED = 1, GREEN = 2}
local names = {} for k, v in pairs(Color) do names[v] = k end
spawn(function() print(names[Color.RED]) end)
----
-- 21 simulation with RNG and vectors
local Vec = {} Vec.__index = Vec
Vec.__add = function(a, b) return Vec.new(a.x + b.x, a.y + b.y) end
Vec.__tostring = function(v) return "(" .. v.x .. "," .. v.y .. ")" end
function Vec.new(x, y) return setmetatable({x = x, y = y}, Vec) end
spawn(function() local p = Vec.new(0, 0) for i = 1, 10 do p = p + Vec.new(math.random(), 1) end print(p) end)
----
-- 22 state machine per goroutine
local function machine() local state = "idle" local t = {} function t.step() if state == "idle" then state = "busy" else state = "idle" end return state end return t end
spawn(function() local m = machine() print(m.step(), m.step()) end)
----
-- 23 error handling with custom error objects
local function risky(n) if n > 2 then error({code = n}) end return n end
local errs = channel.make(5)
for i = 1, 3 do spawn(function() local ok, e = pcall(risky, i) if not ok then errs:send(e.code) end end) end
----
-- 24 LRU cache per goroutine
local LRU = {} LRU.__index = LRU
function LRU.new(n) return setmetatable({size = n, map = {}, order = {}}, LRU) end
function LRU:get(k) local v = self.map[k] if v then for i, x in ipairs(self.order) do if x == k then table.remove(self.order, i) break end end table.insert(self.order, k) end return v end
function LRU:set(k, v) if #self.order >= self.size then self.map[table.remove(self.order, 1)] = nil end self.map[k] = v table.insert(self.order, k) end
spawn(function() local c = LRU.new(2) c:set("a", 1) c:set("b", 2) print(c:get("a")) end)
----
-- 25 grid / game of life
local function neighbours(g, x, y) local n = 0 for dx = -1, 1 do for dy = -1, 1 do if (dx ~= 0 or dy ~= 0) and g[x + dx] and g[x + dx][y + dy] then n = n + 1 end end end return n end
local function step(g, n) local out = {} for x = 1, n do out[x] = {} for y = 1, n do local k = neighbours(g, x, y) out[x][y] = k == 3 or (k == 2 and g[x][y]) end end return out end
local start = {} for x = 1, 5 do start[x] = {} for y = 1, 5 do start[x][y] = (x + y) % 3 == 0 end end
spawn(function() local g = start for i = 1, 3 do g = step(g, 5) end print(g[1][1]) end)
)lua";

}  // namespace

TEST_CASE("everyday goroutines use all cores") {
  for (const std::string& source : SplitPrograms(kPrograms)) {
    Program program(source);
    INFO(source);
    CHECK(program.error == "");
    CHECK(!program.spawns.empty());
    for (const NotedSpawn& spawn : program.spawns) CHECK(spawn.ordinary.parallel == true);
  }
}

}  // namespace sloth::testing

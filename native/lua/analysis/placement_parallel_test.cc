// Programs whose goroutines share nothing that could be told apart from a copy: they must use all cores.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

const ExpectedProgram kPlain[] = {
    {"nothing captured", "spawn(function() print('hi') end)", "parallel"},
    {"a channel", "local ch = channel.make()\nspawn(function() for i = 1, 3 do ch:send(i) end ch:close() end)", "parallel"},
    {"arguments", "spawn(function(name, n) for i = 1, n do print(name, i) end end, 'worker', 5)", "parallel"},
    {"a string and a number", "local s, n = 'x', 2\nspawn(function() print(s:rep(n)) end)", "parallel"},
    {"a loop's control variable", "for i = 1, 3 do spawn(function() print(i) end) end", "parallel\nparallel\nparallel"},
    {"a generic loop's variables", "for k, v in pairs({a = 1}) do spawn(function() print(k, v) end) end", "parallel"},
    {"varargs", "local function f(...) local a, b = ...\nspawn(function() print(a, b) end) end f(1, 2)", "parallel"},
    {"varargs of its own", "spawn(function(...) local t = {...} print(select('#', ...), #t) end, 1, 2)", "parallel"},
    {"a wait group", "local wg = goroutine.wait_group()\nspawn(function() wg:done() end)", "parallel"},
    {"an atomic", "local n = goroutine.atomic_int(0)\nspawn(function() n:add(1) end)", "parallel"},
    {"a semaphore, a latch and a barrier", "local s, l, b = goroutine.semaphore(1), goroutine.latch(1), goroutine.barrier(1)\n"
     "spawn(function() s:with(math.abs, 1) l:count_down() b:wait() end)", "parallel"},
    {"a cond of its own", "spawn(function() local c = goroutine.cond() c:get_mutex():with(c.signal, c) end)", "parallel"},
    {"a channel in a table", "local t = {ch = channel.make()}\nspawn(function() t.ch:send(1) end)", "parallel"},
    {"a channel received over a channel", "local ch = channel.make()\n"
     "spawn(function() for request in ch:range() do request.reply:send(request.value * 2) end end)", "parallel"},
    {"words of a received line", "local ch = channel.make()\n"
     "spawn(function() for line in ch:range() do for word in line:gmatch('%a+') do print(word:upper()) end end end)", "parallel"},
    {"select with handlers", "local a, b = channel.make(), channel.make()\nspawn(function() local n = 0\n"
     "while true do local r = channel.select({{'|<-', a, function(v, ok) n = n + 1 return v end}, {'|<-', b, function() return nil end}})\n"
     "if not r[1] then break end end print(n) end)", "parallel"},
    {"library functions given to each other", "spawn(function() pcall(goroutine.timeout, 1, goroutine.timeout) pcall(pcall, pcall) end)", "parallel"},
    {"many library functions given to each other", "spawn(function() pcall(pcall, xpcall, table.sort, goroutine.timeout, string.gsub, coroutine.wrap, goroutine.async, goroutine.map) end)", "parallel"},
    {"the function itself is a library's", "spawn(print, 'x')", "parallel"},
};

const ExpectedProgram kFunctions[] = {
    {"a recursive function", "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
     "spawn(function() print(fib(20)) end)", "parallel"},
    {"mutual recursion", "local even, odd\neven = function(n) return n == 0 or odd(n - 1) end\n"
     "odd = function(n) return n ~= 0 and even(n - 1) end\nspawn(function() print(even(10)) end)", "parallel"},
    {"a global function", "function work(x) return x * 2 end\nspawn(function() print(work(3)) end)", "parallel"},
    {"global functions that call each other", "function a(n) return n == 0 or b(n - 1) end function b(n) return a(n) end\n"
     "spawn(function() a(3) end)", "parallel"},
    {"a function it is given", "local function twice(f, x) return f(f(x)) end\n"
     "spawn(function() print(twice(function(x) return x + 1 end, 1)) end)", "parallel"},
    {"a function made by a factory", "local function make(n) return function() return n end end\n"
     "spawn(make(1)) spawn(make(2))", "parallel\nparallel"},
    {"a closure over its own locals", "spawn(function() local n = 0 local function bump() n = n + 1 end bump() print(n) end)", "parallel"},
    {"pcall around a closure", "spawn(function() local n = 0 local ok = pcall(function() n = n + 1 error('x') end) print(ok, n) end)", "parallel"},
    {"xpcall with a traceback", "spawn(function() print(xpcall(function() error('x') end, debug.traceback)) end)", "parallel"},
    {"a coroutine of its own", "spawn(function() local co = coroutine.wrap(function(a) local n = 0 while true do n = n + a a = coroutine.yield(n) end end)\n"
     "print(co(1), co(2)) end)", "parallel"},
    {"a nested spawn", "local ch = channel.make()\nspawn(function() for i = 1, 3 do go.spawn(function() ch:send(i) end) end end)", "parallel"},
    {"a nested spawn with arguments", "local ch = channel.make()\nspawn(function() for i = 1, 3 do go.spawn(function(n) ch:send(n) end, i) end end)", "parallel"},
    {"goroutines awaited inside", "spawn(function() local h = goroutine.async(function() return 1 end) print(h:await()) end)", "parallel"},
    {"defer", "local ch = channel.make()\nspawn(function() defer(function() ch:close() end) ch:send(1) end)", "parallel"},
    {"a to-be-closed variable", "spawn(function() local log = {}\nlocal x <close> = setmetatable({}, {__close = function() log[1] = 1 end}) end)", "parallel"},
    {"goto and continue", "spawn(function() local sum = 0 for i = 1, 10 do if i % 2 == 0 then goto continue end sum = sum + i ::continue:: end print(sum) end)", "parallel"},
    {"a local alias of a library function", "local insert, fmt = table.insert, string.format\n"
     "spawn(function() local t = {} insert(t, fmt('%d', 1)) print(#t) end)", "parallel"},
    {"a local alias of a library", "local m = math\nspawn(function() print(m.floor(1.5), m.pi) end)", "parallel"},
};

const ExpectedProgram kTables[] = {
    {"a table it only reads", "local t = {}\nfor i = 1, 10 do t[i] = i * i end\n"
     "spawn(function() for i, v in ipairs(t) do print(i, v) end end)", "parallel"},
    {"fields of a configuration", "local cfg = {url = 'x', n = 3}\nspawn(function() print(cfg.url, cfg.n) end)", "parallel"},
    {"a nested configuration", "local cfg = {db = {host = 'x', ports = {1, 2}}}\n"
     "spawn(function() print(cfg.db.host, #cfg.db.ports, cfg.db.ports[1]) end)", "parallel"},
    {"pairs over a captured table", "local t = {a = 1, b = 2}\nspawn(function() for k, v in pairs(t) do print(k, v) end end)", "parallel"},
    {"next over a captured table", "local t = {a = 1}\nspawn(function() for k, v in next, t do print(k, v) end end)", "parallel"},
    {"a table as an argument", "local t = {1, 2, 3}\nspawn(function(list) print(#list, table.concat(list, ',')) end, t)", "parallel"},
    {"a table made for the argument", "spawn(function(job) print(job.id) end, {id = 1})", "parallel"},
    {"storing into a table made for the argument", "local function work(job) job.status = 'done' job.n = (job.n or 0) + 1 return job end\n"
     "for i = 1, 2 do spawn(work, {id = i}) end", "parallel\nparallel"},
    {"storing into a table made and filled for the argument", "for i = 1, 2 do local job = {} job.id = i job[1] = 'x' spawn(function(j) j.done = true end, job) end", "parallel\nparallel"},
    {"a global table it reads", "settings = {depth = 3}\nspawn(function() print(settings.depth) end)", "parallel"},
    {"a table filled in a function", "local function build() local t = {} for i = 1, 3 do t[#t + 1] = i end return t end\n"
     "local t = build()\nspawn(function() print(#t, t[1]) end)", "parallel"},
    {"a table filled by insert", "local function build() local t = {} for i = 1, 3 do table.insert(t, i) end return t end\n"
     "local t = build()\nspawn(function() print(#t, t[1]) end)", "parallel"},
    {"sending a captured table", "local ch, t = channel.make(), {x = 1}\nspawn(function() ch:send(t) end)", "parallel"},
    {"returning a captured table", "local t = {x = 1}\nspawn(function() return t end)", "parallel"},
    {"a module configured before", "local M = {}\nfunction M.setup() end\nM.level = 2\nfunction M.get() return M.level end\n"
     "M.level = 3\nspawn(function() print(M.get()) end)", "parallel"},
    {"quicksort of its own table", "local function sort(t, lo, hi)\n if lo < hi then local p, i = t[hi], lo - 1\n"
     "for j = lo, hi - 1 do if t[j] <= p then i = i + 1 t[i], t[j] = t[j], t[i] end end\n"
     "t[i + 1], t[hi] = t[hi], t[i + 1] sort(t, lo, i) sort(t, i + 2, hi) end end\nlocal ch = channel.make()\n"
     "spawn(function() local t = {} for i = 1, 100 do t[i] = math.random(100) end sort(t, 1, #t) ch:send(t) end)", "parallel"},
    {"a matrix of its own", "local function matrix(n) local m = {} for i = 1, n do m[i] = {} for j = 1, n do m[i][j] = 0 end end return m end\n"
     "spawn(function() local a = matrix(3) a[1][2] = 5 for i, row in ipairs(a) do row[i] = i end end)", "parallel"},
    {"a memo table of its own", "spawn(function() local memo = {} local function f(n) if memo[n] then return memo[n] end memo[n] = n return n end f(3) end)", "parallel"},
    {"trees", "local function tree(d) if d == 0 then return {} end return {tree(d - 1), tree(d - 1)} end\n"
     "local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end\n"
     "spawn(function() print(check(tree(5))) end)", "parallel"},
    {"results packed", "spawn(function() local t = table.pack(pcall(function() return 1, 2 end)) print(t.n, table.unpack(t, 1, t.n)) end)", "parallel"},
    {"sorting with a comparator", "local order = {a = 1, b = 2}\nspawn(function() local t = {'b', 'a'} table.sort(t, function(x, y) return order[x] < order[y] end) end)", "parallel"},
    {"a received job", "local jobs, out = channel.make(1), channel.make(1)\n"
     "spawn(function() for job in jobs:range() do job.done = true out:send({id = job.id, job = job}) end end)", "parallel"},
};

const ExpectedProgram kObjects[] = {
    {"an object that is only read", "local P = {} P.__index = P\nfunction P.new(x) return setmetatable({x = x}, P) end\nfunction P:get() return self.x end\n"
     "local p = P.new(3)\nspawn(function() print(p:get()) end)", "parallel"},
    {"objects of its own", "local P = {} P.__index = P\nfunction P.new() local self = setmetatable({}, P) self.items = {} return self end\n"
     "function P:push(v) self.items[#self.items + 1] = v end\nspawn(function() local p = P.new() p:push(1) print(#p.items) end)", "parallel"},
    {"inheritance", "local A = {} A.__index = A\nfunction A.name() return 'a' end\nlocal B = setmetatable({}, {__index = A}) B.__index = B\n"
     "local b = setmetatable({}, B)\nspawn(function() print(b.name()) end)", "parallel"},
    {"operators of its own", "local V = {}\nV.__index = V\nV.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end\n"
     "spawn(function() local a, b = setmetatable({x = 1}, V), setmetatable({x = 2}, V) local c = a + b c.y = 1 print(c.x) end)", "parallel"},
    {"callable objects", "local F = setmetatable({}, {__call = function(self, x) return x + 1 end})\nspawn(function() print(F(1)) end)", "parallel"},
    {"an accumulator it makes", "local Stack = {}\nStack.__index = Stack\nfunction Stack:new() return setmetatable({n = 0}, self) end\n"
     "function Stack:push(v) self.n = self.n + 1 self[self.n] = v end\nspawn(function() local s = Stack:new() s:push(1) s:push(2) print(s.n) end)", "parallel"},
};

}  // namespace

TEST_CASE("plain values, handles and library functions go parallel") {
  for (const ExpectedProgram& program : kPlain) CheckProgram(program);
}
TEST_CASE("functions go parallel with what they call") {
  for (const ExpectedProgram& program : kFunctions) CheckProgram(program);
}
TEST_CASE("tables that are only read, or its own, go parallel") {
  for (const ExpectedProgram& program : kTables) CheckProgram(program);
}
TEST_CASE("objects that are only read, or its own, go parallel") {
  for (const ExpectedProgram& program : kObjects) CheckProgram(program);
}

}  // namespace sloth::testing

// Programs that share memory and mean it: their goroutines stay home, and the reason names variable and line.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

const ExpectedProgram kVariables[] = {
    {"a counter", "local n = 0\nspawn(function()\n n = n + 1\nend)", "home n 3 assigns"},
    {"a counter under a mutex", "local n, mu = 0, goroutine.mutex()\nspawn(function()\n mu:lock()\n n = n + 1\n mu:unlock()\nend)", "home n 4 assigns"},
    {"a counter in a function it calls", "local n = 0\nlocal function bump()\n n = n + 1\nend\nspawn(function() bump() end)", "home n 3 assigns"},
    {"a counter behind pcall", "local n = 0\nspawn(function() pcall(function()\n n = n + 1\nend) end)", "home n 3 assigns"},
    {"a counter in a nested goroutine", "local n = 0\nspawn(function() go.spawn(function()\n n = n + 1\nend) end)", "home n 3 assigns"},
    {"a counter in a coroutine", "local n = 0\nspawn(function() local co = coroutine.wrap(function()\n n = n + 1\nend) co() end)", "home n 3 assigns"},
    {"a counter in a select handler", "local n, ch = 0, channel.make()\nspawn(function() channel.select({{'|<-', ch, function()\n n = n + 1\nend}}) end)", "home n 3 assigns"},
    {"a counter in a table of handlers", "local n = 0\nlocal h = {on = function()\n n = n + 1\nend}\nspawn(function() h.on() end)", "home n 3 assigns"},
    {"a flag the spawner sets later", "local ready = false\nspawn(function() while not ready do goroutine.sleep(1) end end)\n"
     "ready = true", "home ready 3 assigned-elsewhere"},
    {"a flag another function sets", "local ready = false\nlocal function go_on()\n ready = true\nend\n"
     "spawn(function() while not ready do goroutine.sleep(1) end end)\ngo_on()", "home ready 3 assigned-elsewhere"},
    {"two closures, one writes", "local n = 0\nlocal function set(v)\n n = v\nend\nlocal function get() return n end\n"
     "spawn(function() print(get()) end)\nset(1)", "home n 3 assigned-elsewhere"},
    {"a variable of a loop that encloses the spawn", "local last\nfor i = 1, 2 do\n spawn(function() print(last) end)\n last = i\nend",
     "home last 4 assigned-elsewhere\nhome last 4 assigned-elsewhere"},
    {"a loop variable the body changes later", "for i = 1, 1 do\n spawn(function() print(i) end)\n i = i + 1\nend", "home i 3 assigned-elsewhere"},
    {"a function defined after the spawn", "local helper\nspawn(function() helper() end)\nhelper = function() end", "home helper 3 assigned-elsewhere"},
    {"a parameter assigned later", "local function f(x)\n spawn(function() print(x) end)\n x = 2\nend\nf(1)", "home x 3 assigned-elsewhere"},
    {"the spawner of the spawner", "local n = 1\nlocal function start() spawn(function() print(n) end) end\nstart()\nn = 2", "home n 4 assigned-elsewhere"},
    {"an assignment behind a goto", "local n = 1\n::again::\nspawn(function() print(n) end)\nif n == 1 then\n n = 2\n goto again\nend",
     "home n 5 assigned-elsewhere\nhome n 5 assigned-elsewhere"},
    {"a setter that is returned", "local function make() local v = 0\nreturn function() return v end, function(x)\n v = x\nend end\n"
     "local get, set = make()\nspawn(function() print(get()) end)\nset(3)", "home v 3 assigned-elsewhere"},
};

const ExpectedProgram kGlobals[] = {
    {"a global counter", "n = 0\nspawn(function()\n n = n + 1\nend)", "home n 3 assigns"},
    {"a global the spawner sets later", "ready = false\nspawn(function() while not ready do goroutine.sleep(1) end end)\nready = true",
     "home ready 3 assigned-elsewhere"},
    {"a global another function sets", "ready = false\nfunction open()\n ready = true\nend\n"
     "spawn(function() while not ready do goroutine.sleep(1) end end)", "home ready 3 assigned-elsewhere"},
    {"a new global others read", "spawn(function()\n result = 1\nend)\nprint(result)", "home result 2 assigns"},
    {"a new global it reads itself", "local function f()\n n = (n or 0) + 1\nend\nspawn(f) spawn(f)", "home n 2 assigns\nhome n 2 assigns"},
    {"a global function defined later", "spawn(function() work() end)\nfunction work() end", "home work 2 assigned-elsewhere"},
    {"_G", "n = 0\nspawn(function()\n _G.n = 1\nend)", "home n 3 assigns"},
    {"a replaced library function", "spawn(function()\n print = nil\nend)", "home print 2 assigns"},
    {"a library it extends", "spawn(function()\n string.trim = function(s) return s end\nend)", "home string.trim 2 stores"},
    {"a library the spawner changes later", "spawn(function() print(math.random()) end)\nmath.random = function() return 1 end",
     "home math.random 2 stored-elsewhere"},
};

const ExpectedProgram kTables[] = {
    {"a field the spawner sets later", "local ctl = {}\nspawn(function() while not ctl.stop do goroutine.sleep(1) end end)\n"
     "ctl.stop = true", "home ctl.stop 3 stored-elsewhere"},
    {"a captured table it appends to", "local t = {}\nspawn(function()\n t[#t + 1] = 1\nend)", "home t 3 stores"},
    {"a captured table it inserts into", "local t = {}\nspawn(function()\n table.insert(t, 1)\nend)", "home t 3 stores"},
    {"a local alias of table.insert", "local t, ins = {}, table.insert\nspawn(function()\n ins(t, 1)\nend)", "home t 3 stores"},
    {"an argument it appends to", "local t = {}\nspawn(function(list)\n list[#list + 1] = 1\nend, t)", "home list 3 stores"},
    {"a global table it fills", "log_lines = {}\nspawn(function()\n log_lines[1] = 'x'\nend)", "fills"},
    {"a fresh argument that the spawner keeps", "local job = {}\nspawn(function(j)\n j.done = true\nend, job)\nprint(job.done)", "fills"},
    {"a fresh argument that is known elsewhere", "local all = {}\nlocal job = {}\nall[1] = job\nspawn(function(j)\n j.done = true\nend, job)", "fills"},
    {"a fresh argument captured as well", "local job = {}\nspawn(function(j)\n j.done = job\nend, job)", "home j.done 3 stores"},
    {"a fresh argument of an earlier round", "local job\nfor i = 1, 2 do\n local last = job\n job = {}\n spawn(function(j)\n j.done = true\n end, last or job)\nend",
     "fills\nfills"},
    {"a shared table inside a fresh argument", "local list = {}\nspawn(function(j)\n j.list[1] = true\nend, {list = list})", "fills"},
    {"a fresh argument of a function with a method", "local job = {}\nfunction job:get() return self end\nspawn(function(j)\n j.done = true\nend, job)\nlocal x = job", "fills"},
    {"a table in a table", "local state = {list = {}}\nspawn(function()\n state.list[1] = 1\nend)", "fills"},
    {"a function that stores into its argument", "local function add(t, v)\n t[#t + 1] = v\nend\nlocal all = {}\nspawn(function() add(all, 1) end)", "home t 2 stores"},
    {"table.remove, sort and move", "local a, b, c = {1}, {1}, {1}\nspawn(function()\n table.remove(a) end)\nspawn(function()\n table.sort(b) end)\n"
     "spawn(function()\n table.move({1}, 1, 1, 1, c) end)", "home a 3 stores\nhome b 5 stores\nhome c 7 stores"},
    {"rawset", "local t = {}\nspawn(function()\n rawset(t, 'x', 1)\nend)", "home t 3 stores"},
    {"setmetatable", "local t = {}\nspawn(function()\n setmetatable(t, {})\nend)", "home t 3 stores"},
    {"an element the spawner stores later", "local t = {1}\nspawn(function() print(t[1], #t) end)\nt[2] = 2", "home t 3 stored-elsewhere"},
    {"a list another function appends to", "local t = {}\nlocal function add(v)\n t[#t + 1] = v\nend\nspawn(function() for i, v in ipairs(t) do print(v) end end)",
     "home t 3 stored-elsewhere"},
    {"pairs while a field is stored later", "local t = {}\nspawn(function() for k in pairs(t) do print(k) end end)\nt.x = 1", "home t 3 stored-elsewhere"},
    {"sending what the spawner changes later", "local ch, t = channel.make(1), {}\nspawn(function() ch:send(t) end)\nt.x = 1", "home t 3 stored-elsewhere"},
    {"a table changed in the loop that spawns", "local t = {}\nfor i = 1, 2 do\n t[i] = i\n spawn(function() print(t[1]) end)\nend",
     "home t 3 stored-elsewhere\nhome t 3 stored-elsewhere"},
};

const ExpectedProgram kObjects[] = {
    {"a method that stops another", "local S = {} S.__index = S\nfunction S:run() while not self.stopped do goroutine.sleep(1) end end\n"
     "function S:start() spawn(function() self:run() end) end\nfunction S:stop()\n self.stopped = true\nend\nsetmetatable({}, S):start()",
     "home self.stopped 5 stored-elsewhere"},
    {"a method that changes its object", "local A = {} A.__index = A\nfunction A:add(v)\n self.total = self.total + v\nend\n"
     "local acc = setmetatable({total = 0}, A)\nspawn(function() acc:add(1) end)", "home self.total 3 stores"},
    {"an object in an object", "local A = {} A.__index = A\nfunction A:add(v)\n self.log[#self.log + 1] = v\nend\n"
     "local acc = setmetatable({log = {}}, A)\nspawn(function() acc:add(1) end)", "home self.log 3 stores"},
    {"__newindex", "local store = {}\nlocal proxy = setmetatable({}, {__newindex = function(_, k, v)\n store[k] = v\nend})\n"
     "spawn(function()\n proxy.x = 1\nend)", "home proxy.x 6 stores"},
    {"__index that counts", "local hits = 0\nlocal t = setmetatable({}, {__index = function()\n hits = hits + 1\nend})\nspawn(function() print(t.x) end)", "home hits 3 assigns"},
    {"__call that stores", "local t = setmetatable({}, {__call = function(self)\n self.n = 1\nend})\nspawn(function() t() end)", "home self.n 2 stores"},
    {"__tostring that counts", "local n = 0\nlocal t = setmetatable({}, {__tostring = function()\n n = n + 1 return ''\nend})\nspawn(function() print(t) end)", "home n 3 assigns"},
    {"__eq that counts", "local n = 0\nlocal mt = {__eq = function()\n n = n + 1 return true\nend}\nlocal a, b = setmetatable({}, mt), setmetatable({}, mt)\n"
     "spawn(function() print(a == b) end)", "home n 3 assigns"},
    {"__close that counts", "local n = 0\nlocal function guard() return setmetatable({}, {__close = function()\n n = n + 1\nend}) end\n"
     "spawn(function() local g <close> = guard() end)", "home n 3 assigns"},
    {"a metatable another function changes", "local mt = {}\nlocal t = setmetatable({}, mt)\nlocal function later()\n mt.__index = function() return 1 end\nend\n"
     "spawn(function() print(t.x) end)", "home t 4 stored-elsewhere"},
};

const ExpectedProgram kUncopyable[] = {
    {"a mutex", "local mu = goroutine.mutex()\nspawn(function() mu:lock() mu:unlock() end)", "home mu 2 lock"},
    {"an rwmutex", "local rw = goroutine.rwmutex()\nspawn(function() rw:rwith(math.abs, 1) end)", "home rw 2 lock"},
    {"a once", "local once = goroutine.once()\nspawn(function() once:call(math.abs, 1) end)", "home once 2 lock"},
    {"a cond", "local cond = goroutine.cond()\nspawn(function() cond:signal() end)", "home cond 2 lock"},
    {"a function that a once calls, which assigns", "local n, once = 0, goroutine.once()\nspawn(function()\n once:call(function()\n  n = n + 1\n end)\nend)", "home n 4 assigns"},
    {"a mutex in a table", "local s = {mu = goroutine.mutex()}\nspawn(function() s.mu:lock() s.mu:unlock() end)", "home s.mu 2 lock"},
    {"a mutex as an argument", "spawn(function(m) m:lock() m:unlock() end, goroutine.mutex())", "home argument 1 1 lock"},
    {"a coroutine", "local co = coroutine.create(print)\nspawn(function() coroutine.resume(co) end)", "home co 2 uncopyable"},
    {"a generator", "local gen = coroutine.wrap(function() coroutine.yield(1) end)\nspawn(function() print(gen()) end)", "home gen 2 uncopyable"},
    {"an open file", "local f = io.tmpfile()\nspawn(function() f:write('x') end)", "home f 2 uncopyable"},
    {"a file in a table", "local log = {file = io.tmpfile()}\nspawn(function() log.file:write('x') end)", "home log.file 2 uncopyable"},
    {"a weak table", "local cache = setmetatable({}, {__mode = 'k'})\nspawn(function() print(cache.x) end)", "home cache 2 uncopyable"},
    {"a table with a finalizer", "local t = setmetatable({}, {__gc = function() end})\nspawn(function() print(t.x) end)", "home t 2 uncopyable"},
    {"a large table", "local t = {}\nfor i = 1, 300000 do t[i] = i end\nspawn(function() print(t[1]) end)", "home t 3 size"},
};

const ExpectedProgram kUnknown[] = {
    {"load", "spawn(function()\n load('x = 1')()\nend)", "home load 2 unknown"},
    {"a function made by load from pieces", "local n = 0\nlocal f = load(function() n = n + 1 return ({'return', ' 1'})[n] end)\nspawn(f)",
     "home - 0 unknown"},
    {"debug.setupvalue elsewhere", "local n = 1\nlocal function f() return n end\nspawn(function() print(f()) end)\ndebug.setupvalue(f, 1, 2)", "home debug 4 unknown"},
    {"a computed global", "local name = 'print'\nspawn(function()\n _G[name]('x')\nend)", "home _G 3 unknown"},
    {"a computed global through _ENV", "local name = 'print'\nspawn(function()\n _ENV[name]('x')\nend)", "home _G 3 unknown"},
    {"a function it received", "local ch = channel.make()\nspawn(function() for job in ch:range() do\n job()\nend end)", "home - 3 unknown"},
    {"a method it received", "local T = {}\nfunction T:run() end\nlocal ch = channel.make()\nspawn(function() for job in ch:range() do\n job:run()\nend end)", "home run 5 unknown"},
    {"library functions that may call each other in any order", "spawn(function()\n local t = {pcall, xpcall, table.sort, goroutine.timeout, string.gsub, coroutine.wrap, goroutine.async, goroutine.timeout}\n"
     " goroutine.select_timeout(1, t)\nend)", "home goroutine.select_timeout 3 unknown"},
    {"a module that is not loaded", "spawn(function()\n require('no.such.module')\nend)", "home no.such.module 2 unknown"},
    {"a module with a computed name", "local name = 'x'\nspawn(function()\n require(name)\nend)", "home require 3 unknown"},
};

}  // namespace

TEST_CASE("captured locals that somebody assigns") {
  for (const ExpectedProgram& program : kVariables) CheckProgram(program);
}
TEST_CASE("globals that somebody assigns") {
  for (const ExpectedProgram& program : kGlobals) CheckProgram(program);
}
TEST_CASE("captured tables that somebody stores into") {
  for (const ExpectedProgram& program : kTables) CheckProgram(program);
}
TEST_CASE("objects that change") {
  for (const ExpectedProgram& program : kObjects) CheckProgram(program);
}
TEST_CASE("what cannot be copied") {
  for (const ExpectedProgram& program : kUncopyable) CheckProgram(program);
}
TEST_CASE("what cannot be known") {
  for (const ExpectedProgram& program : kUnknown) CheckProgram(program);
}

}  // namespace sloth::testing

// Where goroutines go: the programs that must be parallel, and those that must stay home with their reason.
#include "lua/analysis/analysis_testing.h"

namespace sloth::testing {
namespace {

const ExpectedProgram kParallel[] = {
    {"nothing captured", "spawn(function() print('hi') end)", "parallel"},
    {"a channel", "local ch = channel.make()\nspawn(function() for i = 1, 3 do ch:send(i) end ch:close() end)", "parallel"},
    {"arguments", "spawn(function(name, n) for i = 1, n do print(name, i) end end, 'worker', 5)", "parallel"},
    {"a string and a number", "local s, n = 'x', 2\nspawn(function() print(s:rep(n)) end)", "parallel"},
    {"a loop's control variable", "for i = 1, 3 do spawn(function() print(i) end) end", "parallel\nparallel\nparallel"},
    {"a recursive function", "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
     "spawn(function() print(fib(20)) end)", "parallel"},
    {"a forward-declared function", "local even, odd\neven = function(n) return n == 0 or odd(n - 1) end\n"
     "odd = function(n) return n ~= 0 and even(n - 1) end\nspawn(function() print(even(10)) end)", "parallel"},
    {"a table it only reads", "local t = {}\nfor i = 1, 10 do t[i] = i * i end\n"
     "spawn(function() for i, v in ipairs(t) do print(i, v) end end)", "parallel"},
    {"a global function", "function work(x) return x * 2 end\nspawn(function() print(work(3)) end)", "parallel"},
    {"a table of its own", "spawn(function() local t = {} for i = 1, 10 do t[i] = i end t.x = #t print(t.x) end)", "parallel"},
};

const ExpectedProgram kHome[] = {
    {"a counter", "local n = 0\nspawn(function()\n n = n + 1\nend)", "home n 3 assigns"},
    {"a flag the spawner sets later", "local ready = false\nspawn(function() while not ready do goroutine.sleep(1) end end)\n"
     "ready = true", "home ready 3 assigned-elsewhere"},
    {"a field the spawner sets later", "local ctl = {}\nspawn(function() while not ctl.stop do goroutine.sleep(1) end end)\n"
     "ctl.stop = true", "home ctl.stop 3 stored-elsewhere"},
    {"a captured table it appends to", "local t = {}\nspawn(function()\n t[#t + 1] = 1\nend)", "home t 3 stores"},
    {"a mutex", "local mu = goroutine.mutex()\nspawn(function() mu:lock() mu:unlock() end)", "home mu 0 lock"},
    {"a coroutine", "local co = coroutine.create(print)\nspawn(function() coroutine.resume(co) end)", "home co 0 uncopyable"},
};

}  // namespace

TEST_CASE("what shares nothing is parallel") {
  for (const ExpectedProgram& program : kParallel) CheckProgram(program);
}

TEST_CASE("what shares something stays home and says why") {
  for (const ExpectedProgram& program : kHome) CheckProgram(program);
}

}  // namespace sloth::testing

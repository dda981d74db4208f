// Short programs for the reference, one a function where it helps. Each runs as it stands: a test does.
#include <string_view>

#include "lua/registry.h"

namespace sloth {
namespace {

struct Example {
  std::string_view module;
  std::string_view name;
  const char* program;
};

constexpr Example kExamples[] = {
    {"goroutine", "await",
     "local h = goroutine.async(function() return 6 * 7 end)\n"
     "print(goroutine.await(h))  --> true 42"},
    {"goroutine", "timeout",
     "local ok, message = goroutine.timeout(50, function() goroutine.sleep(60000) end)\n"
     "print(ok, message)  --> false timeout exceeded"},
    {"channel", "make",
     "local ch = channel.make(1)\n"
     "ch:send(\"hello\")\n"
     "print(ch:receive())  --> hello true"},
    {"channel", "range",
     "local ch = channel.make(2)\n"
     "ch:send(1)\n"
     "ch:send(2)\n"
     "ch:close()\n"
     "for value in channel.range(ch) do print(value) end"},
    {"goroutine", "spawn",
     "local done = channel.make()\n"
     "goroutine.spawn(function(name) done:send(\"hello \" .. name) end, \"world\")\n"
     "print((done:receive()))  --> hello world"},
    {"goroutine", "async",
     "local h = goroutine.async(function(a, b) return a + b end, 1, 2)\n"
     "print(h:await())  --> true 3"},
    {"goroutine", "explain",
     "local n = 0\n"
     "print(goroutine.explain(function() n = n + 1 end).parallel)  --> false\n"
     "print(n)"},
    {"goroutine", "pool_create",
     "goroutine.pool_create(\"squares\", {workers = 2})\n"
     "for i = 1, 10 do goroutine.pool_submit(\"squares\", function(n) return n * n end, i) end\n"
     "goroutine.pool_wait(\"squares\")\n"
     "print(goroutine.pool_stats(\"squares\").completed)  --> 10\n"
     "goroutine.pool_close(\"squares\")"},
    {"channel", "select",
     "local ch = channel.make(1)\n"
     "ch:send(7)\n"
     "local result = channel.select({\n"
     "  {\"|<-\", ch, function(value) return value end},\n"
     "  {\"default\", function() return \"nothing\" end},\n"
     "})\n"
     "print(result[1])  --> 7"},
    {"goroutine", "wait_group",
     "local group = goroutine.wait_group()\n"
     "local sum = goroutine.atomic_int()\n"
     "for i = 1, 4 do group:go(function() sum:add(i) end) end\n"
     "group:wait()\n"
     "print(sum:load())  --> 10"},
    {"goroutine", "mutex",
     "local mu, counter = goroutine.mutex(), 0\n"
     "mu:with(function() counter = counter + 1 end)\n"
     "print(counter)  --> 1"},
};

}  // namespace

const char* ExampleOf(const FunctionEntry& entry) {
  for (const Example& example : kExamples) {
    if (example.module == entry.module && example.name == entry.name) return example.program;
  }
  return "";
}

}  // namespace sloth

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
    {"channel", "priority",
     "local jobs = channel.priority(2)\n"
     "jobs:send(\"tidy up\", 1)\n"
     "jobs:send(\"put out the fire\", 9)\n"
     "print((jobs:receive()))  --> put out the fire"},
    {"channel", "after",
     "local answer = channel.make()\n"
     "channel.select({\n"
     "  {\"|<-\", answer, function(value) print(value) end},\n"
     "  {\"|<-\", channel.after(0.01), function() print(\"no answer\") end},  --> no answer\n"
     "})"},
    {"goroutine", "ticker",
     "local ticker, ticks = goroutine.ticker(5), 0\n"
     "for time in ticker:range() do\n"
     "  ticks = ticks + 1\n"
     "  if ticks == 3 then ticker:stop() end\n"
     "end\n"
     "print(ticks)  --> 3"},
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
    {"goroutine", "context",
     "local ctx = goroutine.context():with_timeout(20)\n"
     "local h = goroutine.spawn(ctx, function() goroutine.sleep(60000) end)\n"
     "print(h:await())  --> false cancelled: context deadline exceeded cancelled"},
    {"context.method", "with_cancel",
     "local ctx, cancel = goroutine.context():with_cancel()\n"
     "goroutine.spawn(function() cancel() end)\n"
     "print(channel.make():receive(ctx))  --> nil false context canceled"},
    {"goroutine", "errgroup",
     "local group = goroutine.errgroup()\n"
     "group:go(function() goroutine.sleep(60000) end)\n"
     "group:go(function() error({code = 7}) end)\n"
     "local ok, problem = group:wait()\n"
     "print(ok, problem.code)  --> false 7"},
    {"goroutine", "mutex",
     "local mu, counter = goroutine.mutex(), 0\n"
     "mu:with(function() counter = counter + 1 end)\n"
     "print(counter)  --> 1"},
    {"goroutine", "rwmutex",
     "local rw, config = goroutine.rwmutex(), {port = 80}\n"
     "rw:with(function() config.port = 8080 end)\n"
     "print(rw:rwith(function() return config.port end))  --> 8080"},
    {"goroutine", "semaphore",
     "local slots, group = goroutine.semaphore(2), goroutine.wait_group()\n"
     "for i = 1, 6 do group:go(function() slots:with(goroutine.sleep, 1) end) end\n"
     "group:wait()\n"
     "print(slots:available())  --> 2"},
    {"goroutine", "once",
     "local once = goroutine.once()\n"
     "local function answer() return once:call(function() return 6 * 7 end) end\n"
     "print(answer() + answer())  --> 84"},
    {"goroutine", "cond",
     "local cond, ready = goroutine.cond(), false\n"
     "local mutex = cond:get_mutex()\n"
     "goroutine.spawn(function()\n"
     "  mutex:with(function() ready = true end)\n"
     "  cond:signal()\n"
     "end)\n"
     "mutex:with(function() while not ready do cond:wait() end end)\n"
     "print(ready)  --> true"},
    {"goroutine", "latch",
     "local latch = goroutine.latch(3)\n"
     "for i = 1, 3 do goroutine.spawn(function() latch:count_down() end) end\n"
     "print(latch:wait())  --> true"},
    {"goroutine", "barrier",
     "local barrier = goroutine.barrier(2)\n"
     "goroutine.spawn(function() barrier:wait() end)\n"
     "barrier:wait()\n"
     "print(barrier:is_broken())  --> false"},
    {"goroutine", "pipeline",
     "local input = channel.make(3)\n"
     "for i = 1, 3 do input:send(i) end\n"
     "input:close()\n"
     "local out, errors = goroutine.pipeline(input, {\n"
     "  {fn = function(n) return n * n end},\n"
     "  {fn = function(n) if n == 4 then error(\"no fours\", 0) end return n end},\n"
     "})\n"
     "for n in out:range() do print(n) end  --> 9\n"
     "print(errors:receive().error)  --> no fours"},
    {"goroutine", "fan_out",
     "local input = channel.make(9)\n"
     "for i = 1, 9 do input:send(i) end\n"
     "input:close()\n"
     "local sum = 0\n"
     "for n in goroutine.fan_in(goroutine.fan_out(input, 3)):range() do sum = sum + n end\n"
     "print(sum)  --> 45"},
    {"goroutine", "broadcast",
     "local input = channel.make(1)\n"
     "input:send(\"news\")\n"
     "local a, b = table.unpack(goroutine.broadcast(input, 2))\n"
     "print((a:receive()), (b:receive()))  --> news news"},
    {"goroutine", "map",
     "local squares = goroutine.map({1, 2, 3}, function(n) return n * n end)\n"
     "print(table.concat(squares, \" \"))  --> 1 4 9"},
    {"goroutine", "await_any",
     "local slow = goroutine.async(goroutine.sleep, 60000)\n"
     "local quick = goroutine.async(function() return \"quick\" end)\n"
     "print(goroutine.await_any({slow, quick}))  --> 2 true quick\n"
     "slow:cancel()"},
    {"goroutine", "broadcaster",
     "local news = goroutine.broadcaster()\n"
     "local reader = news:subscribe()\n"
     "print(news:publish(\"hello\"))  --> 1\n"
     "print((reader:receive()))  --> hello"},
    {"goroutine", "debounce",
     "local save = goroutine.debounce(function(text) print(\"saved \" .. text) end, 10)\n"
     "save(\"a\")\n"
     "save(\"ab\")  --> saved ab"},
    {"goroutine", "throttle",
     "local show = goroutine.throttle(print, 60000, {trailing = false})\n"
     "show(1)  --> 1\n"
     "show(2)"},
};

}  // namespace

const char* ExampleOf(const FunctionEntry& entry) {
  for (const Example& example : kExamples) {
    if (example.module == entry.module && example.name == entry.name) return example.program;
  }
  return "";
}

}  // namespace sloth

// Whole programs on a virtual clock, for the sanitizers: turns, slices, calls blocked in place, answers of the host, endings.
#include <set>

#include "runtime/runtime_testing.h"

#include <doctest/doctest.h>

namespace sloth {
namespace {

// Everything a program shows with one seed.
std::string TraceOf(const char* source, uint64_t seed, int workers = 2) {
  VirtualClock clock;
  TestRuntime runtime(workers, seed, &clock);
  RunReport report = runtime.Run(source);
  return std::string(report.kind) + "\n" + report.message + "\n" + runtime.out() + runtime.err();
}

// One trace a seed, and more than one over all; answers with those there were.
std::set<std::string> TracesOf(const char* source) {
  std::set<std::string> traces;
  for (uint64_t seed = 0; seed < 8; seed++) {
    std::string trace = TraceOf(source, seed);
    CHECK(TraceOf(source, seed, 1) == trace);
    traces.insert(trace);
  }
  CHECK(traces.size() > 1);
  return traces;
}

TEST_CASE("islands that race on an atomic integer do so by the seed") {
  TracesOf(R"(
    local n, wg = goroutine.atomic_int(), goroutine.wait_group()
    for _ = 1, 3 do wg:go(function() for _ = 1, 40 do n:store(n:load() + 1) end end) end
    wg:wait()
    print(n:load(), goroutine.stats().preemptions))");
}

TEST_CASE("calls that wait and loop where Lua cannot yield take turns") {
  TracesOf(R"(
    local ch, ready = channel.make(), goroutine.atomic_int()
    for i = 1, 3 do
      goroutine.parallel(function()
        table.sort({1, 2, 3}, function(a, b) ch:send(i) return a < b end)
        ready:add(1)
      end)
    end
    goroutine.parallel(function() for i = 1, 100 do ready:load() end ready:add(1) end)
    local got = {}
    while true do
      local v, ok = ch:receive(0.01)
      if not v then break end
      got[#got + 1] = v
    end
    table.sort({1, 2}, function(a, b) while ready:load() < 4 do end return a < b end)
    print(table.concat(got, ' ')))");
}

TEST_CASE("loops end at their timeouts, wherever they are") {
  TracesOf(R"(
    local begin = goroutine.now()
    for _, loop in ipairs{
      function() while true do end end,
      function() coroutine.wrap(function() while true do end end)() end,
      function() table.sort({1, 2}, function() while true do end end) end,
      function() debug.sethook(function() end, 'l') while true do end end,
      function() while true do pcall(error) end end,
    } do print(goroutine.timeout(2, loop)) end
    print(goroutine.now() - begin, math.random()))");
}

TEST_CASE("answers of the host arrive by the seed") {
  TracesOf(R"(
    local order, wg = {}, goroutine.wait_group()
    for i = 1, 5 do wg:go(function() order[#order + 1] = host_echo(i) end) end
    wg:wait()
    print(table.concat(order, ' '), pcall(host_fail)))");
}

TEST_CASE("an hour of waiting ends in a deadlock at once") {
  std::set<std::string> traces = TracesOf(R"(
    go.spawn(function() goroutine.sleep(3600e3) print(os.date('!%H:%M'), math.random()) end)
    channel.make():receive())");
  for (const std::string& trace : traces) {
    CHECK(trace.rfind("deadlock\n", 0) == 0);
    CHECK(trace.find("01:00\t") != std::string::npos);
  }
}

TEST_CASE("a virtual runtime closes while its program runs, waits, and calls the host") {
  for (const char* source : {"while true do end", "host_never()", "while true do goroutine.sleep(1) end",
                             "defer(function() host_never() end) table.sort({1, 2}, function() while true do end end)"}) {
    VirtualClock clock;
    TestRuntime runtime(2, 1, &clock);
    runtime.Begin(std::string("goroutine.parallel(function() goroutine.sleep(5) end) ") + source);
    CHECK(runtime.Close() == 0);
    CHECK(std::string(runtime.Await().kind) == "cancelled");
  }
}

}  // namespace
}  // namespace sloth

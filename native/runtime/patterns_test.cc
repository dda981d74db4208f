// Library functions that are written in Lua, on many islands at once, for the sanitizers.
#include "runtime/runtime_testing.h"

#include <doctest/doctest.h>

namespace sloth {
namespace {

void Expect(const char* source, const std::string& output, int workers = 4) {
  TestRuntime runtime(workers);
  RunReport report = runtime.Run(source);
  CAPTURE(report.message);
  CAPTURE(runtime.err());
  CHECK(std::string(report.kind) == "succeeded");
  CHECK(runtime.out() == output);
  CHECK(report.uncaught == 0);
}

TEST_CASE("many islands use the library's Lua functions for the first time at once") {
  Expect(R"(
    local handles = {}
    for i = 1, 12 do
      handles[i] = goroutine.parallel(function(n)
        local squares = goroutine.map({n, n + 1}, function(v) return v * v end)
        local input = channel.make(2)
        input:send(squares[1]) input:send(squares[2]) input:close()
        local sum = 0
        for v in goroutine.fan_in(goroutine.fan_out(input, 2)):range() do sum = sum + v end
        return sum
      end, i)
    end
    local sum = 0
    for _, r in ipairs(goroutine.await_all(handles)) do sum = sum + r.value end
    print(sum))", "1468\n");
}

TEST_CASE("a pipeline whose owner is cancelled loses only what its workers had in hand") {
  Expect(R"(
    local input, owned = channel.make(300), channel.make(1)
    for i = 1, 300 do input:send(i) end
    input:close()
    local owner = goroutine.async(function()
      owned:send((goroutine.pipeline(input, {
        {fn = function(v) goroutine.yield() return v end, workers = 3},
        {fn = function(v) return v end, workers = 2},
      })))
      goroutine.sleep(60000)
    end)
    local out, seen, count = owned:receive(), {}, 0
    local function note(v) assert(not seen[v]) seen[v] = true count = count + 1 end
    for _ = 1, 50 do note((out:receive())) end
    owner:cancel()
    for v in out:range() do note(v) end
    for v in input:range() do note(v) end
    -- What waited between the stages is gone with them, too.
    print(count >= 300 - 5 - 10 and count <= 300))", "true\n");
}

TEST_CASE("what is started for a run is gone when it ends") {
  TestRuntime runtime(4);
  RunReport report = runtime.Run(R"(
    local input = channel.make()
    for _, ch in ipairs(goroutine.broadcast(input, 3)) do goroutine.pipeline(ch, {function(v) return v end}) end
    goroutine.parallel(function() goroutine.fan_out(channel.make(), 2) end):await()
    input:send(1)
    -- Who awaits may be told a moment before the one that ended is counted out.
    while goroutine.count() > 1 do goroutine.yield() end
    print(goroutine.count(), goroutine.stats().daemons))");
  CHECK(std::string(report.kind) == "succeeded");
  CHECK(runtime.out() == "1\t5\n");
}

TEST_CASE("broadcasters serve several islands") {
  Expect(R"(
    local b, readers, writers = goroutine.broadcaster{buffer = 2}, {}, {}
    for i = 1, 3 do
      readers[i] = goroutine.parallel(function(ch) local s = 0 for v in ch:range() do s = s + v end return s end, b:subscribe())
    end
    for i = 1, 3 do writers[i] = goroutine.parallel(function(b) for v = 1, 60 do b:publish(v) end end, b) end
    goroutine.await_all(writers)
    b:close()
    local sum = 0
    for _, r in ipairs(goroutine.await_all(readers)) do sum = sum + r.value end
    print(sum))", "16470\n");
}

TEST_CASE("the first of several goroutines, again and again") {
  Expect(R"(
    local handles, sum = {}, 0
    for i = 1, 30 do handles[i] = goroutine.parallel(function(n) goroutine.sleep(n % 4) return n end, i) end
    while #handles > 0 do
      local i, ok, value = goroutine.await_any(handles)
      assert(ok)
      sum = sum + value
      table.remove(handles, i)
    end
    print(sum))", "465\n");
}

}  // namespace
}  // namespace sloth

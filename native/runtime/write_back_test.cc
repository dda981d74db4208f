// Tables that goroutines of other islands fill, for the sanitizers: many islands post while the home works, rests and ends.
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
}

TEST_CASE("many islands fill one table at once, while its home looks") {
  Expect(R"(
    local t, wg = {}, goroutine.wait_group()
    for i = 1, 16 do
      wg:go(function()
        for n = 1, 200 do
          t[i * 1000 + n] = {n = n, text = ("number %d of %d, which needs a parcel"):format(n, i)}
          if n % 20 == 0 then goroutine.yield() end
        end
      end)
    end
    while not wg:wait(0) do goroutine.yield() end
    local count = 0
    for k, v in pairs(t) do
      assert(v.n == k % 1000)
      count = count + 1
    end
    print(count, goroutine.stats().shared))", "3200\t0\n");
}

TEST_CASE("stores arrive at a home that rests") {
  Expect(R"(
    local t, done = {}, channel.make()
    local fill = function() for n = 1, 20000 do t.n = n t[n % 64] = {n} if n % 8 == 0 then goroutine.yield() end end done:send(1) end
    for _ = 1, 3 do go.spawn(fill) end
    for _ = 1, 3 do done:receive() end
    print(t.n))", "20000\n");
}

TEST_CASE("stores go nowhere when their table's island is gone") {
  Expect(R"(
    local started, go_on, done = channel.make(), channel.make(), channel.make()
    goroutine.parallel(function()
      local t = {}
      goroutine.parallel(function()
        for n = 1, 100 do t[n] = {n} end
        started:send(1)
        go_on:receive()
        for n = 1, 5000 do t[n] = {n} if n % 10 == 0 then goroutine.yield() end end
        done:send(1)
      end)
      started:receive()
    end):await()
    go_on:send(1)
    print((done:receive())))", "1\n");
}

TEST_CASE("who fills a table may be cancelled, fail, and start others that fill it") {
  Expect(R"(
    local t, wg = {}, goroutine.wait_group()
    local waits = {}
    for i = 1, 8 do
      local fill = function()
        defer(function() t[i + 100] = "deferred" end)
        t[i] = "begun"
        wg:go(function() t[i + 200] = "child" end)
        if i % 2 == 0 then error("fails") end
        goroutine.sleep(1e6)
      end
      waits[i] = goroutine.async(fill)
    end
    wg:add(1)
    goroutine.sleep(5)
    for _, h in ipairs(waits) do h:cancel() h:await() end
    wg:done() wg:wait()
    local begun, deferred, child = 0, 0, 0
    for k, v in pairs(t) do
      if v == "begun" then begun = begun + 1 elseif v == "deferred" then deferred = deferred + 1 else child = child + 1 end
    end
    print(begun == deferred, begun == child))", "true\ttrue\n");
}

TEST_CASE("a run that ends at once drops what is on its way") {
  TestRuntime runtime(4);
  for (int round = 0; round < 20; round++) {
    runtime.Begin(R"(
      local t = {}
      for i = 1, 4 do go.spawn(function() while true do t[i] = {i} goroutine.yield() end end) end
      goroutine.sleep(1000))", 5 * kMillisecond);
    CHECK(std::string(runtime.Await().kind) == "timeout");
  }
}

}  // namespace
}  // namespace sloth

// Whole programs on floors 0 to 5, for the sanitizers: every kind of wait, both kinds of islands, interrupts and endings.
#include "runtime/runtime_testing.h"

#include <doctest/doctest.h>

namespace sloth {
namespace {

void Expect(const char* source, const std::string& output, int workers = 2) {
  TestRuntime runtime(workers);
  RunReport report = runtime.Run(source);
  CAPTURE(report.message);
  CAPTURE(runtime.err());
  CHECK(std::string(report.kind) == "succeeded");
  CHECK(runtime.out() == output);
  CHECK(report.uncaught == 0);
}

TEST_CASE("a chunk prints through the sink") { Expect("print('a', 1, nil, true)", "a\t1\tnil\ttrue\n"); }

TEST_CASE("goroutines on islands of their own send their results") {
  Expect(R"(
    local ch = channel.make(4)
    for i = 1, 40 do goroutine.parallel(function(n) ch:send({id = n, square = n * n}) end, i) end
    local sum = 0
    for _ = 1, 40 do local m = ch:receive() assert(m.square == m.id * m.id) sum = sum + m.square end
    print(sum))", "22140\n");
}

TEST_CASE("goroutines at home share what they captured") {
  Expect(R"(
    local n, wg = 0, goroutine.wait_group()
    for _ = 1, 50 do wg:go(function() for _ = 1, 20 do n = n + 1 goroutine.yield() end end) end
    wg:wait()
    print(n))", "1000\n");
}

TEST_CASE("a mutex orders goroutines that wait inside it") {
  Expect(R"(
    local n, mu, wg = 0, goroutine.mutex(), goroutine.wait_group()
    for _ = 1, 10 do
      wg:go(function()
        for _ = 1, 20 do mu:lock() local before = n goroutine.sleep(0) n = before + 1 mu:unlock() end
      end)
    end
    wg:wait()
    print(n))", "200\n");
}

TEST_CASE("selects with timeouts lose and double nothing") {
  Expect(R"(
    local a, b = channel.make(), channel.make(1)
    local out = channel.make(8)
    for i = 1, 4 do
      goroutine.spawn(function(id)
        for k = 1, 100 do
          if k % 2 == 0 then a:send(id * 1000 + k) else b:send(id * 1000 + k) end
        end
      end, i)
    end
    for _ = 1, 4 do
      goroutine.spawn(function()
        local got = 0
        while true do
          local r = channel.select({{"|<-", a}, {"|<-", b}}, 0.2)
          if not r then break end
          got = got + 1
          out:send(r[2])
        end
      end)
    end
    local seen, count = {}, 0
    while count < 400 do
      local v = out:receive()
      assert(not seen[v], v)
      seen[v] = true
      count = count + 1
    end
    print(count))", "400\n");
}

TEST_CASE("a timeout stops a hot loop wherever it is") {
  Expect(R"(
    print(goroutine.timeout(20, function() while true do end end))
    print(goroutine.timeout(20, function() coroutine.wrap(function() while true do pcall(function() while true do end end) end end)() end))
    print(goroutine.timeout(20, function() table.sort({3, 2, 1}, function() while true do end end) end))
    print(goroutine.timeout(20, function() return (("a"):rep(40)):find(("a-"):rep(40) .. "b") end))
    print(goroutine.timeout(20, function() return table.move({}, 1, 1e15, 2) end)))",
         "false\ttimeout exceeded\nfalse\ttimeout exceeded\nfalse\ttimeout exceeded\nfalse\ttimeout exceeded\nfalse\ttimeout exceeded\n");
}

TEST_CASE("hot loops on all workers are preempted") {
  Expect(R"(
    local stop = goroutine.atomic_int(0)
    local wg = goroutine.wait_group()
    for _ = 1, 6 do
      wg:add()
      goroutine.parallel(function() while stop:load() == 0 do end wg:done() end)
    end
    for _ = 1, 5 do goroutine.sleep(5) end
    stop:store(1)
    wg:wait()
    print("stopped"))", "stopped\n");
}

TEST_CASE("a call that waits where Lua cannot yield gives its island away") {
  Expect(R"(
    local ch = channel.make()
    goroutine.shared(function() for i = 1, 3 do ch:send(i) end end)
    local got = {}
    ("abc"):gsub(".", function() got[#got + 1] = ch:receive() end)
    print(table.concat(got, ",")))", "1,2,3\n");
}

TEST_CASE("waits pass through coroutines, metamethods and iterators") {
  Expect(R"(
    local ch = channel.make()
    goroutine.spawn(function() for i = 1, 6 do ch:send(i) end ch:close() end)
    local wrapped = coroutine.wrap(function() while true do coroutine.yield((ch:receive())) end end)
    print(wrapped(), wrapped())
    local t = setmetatable({}, {__index = function() return (ch:receive()) end})
    print(t.x, pcall(function() return (ch:receive()) end))
    for v in ch:range() do io.write(v, " ") end
    print())", "1\t2\n3\ttrue\t4\n5 6 \n");
}

TEST_CASE("host functions answer from another thread, and their failures are errors") {
  Expect(R"(
    print(select(3, host_echo(1, "two", {3, {four = true}}))[2].four)
    print(select("#", host_echo(1, "two", 3)), (host_echo("x")))
    print(pcall(function() host_fail(1) end))
    local h = goroutine.async(function() host_never() end)
    goroutine.sleep(5)
    h:cancel("enough")
    print(h:await()))", "true\n3\tx\nfalse\ttest:4: the host refused\nfalse\tcancelled: enough\tcancelled\n");
}

TEST_CASE("a deadlock names who is blocked") {
  TestRuntime runtime;
  RunReport report = runtime.Run("local ch = channel.make()\ngo.spawn(function() ch:receive() end)\nch:close() local d = channel.make() d:send(1)");
  CHECK(std::string(report.kind) == "deadlock");
  CHECK(report.message.find("channel send at test:3") != std::string::npos);
}

TEST_CASE("an error nobody awaits is printed and counted") {
  TestRuntime runtime;
  RunReport report = runtime.Run("go.spawn(function() error('broken') end)");
  CHECK(std::string(report.kind) == "succeeded");
  CHECK(report.uncaught == 1);
  CHECK(runtime.err().find("broken") != std::string::npos);
  CHECK(runtime.err().find("spawned at test:1") != std::string::npos);
}

TEST_CASE("a run over its time is cancelled with everything it started") {
  TestRuntime runtime;
  RunReport report = runtime.Run("for _ = 1, 4 do goroutine.parallel(function() while true do end end) end channel.make():receive()", 50 * kMillisecond);
  CHECK(std::string(report.kind) == "timeout");
}

TEST_CASE("closing cancels what runs, waits and is blocked in place") {
  TestRuntime runtime;
  RunRequest request;
  request.id = 1;
  request.chunk_name = "=test";
  request.source = R"(
    local ch = channel.make()
    goroutine.parallel(function() while true do end end)
    goroutine.shared(function() ch:receive() end)
    goroutine.shared(function() ("a"):gsub(".", function() goroutine.sleep(1e6) end) end)
    goroutine.sleep(1e6))";
  CHECK(runtime.runtime()->Start(std::move(request)));
  CHECK(runtime.Close() == 0);
}

TEST_CASE("os.exit ends the run") {
  TestRuntime runtime;
  RunReport report = runtime.Run("go.spawn(function() while true do end end) pcall(os.exit, 7)");
  CHECK(std::string(report.kind) == "exit");
  CHECK(report.exit_code == 7);
}

TEST_CASE("pools bound their jobs and lose none") {
  Expect(R"(
    goroutine.pool_create("p", {workers = 3})
    local running, most, done = goroutine.atomic_int(0), goroutine.atomic_int(0), goroutine.atomic_int(0)
    for _ = 1, 60 do
      goroutine.pool_submit("p", function()
        local now = running:add(1)
        if now > most:load() then most:store(now) end
        goroutine.sleep(0)
        running:add(-1)
        done:add(1)
      end)
    end
    print(goroutine.pool_wait("p"), done:load(), most:load() <= 3)
    print(goroutine.pool_close("p"), goroutine.pool_submit("p", print)))", "true\t60\ttrue\ntrue\tnil\tpool is closed\n");
}

TEST_CASE("check-captures reports a captured table that was changed in the copy, and one that was changed at home") {
  const char* const by_the_goroutine = R"(
    config = {x = 1}
    goroutine.parallel(function() local before = config.x host_meddle() return before end):await())";
  const char* const at_home = R"(
    config = {x = 1}
    local go_on, h = channel.make()
    h = goroutine.parallel(function() local before = config.x go_on:receive() return before end)
    host_meddle()
    go_on:send(true)
    h:await()
    goroutine.sleep(1))";
  for (const char* source : {by_the_goroutine, at_home}) {
    TestRuntime runtime;
    RunReport report = runtime.Run(source, kForever, true);
    CAPTURE(report.message);
    CHECK(std::string(report.kind) == "succeeded");
    runtime.Close();
    std::string where = source == at_home ? "at home after the goroutine had started" : "by the goroutine in its own copy";
    CAPTURE(runtime.err());
    std::string line = source == at_home ? "test:4" : "test:3";
    CHECK(runtime.err().find("(function <" + line + ">, spawned at " + line + "): ") != std::string::npos);
    CHECK(runtime.err().find("global 'config'.x was changed " + where + ": 1 as copied, 99 now") != std::string::npos);
  }
  TestRuntime unwatched;
  (void)unwatched.Run(by_the_goroutine);
  CHECK(unwatched.err().empty());
}

}  // namespace
}  // namespace sloth

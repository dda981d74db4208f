// Islands that begin as clones: they are what islands that were built are, and where no clone can be trusted they are built.
#include <set>

#include "runtime/runtime_testing.h"

#include <doctest/doctest.h>

namespace sloth {
namespace {

RuntimeOptions Audited(bool clones = true) {
  RuntimeOptions options;
  options.workers = 2;
  options.seed = 7;
  options.clones_islands = clones;
  options.audits_heaps = true;
  return options;
}

// Goroutines that use every library, allocate, collect and wait.
const char kProgram[] = R"(
  local results = channel.make(100)
  for i = 1, 40 do
    goroutine.parallel(function()
      local t = {}
      for n = 1, 200 do t[n] = string.format("%d:%s", n, ("x"):rep(n % 50)) end
      table.sort(t, function(a, b) return a > b end)
      collectgarbage()
      local co = coroutine.wrap(function() for n = 1, 3 do coroutine.yield(n) end end)
      local text = table.concat({co(), co(), math.floor(math.pi), utf8.char(228), os.time{year = 2020, month = 1, day = 1} // 1,
        tostring(select("#", table.unpack(t))), tostring(io.stdout):match("^file"), ("a.b"):gsub("%.", "-"), t[1]}, " ")
      results:send({i = i, text = text, random = math.random(1 << 40)})
    end)
  end
  local lines = {}
  for _ = 1, 40 do
    local r = results:receive()
    lines[r.i] = r.text .. " " .. r.random
  end
  print(table.concat(lines, "\n")))";

std::string OutputOf(const RuntimeOptions& options, const char* program) {
  TestRuntime runtime(options);
  RunReport report = runtime.Run(program);
  CHECK_MESSAGE(std::string(report.kind) == "succeeded", report.message);
  runtime.Close();  // islands are buried after the run has ended
  CHECK(runtime.err() == "");
  return runtime.out();
}

TEST_CASE("a program does the same on clones as on heaps that were built") {
  std::string built = OutputOf(Audited(false), kProgram);
  CHECK(std::count(built.begin(), built.end(), '\n') == 40);
  CHECK(OutputOf(Audited(true), kProgram) == built);
}

TEST_CASE("islands are clones from the second one of their kind on") {
  TestRuntime runtime(Audited());
  (void)runtime.Run(kProgram);
  SnapshotStore& snapshots = runtime.runtime()->snapshots();
  CHECK_MESSAGE(snapshots.refused() == 0, snapshots.problem());
  CHECK(snapshots.count() == 2);  // for its libraries, and for its function
  int64_t first = snapshots.cloned;  // all but those that began while the snapshot was made
  (void)runtime.Run(kProgram);
  CHECK(snapshots.cloned >= first + 40);
}

TEST_CASE("with cloning switched off there are none") {
  TestRuntime runtime(Audited(false));
  (void)runtime.Run(kProgram);
  CHECK(runtime.runtime()->snapshots().cloned == 0);
  CHECK(runtime.runtime()->snapshots().built == 41);
  CHECK(runtime.runtime()->snapshots().refused() == 0);
}

TEST_CASE("a snapshot that cannot be trusted is refused, and the program is right all the same") {
  std::string right = OutputOf(Audited(false), kProgram);
  for (SnapshotSabotage sabotage : {SnapshotSabotage::kBadWord, SnapshotSabotage::kHeapKey, SnapshotSabotage::kDamagedString,
                                    SnapshotSabotage::kBadClone}) {
    CAPTURE(static_cast<int>(sabotage));
    RuntimeOptions options = Audited();
    options.sabotage = sabotage;
    TestRuntime runtime(options);
    (void)runtime.Run(kProgram);
    CHECK(runtime.out() == right);
    CHECK(runtime.runtime()->snapshots().refused() == 2);
    CHECK(runtime.runtime()->snapshots().problem() != "");
    CHECK(runtime.runtime()->snapshots().cloned == 0);
  }
}

TEST_CASE("the code of functions that were started often goes with the runtime") {
  size_t before = Code::LiveCount();
  {
    TestRuntime runtime(Audited());
    (void)runtime.Run(R"(
      local wg = goroutine.wait_group()
      for part = 1, 40 do
        local f = load("local wg, n = ... return wg, function() local t = {n} wg:done() return t[1] end")
        local _, body = f(wg, part)
        wg:add(30)
        for _ = 1, 30 do goroutine.parallel(body) end
      end
      wg:wait())");
    CHECK(runtime.runtime()->snapshots().refused() == 0);
    CHECK(runtime.runtime()->snapshots().count() > 2);
    CHECK(runtime.runtime()->snapshots().cloned > 1000);
  }
  CHECK(Code::LiveCount() == before);
}

TEST_CASE("functions of several chunks, with each other's as captures, start as clones") {
  std::string output = OutputOf(Audited(), R"(
    local helper = load("return function(n) local function twice(x) return x * 2 end return twice(n) + 1 end")()
    local function fact(n) return n < 2 and 1 or n * fact(n - 1) end
    local answers = channel.make(100)
    for i = 1, 60 do
      local function body() answers:send(helper(i) + fact(5)) end
      goroutine.parallel(body)
    end
    local sum = 0
    for _ = 1, 60 do sum = sum + answers:receive() end
    print(sum))");
  CHECK(output == std::to_string(60 * 61 + 60 + 60 * 120) + "\n");
}

TEST_CASE("what a program does to the libraries of one island is not seen on the next") {
  TestRuntime runtime(Audited());
  for (int i = 0; i < 5; i++) {
    RunReport report = runtime.Run(R"(
      print(("x"):upper(), math.type(1), math.pi > 3.1, go ~= nil, getmetatable("").extra, next(package.loaded) ~= nil)
      string.upper = function() return "changed" end
      math.type, math.pi, go = nil, 3, nil
      getmetatable("").extra = true
      package.loaded.string = nil
      for name in pairs(_G) do if name ~= "_G" then _G[name] = nil end end)");
    CHECK_MESSAGE(std::string(report.kind) == "succeeded", report.message);
  }
  CHECK(runtime.runtime()->snapshots().cloned >= 3);
  std::string line = "X\tinteger\ttrue\ttrue\tnil\ttrue\n";
  CHECK(runtime.out() == line + line + line + line + line);
}

TEST_CASE("strings hash differently in runtimes with different seeds") {
  std::set<std::string> orders;
  for (uint64_t seed = 0; seed < 4; seed++) {
    RuntimeOptions options = Audited();
    options.seed = seed;
    orders.insert(OutputOf(options, R"(
      local order = channel.make(3)
      for _ = 1, 3 do
        goroutine.parallel(function()
          local t, keys = {}, {}
          for i = 1, 30 do t["key" .. i] = i end
          for key in pairs(t) do keys[#keys + 1] = key end
          order:send(table.concat(keys, " "))
        end)
      end
      local first, second, third = order:receive(), order:receive(), order:receive()
      print(first == second and second == third, first))"));
  }
  CHECK(orders.size() == 4);
  for (const std::string& order : orders) CHECK(order.substr(0, 4) == "true");
}

TEST_CASE("what has a finalizer is finalized when its island goes") {
  for (bool clones : {true, false}) {
    std::string output = OutputOf(Audited(clones), R"(
      local wg = goroutine.wait_group()
      for _ = 1, 5 do
        wg:add()
        goroutine.parallel(function()
          kept = setmetatable({}, {__gc = function() print("finalized") end})
          wg:done()
        end)
      end
      wg:wait())");
    CHECK(output == "finalized\nfinalized\nfinalized\nfinalized\nfinalized\n");
  }
}

TEST_CASE("a finalizer that a program gave to handles runs when their island goes") {
  TestRuntime runtime(Audited());
  for (int i = 0; i < 4; i++) {
    RunReport report = runtime.Run(R"(
      kept = goroutine.wait_group()
      local metatable = debug.getmetatable(kept)
      local collect = metatable.__gc
      metatable.__gc = function(handle) print("mine") return collect(handle) end)");
    CHECK_MESSAGE(std::string(report.kind) == "succeeded", report.message);
  }
  CHECK(runtime.runtime()->snapshots().cloned == 3);
  runtime.Close();
  CHECK(runtime.out() == "mine\nmine\nmine\nmine\n");
}

TEST_CASE("a file that was left open is written when its island goes") {
  std::string output = OutputOf(Audited(), R"(
    local wg, names = goroutine.wait_group(), {}
    for i = 1, 4 do
      names[i] = os.tmpname()
      local name = names[i]
      wg:add()
      goroutine.parallel(function()
        local file = io.open(name, "w")
        file:write("text ", i)
        wg:done()
      end)
    end
    wg:wait()
    repeat goroutine.sleep(1) until goroutine.stats().islands == 1
    for i = 1, 4 do
      for line in io.lines(names[i]) do print(line) end
      os.remove(names[i])
    end)");
  CHECK(output == "text 1\ntext 2\ntext 3\ntext 4\n");
}

TEST_CASE("a clone that needs more memory than it may have gets an error") {
  RuntimeOptions options = Audited();
  options.island_memory_limit = 128 * 1024;
  std::string output = OutputOf(options, R"(
    local answers = channel.make(10)
    for i = 1, 4 do
      goroutine.parallel(function()
        local t = {}
        local ok, err = pcall(function() for n = 1, math.huge do t[n] = {n, tostring(n)} end end)
        answers:send(tostring(ok) .. " " .. tostring(err))
      end)
    end
    for _ = 1, 4 do print((answers:receive())) end)");
  CHECK(output == "false not enough memory\nfalse not enough memory\nfalse not enough memory\nfalse not enough memory\n");
}

TEST_CASE("a limit below what a heap begins with is an error of the goroutine") {
  RuntimeOptions options = Audited();
  options.island_memory_limit = 2000;
  TestRuntime runtime(options);
  for (int i = 0; i < 4; i++) CHECK(std::string(runtime.Run("return 1").kind) == "memory");
}

TEST_CASE("functions that share their code count it while they live") {
  std::string output = OutputOf(Audited(), R"(
    local function work(n)
      local sum = 0
      for i = 1, n do sum = sum + i * i % 7 + (i // 2) - (i % 3) end
      return sum
    end
    local counts = channel.make(10)
    for _ = 1, 4 do
      goroutine.parallel(function()
        select("#", table.unpack({}, 1, 60))  -- its stack grows
        collectgarbage() collectgarbage()
        local before = collectgarbage("count")
        work(3)
        for _ = 1, 5 do collectgarbage() end
        counts:send(before > 5 and collectgarbage("count") <= before and collectgarbage("count") > before / 2)
      end)
    end
    for _ = 1, 4 do print((counts:receive())) end)");
  CHECK(output == "true\ntrue\ntrue\ntrue\n");
}

TEST_CASE("programs repeat on a virtual clock, cloned or built") {
  for (bool clones : {true, false}) {
    std::set<std::string> outputs;
    for (int i = 0; i < 3; i++) {
      VirtualClock clock;
      TestRuntime runtime(Audited(clones), &clock);
      (void)runtime.Run(kProgram);
      outputs.insert(runtime.out());
    }
    CHECK(outputs.size() == 1);
  }
}

TEST_CASE("islands that are left when the runtime closes go with their heaps") {
  TestRuntime runtime(Audited());
  RunReport report = runtime.Run(R"(
    local gate = channel.make()
    for i = 1, 50 do goroutine.parallel(function() return gate:receive(), i end) end
    goroutine.sleep(1)
    os.exit(0))");
  CHECK(std::string(report.kind) == "exit");
}

}  // namespace
}  // namespace sloth

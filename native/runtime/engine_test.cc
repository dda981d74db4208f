// Synchronous engines on floors 0 to 5, for the sanitizers: entries and host calls within each other, interrupts, waits that end
// at once, and goroutines that run beside.
#include <atomic>
#include <functional>

#include "runtime/runtime_testing.h"

#include <doctest/doctest.h>

namespace sloth {
namespace {

class TestHost final : public SyncHost {
 public:
  HostAnswer Call(lua_State* L, const HostTarget& target, int first, int count, HostReply* reply) noexcept override {
    return on_call ? on_call(L, target, first, count, reply) : HostAnswer::kNothing;
  }
  bool StillWants() noexcept override {
    asked++;
    return wants;
  }
  void NoteGoroutines() noexcept override { noted++; }

  std::function<HostAnswer(lua_State* L, const HostTarget& target, int first, int count, HostReply* reply)> on_call;
  bool wants = true;
  int asked = 0;
  int noted = 0;
};

Ref<HostReleases> Releases() { return MakeRef<HostReleases>(nullptr); }

// The message of one host function of that number.
Value FunctionMessage(uint32_t id) {
  auto parcel = MakeRef<Parcel>();
  HostWriter writer(parcel.get());
  CHECK(writer.TryHeader(1));
  CHECK(writer.TryHandle(MakeRef<HostFunction>(id, "host", Releases()), HandleView::kFull));
  return Value::OfParcel(std::move(parcel));
}

std::string TextOf(const SyncValue& value) {
  switch (value.kind) {
    case SyncKind::kNil: return "nil";
    case SyncKind::kFalse: return "false";
    case SyncKind::kTrue: return "true";
    case SyncKind::kInteger: return std::to_string(value.integer);
    case SyncKind::kFloat: return std::to_string(value.number);
    case SyncKind::kString: return std::string(value.text, value.length);
    default: return "?";
  }
}

struct TestEngine {
  explicit TestEngine(int workers = 2, size_t memory_limit = 0) : runtime(workers) {
    engine = runtime.runtime()->MakeEngine(memory_limit, &host);
    REQUIRE(engine);
  }
  ~TestEngine() {
    engine->Close();
    engine.reset();
  }

  // The first result, or "kind: message". The chunk's argument is host function 1.
  std::string Eval(const std::string& source, int64_t timeout_ns = kForever) {
    SyncTurn turn;
    if (!engine->Begin(&turn, timeout_ns, TableRule::kObjects)) return "closed";
    Value message = FunctionMessage(1);
    SyncCall call;
    call.kind = SyncCall::kChunk;
    call.text = source.data();
    call.length = source.size();
    call.chunk_name = "=test";
    call.message = &message;
    std::string text;
    if (engine->Run(&turn, call)) {
      text = engine->result_count(turn) > 0 ? TextOf(engine->Result(turn, 0)) : "nothing";
    } else {
      SyncFailure failure = engine->Failure(&turn);
      text = std::string(failure.kind) + ": " + failure.message;
    }
    engine->End(&turn);
    return text;
  }

  TestRuntime runtime;
  TestHost host;
  std::unique_ptr<SyncEngine> engine;
};

TEST_CASE("an engine runs chunks and tells why they fail") {
  TestEngine test;
  CHECK(test.Eval("return 1 + 1") == "2");
  CHECK(test.Eval("x = 'kept'") == "nothing");
  CHECK(test.Eval("return x") == "kept");
  CHECK(test.Eval("error('broken')") == "failed: test:1: broken");
  CHECK(test.Eval("return +") == "syntax: test:1: unexpected symbol near '+'");
  CHECK(test.Eval("os.exit(3)") == "exit: cancelled: os.exit");
  CHECK(test.Eval("return 'again'") == "again");
}

TEST_CASE("an engine calls its host, which calls back") {
  TestEngine test;
  int depth = 0;
  test.host.on_call = [&](lua_State* L, const HostTarget& target, int first, int count, HostReply* reply) {
    CHECK(target.id == 1);
    reply->value = count > 0 ? ReadSyncValue(L, first) : SyncValue();
    if (++depth < 5) CHECK(test.Eval("local host = ... return host('down')") == "down");
    return HostAnswer::kValue;
  };
  CHECK(test.Eval("local host = ... return coroutine.wrap(function() return host('up') end)()") == "up");
  CHECK(depth == 5);
}

TEST_CASE("a time limit ends what runs, wherever it is") {
  TestEngine test;
  for (const char* source : {"while true do end", "while true do pcall(function() while true do end end) end",
                             "coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()",
                             "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
                             "return (('a'):rep(40)):find(('a-'):rep(40) .. 'b')", "table.move({}, 1, 1e15, 2)"}) {
    CAPTURE(source);
    CHECK(test.Eval(source, 20 * kMillisecond) == "timeout: timeout exceeded");
  }
  CHECK(test.Eval("return 1") == "1");
}

TEST_CASE("a limit within a call that has one ends that one alone") {
  TestEngine test;
  std::string inner;
  test.host.on_call = [&](lua_State*, const HostTarget&, int, int, HostReply*) {
    inner = test.Eval("while true do end", 10 * kMillisecond);
    return HostAnswer::kNothing;
  };
  CHECK(test.Eval("local host = ... host() return 'went on'", 60 * kSecond) == "went on");
  CHECK(inner == "timeout: timeout exceeded");
}

TEST_CASE("an engine that nobody waits for any more stops by itself") {
  TestEngine test;
  test.host.wants = false;
  CHECK(test.Eval("while true do pcall(function() while true do end end) end") == "cancelled: cancelled: the JavaScript thread ends");
  CHECK(test.host.asked > 0);
}

TEST_CASE("an engine has its own memory limit, and goes on after it") {
  TestEngine test(1, 4 << 20);
  CHECK(test.Eval("local s = 'x' while true do s = s .. s end") == "memory: not enough memory");
  CHECK(test.Eval("local t = {} while true do t = {t} end") == "memory: not enough memory");
  CHECK(test.Eval("return 1") == "1");
}

TEST_CASE("an engine that is closed within a call ends it") {
  TestEngine test;
  test.host.on_call = [&](lua_State*, const HostTarget&, int, int, HostReply*) {
    test.engine->Close();
    CHECK(test.Eval("return 1") == "closed");
    return HostAnswer::kNothing;
  };
  CHECK(test.Eval("local host = ... while true do pcall(host) end") == "cancelled: cancelled: the engine was closed");
  CHECK(test.Eval("return 1") == "closed");
}

TEST_CASE("a wait ends at once, and no message is lost between it and a sender") {
  TestEngine test;
  CHECK(test.Eval("channel.make():receive()") == "failed: test:1: channel receive would block the JavaScript thread");
  CHECK(test.Eval(R"(
    local ch = channel.make()
    for k = 1, 2 do goroutine.spawn(function() for i = 1, 1500 do ch:send(i) end ch:send(false) end) end
    local sum, ended, blocked = 0, 0, 0
    while ended < 2 do
      local ok, value = pcall(ch.receive, ch)
      if not ok then blocked = blocked + 1 elseif value then sum = sum + value else ended = ended + 1 end
    end
    return sum)") == std::to_string(2 * 1500 * 1501 / 2));
  CHECK(test.Eval(R"(
    local ch, done = channel.make(), channel.make(1)
    goroutine.spawn(function() local n = 0 for v in ch:range() do n = n + v end done:send(n) end)
    local sent = 0
    while sent < 1000 do if pcall(ch.send, ch, 1) then sent = sent + 1 end end
    ch:close()
    repeat local n, ok = done:try_receive() until ok
    return 'all')") == "all");
}

TEST_CASE("goroutines of an engine run beside it, and end with the entry that started them when it is over time") {
  TestEngine test;
  CHECK(test.Eval("stopped = goroutine.atomic_int(0)") == "nothing");
  CHECK(test.Eval(R"(
    goroutine.spawn(function()
      local guard <close> = setmetatable({}, {__close = function() stopped:store(1) end})
      while true do end
    end)
    while true do end)", 30 * kMillisecond) == "timeout: timeout exceeded");
  CHECK(test.Eval("while stopped:load() == 0 do end return stopped:load()", 30 * kSecond) == "1");
  CHECK(test.Eval("goroutine.spawn(function() goroutine.sleep(20) end)") == "nothing");
  CHECK(test.host.noted > 0);
  CHECK(test.Eval("local n = 0 goroutine.spawn(function() n = n + 1 end)").find("failed: ") == 0);
}

TEST_CASE("engines nest") {
  TestEngine one;
  TestEngine other;
  one.host.on_call = [&](lua_State*, const HostTarget&, int, int, HostReply*) {
    CHECK(other.Eval("while true do end", 10 * kMillisecond) == "timeout: timeout exceeded");
    CHECK(other.Eval("return 2") == "2");
    return HostAnswer::kNothing;
  };
  CHECK(one.Eval("local host = ... host() return 1", 60 * kSecond) == "1");
}

}  // namespace
}  // namespace sloth

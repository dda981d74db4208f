// Values of Lua in the host's format and back.
#include "data/host_format.h"
#include "lua/pack_graph.h"
#include "lua/pack_host.h"

namespace sloth::testing {
namespace {

Value PackedForHost(Heap& from) {
  Value value;
  PackFailure failure;
  HostPack packed = TryPackForHost(from.L, lua_gettop(from.L), 1, &value, &failure);
  REQUIRE_MESSAGE(packed == HostPack::kPacked, PackFailureText("cannot send", failure));
  return value;
}

int UnpackForHost(Heap& to, const Value& value) {
  lua_settop(to.L, 0);
  return to.Protect([&](lua_State* L) { return UnpackFromHost(L, value); });
}

// Runs `make` in one heap, carries its result to another as the global V, and gives what `use` returns there.
std::string CarryForHost(const std::string& make, const std::string& use) {
  Heap from, to;
  from.Run(make);
  REQUIRE(UnpackForHost(to, PackedForHost(from)) == LUA_OK);
  lua_setglobal(to.L, "V");
  to.Run(use);
  return to.Text();
}

}  // namespace

TEST_CASE("host format: what is one thing stays one, cycles too") {
  CHECK(CarryForHost("local a, b = {}, {} a.b, b.a, a[1] = b, a, a return a", "return V.b.a == V and V[1] == V") == "true");
}

TEST_CASE("host format: marks are kept, other metatables are not") {
  CHECK(CarryForHost("return setmetatable({a = true}, {__js = 'Set'})", "return getmetatable(V).__js .. tostring(V.a)") == "Settrue");
  CHECK(CarryForHost("return setmetatable({}, {__js = 'Array'})", "return getmetatable(V).__js") == "Array");
  CHECK(CarryForHost("return setmetatable({ms = 5}, {__js = 'Date'})", "return V.ms") == "5.0");
  CHECK(CarryForHost("return setmetatable({1, 2}, {__js = 'Array'})", "return getmetatable(V)") == "nil");
  CHECK(CarryForHost("return setmetatable({1, 2}, {__index = error})", "return getmetatable(V)") == "nil");
  CHECK(CarryForHost("return setmetatable({nil, 2, n = 3}, {__js = 'Array'})", "return V.n .. getmetatable(V).__js") == "3Array");
}

TEST_CASE("host format: packed messages are whole, and random graphs keep their data") {
  for (uint64_t seed = 1; seed <= 200; seed++) {
    INFO(seed);
    Heap from, to;
    from.Run("local function fill(n, seed)\n"
             "  math.randomseed(seed)\n"
             "  local all = {} for i = 1, n do all[i] = {} end\n"
             "  for i = 1, n do for k = 1, math.random(0, 6) do\n"
             "    local key = math.random(3) == 1 and ('k'):rep(k) or math.random(3) == 1 and k or all[math.random(n)]\n"
             "    all[i][key] = math.random(2) == 1 and all[math.random(n)] or math.random(1 << 62) / math.random(9) end end\n"
             "  return all end\n"
             "return fill(math.random(1, 40), " + std::to_string(seed) + ")");
    Value value = PackedForHost(from);
    CHECK(IsHostMessage(value.parcel()));
    REQUIRE(UnpackForHost(to, value) == LUA_OK);
    Value again = PackedForHost(to);
    CHECK(IsHostMessage(again.parcel()));
    CHECK(again.parcel()->bytes.size() == value.parcel()->bytes.size());
  }
}

TEST_CASE("host format: a message with a wrong byte is refused or means something else") {
  Heap from;
  from.Run("return {1, 2.5, 'text', {a = {}, [('x'):rep(300)] = '\\xff'}, setmetatable({ms = 1}, {__js = 'Date'}), 1 << 60}");
  Value value = PackedForHost(from);
  Random random(7);
  for (int round = 0; round < 3000; round++) {
    auto parcel = MakeRef<Parcel>();
    REQUIRE(parcel->bytes.TryAppend(value.parcel()->bytes.data(), value.parcel()->bytes.size()));
    parcel->bytes[random.Below(static_cast<uint32_t>(parcel->bytes.size()))] = static_cast<unsigned char>(random.Below(256));
    if (!IsHostMessage(parcel.get())) continue;
    Heap to;
    (void)UnpackForHost(to, Value::OfParcel(std::move(parcel)));
  }
}

TEST_CASE("host format: without memory unpacking raises and leaves nothing") {
  Heap from;
  from.Run("return {a = {1, 2, 3, {x = 'text'}}, setmetatable({ms = 1}, {__js = 'Date'})}");
  Value value = PackedForHost(from);
  for (int attempt = 1;; attempt++) {
    Heap to;
    to.FailFrom(attempt);
    int status = UnpackForHost(to, value);
    to.Relent();
    if (status == LUA_OK) break;
    CHECK(to.Text() == "not enough memory");
    REQUIRE(attempt < 1000);
  }
}

TEST_CASE("host format: what cannot cross is named") {
  struct Example {
    const char* make;
    const char* problem;
  };
  for (const Example& example : {Example{"return coroutine.create(print)", "cannot send value 1: a coroutine cannot reach the host"},
                                 {"return {a = {b = {io.stdout}}}", "cannot send field 'a.b[1]' of value 1: a userdata cannot reach the host"},
                                 {"return {[{io.stdout}] = 1}", "cannot send field '<key>[1]' of value 1: a userdata cannot reach the host"}}) {
    Heap from;
    from.Run(example.make);
    Value value;
    PackFailure failure;
    REQUIRE(TryPackForHost(from.L, lua_gettop(from.L), 1, &value, &failure) == HostPack::kRefused);
    CHECK(PackFailureText("cannot send", failure) == example.problem);
  }
}

}  // namespace sloth::testing

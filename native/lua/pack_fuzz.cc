// Any graph of values arrives in another heap as it was: also when that has no memory for it at first, while its collector
// runs, and when the copy travels on. What cannot be sent is refused wherever it hides.
#include "base/choices.h"
#include "lua/pack_graph.h"

namespace sloth::testing {
namespace {

constexpr int kMostTables = 24;

enum class Stress : uint32_t { kNone, kShortOfMemory, kCollects, kGenerational, kCount };

// Unpacks with memory running out ever later, until it suffices.
void UnpackShortOfMemory(Heap& to, const Value& value, int attempt) {
  for (;; attempt += 3) {
    lua_settop(to.L, 0);
    to.FailFrom(attempt);
    int status = to.Protect([&](lua_State* L) { return UnpackValues(L, value); });
    to.Relent();
    if (status == LUA_OK) return;
    CHECK(status == LUA_ERRMEM);
  }
}

void UnpackUnder(Stress stress, Heap& to, const Value& value, Choices* choices) {
  switch (stress) {
    case Stress::kShortOfMemory: return UnpackShortOfMemory(to, value, 1 + static_cast<int>(choices->Below(64)));
    case Stress::kCollects: to.CollectAtEachRequest(); break;
    case Stress::kGenerational: lua_gc(to.L, LUA_GCGEN, 1, 1); break;
    default: break;
  }
  Unpack(to, value);
  to.Relent();
}

// Puts a coroutine somewhere into the graph on top; it must not leave.
void CheckRefusal(Heap& from, Choices* choices) {
  lua_rawgeti(from.L, -1, 1);
  switch (choices->Below(3)) {
    case 0: lua_pushliteral(from.L, "stranger"); break;
    case 1: lua_newtable(from.L); break;
    default: lua_pushinteger(from.L, choices->Below(1000) - 500); break;
  }
  lua_newthread(from.L);
  lua_rawset(from.L, -3);
  lua_pop(from.L, 1);
  Value value;
  PackFailure failure;
  CHECK_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(failure.reason == "a coroutine cannot leave its island");
  CHECK(!failure.path.empty());
}

// Leaves what is compared on the stacks.
void CheckAlike(Heap& a, Heap& b) {
  lua_pushvalue(a.L, -1);
  lua_pushvalue(b.L, -1);
  CHECK(GraphWalker(a, b).Compare() == "");
}

void Try(Choices choices) {
  auto stress = static_cast<Stress>(choices.Below(static_cast<uint32_t>(Stress::kCount)));
  bool refused = choices.Below(8) == 0;
  Heap from, to;
  GraphMakerWith<Choices>(from, &choices).Make(1 + static_cast<int>(choices.Below(kMostTables)));
  if (refused) return CheckRefusal(from, &choices);
  Value value = Packed(from);
  UnpackUnder(stress, to, value, &choices);
  lua_gc(to.L, LUA_GCCOLLECT);
  CheckAlike(from, to);
  CHECK(to.counted_bytes() == to.bytes());
  // The copy is as good as what it was made from.
  Heap third;
  Unpack(third, Packed(to));
  CheckAlike(from, third);
}

}  // namespace
}  // namespace sloth::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sloth::testing::Try(sloth::testing::Choices(data, size));
  if (sloth::Code::LiveCount() != 0) std::abort();
  return 0;
}

// Taking code out of a heap and making functions of it in another.
#include "lua/code_testing.h"

namespace sloth::testing {
namespace {

const char kProgram[] =
    "local up, other = 40, {}\n"
    "local function outer(a, b, ...)\n"
    "  local function inner(x)\n"
    "    local t = {1, 2.5, 'three', ('a long string constant, longer than forty bytes'), nil, true, x}\n"
    "    return #t + up\n"
    "  end\n"
    "  other[a] = function() return b, inner end\n"
    "  return inner(b) + select('#', ...)\n"
    "end\n"
    "return outer, function() up = up + 1 end\n";

// A chunk with more lines between two instructions than a line delta holds, and more instructions than
// between two absolute lines.
std::string LongProgram() {
  std::string text = "local x = 1\n";
  for (int i = 0; i < 300; i++) text += "x = x + " + std::to_string(i) + "\n";
  text += std::string(500, '\n') + "x = x * 2\n";
  return text + "return x\n";
}

}  // namespace

TEST_CASE("every function of a chunk knows its code and its place in it") {
  Heap heap;
  REQUIRE(Load(heap, kProgram) == LUA_OK);
  uint32_t index = 99;
  Ref<Code> code = CodeAt(heap.L, -1, &index);
  REQUIRE(code);
  CHECK(index == 0);
  REQUIRE(code->functions.size() == 5);
  CHECK(code->source == "@program.lua");
  CHECK_FALSE(code->from_pieces);
  CHECK(code->functions[0].parent == UINT32_MAX);
  CHECK(code->functions[0].children == std::vector<uint32_t>{1, 4});
  CHECK(code->functions[1].children == std::vector<uint32_t>{2, 3});
  CHECK(code->functions[2].parent == 1);
  CHECK(code->functions[2].upvalues[0].name == "up");
  CHECK(code->functions[1].is_vararg);
  CHECK(code->functions[1].parameter_count == 2);
  CHECK(code->functions[1].locals[0].name == "a");

  const Proto* main = ProtoAt(heap.L, -1);
  CHECK(CodeOf(main->p[0]->p[1], &index) == code.get());
  CHECK(index == 3);
  CHECK(CodeOf(main->p[1], &index) == code.get());
  CHECK(index == 4);
}

TEST_CASE("code is attached once") {
  Heap heap;
  REQUIRE(Load(heap, kProgram) == LUA_OK);
  Ref<Code> code = CodeAt(heap.L, -1, nullptr);
  int size = ProtoAt(heap.L, -1)->sizek;
  AttachCode(heap.L, -1, CodeOrigin::kPieces);
  CHECK(CodeAt(heap.L, -1, nullptr) == code);
  CHECK(ProtoAt(heap.L, -1)->sizek == size);
}

TEST_CASE("a function whose code nobody attached has none") {
  Heap heap;
  REQUIRE(luaL_loadstring(heap.L, "return {}, 'x'") == LUA_OK);
  uint32_t index;
  CHECK(CodeOf(ProtoAt(heap.L, -1), &index) == nullptr);
}

TEST_CASE("lines are those Lua reports") {
  Heap heap;
  for (const std::string& program : {std::string(kProgram), LongProgram()}) {
    REQUIRE(Load(heap, program) == LUA_OK);
    Ref<Code> code = CodeAt(heap.L, -1, nullptr);
    const Proto* main = ProtoAt(heap.L, -1);
    for (int pc = 0; pc < main->sizecode; pc++) CHECK(code->functions[0].LineAt(pc) == luaG_getfuncline(main, pc));
    CHECK(code->functions[0].LineAt(-1) == -1);
    CHECK(code->functions[0].LineAt(main->sizecode) == -1);
  }
}

TEST_CASE("a function made of code is the function it was taken from") {
  Heap from, to;
  for (const std::string& program : {std::string(kProgram), LongProgram()}) {
    REQUIRE(Load(from, program) == LUA_OK);
    Ref<Code> code = CodeAt(from.L, -1, nullptr);
    REQUIRE(PushOf(to, code, 0) == LUA_OK);
    CheckSame(ProtoAt(from.L, -1), ProtoAt(to.L, -1));
    uint32_t index = 99;
    CHECK(CodeOf(ProtoAt(to.L, -1), &index) == code.get());
    CHECK(index == 0);
  }
}

TEST_CASE("copies of a function point at one original of its instructions and lines") {
  Heap from, to, another;
  REQUIRE(Load(from, LongProgram()) == LUA_OK);
  Ref<Code> code = CodeAt(from.L, -1, nullptr);
  for (Heap* heap : {&to, &another}) {
    REQUIRE(PushOf(*heap, code, 0) == LUA_OK);
    const Proto* proto = ProtoAt(heap->L, -1);
    CHECK(static_cast<const void*>(proto->code) == code->functions[0].instructions.data());
    CHECK(static_cast<const void*>(proto->lineinfo) == code->functions[0].line_deltas.data());
    CHECK(static_cast<const void*>(proto->abslineinfo) == code->functions[0].absolute_lines.data());
    CHECK(IsSharedArray(proto->code));
  }
  CHECK_FALSE(IsSharedArray(ProtoAt(from.L, -1)->code));
  CHECK_FALSE(IsSharedArray(nullptr));
}

TEST_CASE("arrays of code that is gone serve other code") {
  const void* arrays[2];
  for (const void*& array : arrays) {
    Heap heap;
    REQUIRE(Load(heap, kProgram) == LUA_OK);
    array = CodeAt(heap.L, -1, nullptr)->functions[0].instructions.data();
  }
  CHECK(arrays[0] == arrays[1]);
}

TEST_CASE("stripped code works too") {
  Heap from, to;
  lua_register(from.L, "dump", DumpStripped);
  from.Run("return dump(function(n) return (function() return n * 2 end)() end)");
  size_t length;
  const char* dump = lua_tolstring(from.L, -1, &length);
  REQUIRE(Load(to, std::string(dump, length)) == LUA_OK);
  Ref<Code> code = CodeAt(to.L, -1, nullptr);
  CHECK(code->source == "=?");
  CHECK(code->functions[0].LineAt(0) == -1);
  REQUIRE(PushOf(from, code, 0) == LUA_OK);
  lua_pushinteger(from.L, 21);
  lua_call(from.L, 1, 1);
  CHECK(lua_tointeger(from.L, -1) == 42);
}

TEST_CASE("a heap makes each function once, whichever was asked for first") {
  Heap from, to;
  REQUIRE(Load(from, kProgram) == LUA_OK);
  Ref<Code> code = CodeAt(from.L, -1, nullptr);
  for (uint32_t index : {2, 1, 0, 4, 2}) REQUIRE(PushOf(to, code, index) == LUA_OK);
  const Proto* main = ProtoAt(to.L, 3);
  CHECK(ProtoAt(to.L, 1) == main->p[0]->p[0]);
  CHECK(ProtoAt(to.L, 2) == main->p[0]);
  CHECK(ProtoAt(to.L, 4) == main->p[1]);
  CHECK(ProtoAt(to.L, 5) == ProtoAt(to.L, 1));
  REQUIRE(PushOf(from, code, 3) == LUA_OK);
  CHECK(ProtoAt(from.L, -1) == ProtoAt(from.L, -2)->p[0]->p[1]);  // the loaded function's own
}

TEST_CASE("code lives as long as a function of it in any heap, or a reference") {
  REQUIRE(Code::LiveCount() == 0);
  {
    Heap to;
    {
      Heap from;
      REQUIRE(Load(from, kProgram) == LUA_OK);
      REQUIRE(PushOf(to, CodeAt(from.L, -1, nullptr), 1) == LUA_OK);
    }
    CHECK(Code::LiveCount() == 1);
    lua_gc(to.L, LUA_GCCOLLECT);
    CHECK(CodeOf(ProtoAt(to.L, -1), nullptr) != nullptr);
    lua_settop(to.L, 0);
    lua_gc(to.L, LUA_GCCOLLECT);
    CHECK(Code::LiveCount() == 0);
  }
  {
    Heap heap;
    REQUIRE(Load(heap, kProgram) == LUA_OK);
    Ref<Code> code = CodeAt(heap.L, -1, nullptr);
    CHECK(ReleaseCode(heap.L) == 1);
    CHECK(code->Unique());
    CHECK(ReleaseCode(heap.L) == 0);
    CHECK(CodeOf(ProtoAt(heap.L, -1), nullptr) == nullptr);
    REQUIRE(PushOf(heap, code, 0) == LUA_OK);  // made anew
    CHECK(CodeOf(ProtoAt(heap.L, -1), nullptr) == code.get());
  }
  CHECK(Code::LiveCount() == 0);
}

TEST_CASE("a dump holds what the compiler made, and the function works on") {
  Heap plain, heap;
  REQUIRE(luaL_loadbuffer(plain.L, kProgram, sizeof kProgram - 1, "@program.lua") == LUA_OK);
  REQUIRE(Load(heap, kProgram) == LUA_OK);
  auto dump = [](lua_State* L) {
    std::string bytes;
    auto append = [](lua_State*, const void* data, size_t size, void* out) {
      static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
      return 0;
    };
    CHECK(lua_dump(L, append, &bytes, 0) == 0);
    return bytes;
  };
  HideAttachedCode(heap.L, -1, true);
  std::string bytes = dump(heap.L);
  HideAttachedCode(heap.L, -1, false);
  CHECK(bytes == dump(plain.L));
  CHECK(CodeOf(ProtoAt(heap.L, -1)->p[0]->p[1], nullptr) != nullptr);
  HideAttachedCode(plain.L, -1, true);  // nothing to hide, nothing to show
  HideAttachedCode(plain.L, -1, false);
  CHECK(bytes == dump(plain.L));
}

TEST_CASE("a program sees nothing of it, even with the debug library") {
  const char kLookEverywhere[] =
      "local seen, pending, userdata, holders = {}, {...}, 0, 0\n"
      "local function visit(v) if v ~= nil and not seen[v] then seen[v] = true pending[#pending + 1] = v end end\n"
      "while #pending > 0 do\n"
      "  local v = table.remove(pending)\n"
      "  local kind = type(v)\n"
      "  assert(kind ~= 'proto' and kind ~= 'upvalue')\n"
      "  visit(debug.getmetatable(v))\n"
      "  if kind == 'table' then for k, x in next, v do visit(k) visit(x) end end\n"
      "  if kind == 'userdata' then userdata = userdata + select('#', debug.getuservalue(v, 1)) - 1 end\n"
      "  if kind == 'function' then\n"
      "    for i = 1, 255 do visit(select(2, debug.getupvalue(v, i))) end\n"
      "    if debug.getinfo(v, 'S').source == '=?' then holders = holders + 1 assert(select('#', v(1, 2, 3)) == 0) end\n"
      "  end\n"
      "end\n"
      "return userdata, holders\n";
  Heap without, with;
  REQUIRE(Load(with, kProgram) == LUA_OK);
  for (Heap* heap : {&without, &with}) {
    lua_settop(heap->L, heap == &with ? 1 : 0);
    REQUIRE(luaL_loadstring(heap->L, kLookEverywhere) == LUA_OK);
    lua_pushvalue(heap->L, LUA_REGISTRYINDEX);
    REQUIRE(lua_pcall(heap->L, 1, 2, 0) == LUA_OK);
    if (heap == &with) lua_remove(heap->L, 1);
  }
  CHECK(lua_tointeger(with.L, 1) == lua_tointeger(without.L, 1));  // of those with a value of their own
  CHECK(lua_tointeger(with.L, 2) == 1);
  CHECK(lua_tointeger(without.L, 2) == 0);
}

TEST_CASE("memory is accounted to the byte") {
  Heap from, to;
  REQUIRE(Load(from, kProgram) == LUA_OK);
  CHECK(from.counted_bytes() == from.bytes());
  REQUIRE(PushOf(to, CodeAt(from.L, -1, nullptr), 0) == LUA_OK);
  CHECK(to.counted_bytes() == to.bytes());
  for (Heap* heap : {&from, &to}) {
    lua_settop(heap->L, 0);
    lua_gc(heap->L, LUA_GCCOLLECT);
    CHECK(heap->counted_bytes() == heap->bytes());
  }
}

}  // namespace sloth::testing

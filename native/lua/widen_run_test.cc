// Widened programs in a real Lua: what they mean, and what errors and the debug library say about them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lua/widen_testing.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

// A Lua state that counts its memory and refuses more than `limit` bytes.
class Island {
 public:
  Island() : L(lua_newstate(Allocate, this)) { luaL_openlibs(L); }
  ~Island() { lua_close(L); }
  Island(const Island&) = delete;
  Island& operator=(const Island&) = delete;

  // Pushes the chunk, or returns the message.
  std::string Load(std::string_view source) {
    GrowArray<char> widened;
    if (!TryWiden(source.data(), source.size(), &widened)) return "out of memory";
    if (luaL_loadbufferx(L, widened.data(), widened.size(), "@test.sloth", "t") != LUA_OK) {
      size_t length = 0;
      const char* message = lua_tolstring(L, -1, &length);
      return RestoreMessage(message, length);
    }
    RestoreWords(L, -1);
    return "";
  }

  // What the chunk returns, as tostring says it, or the message of its error.
  std::string Run(std::string_view source) {
    std::string message = Load(source);
    if (!message.empty()) return message;
    lua_pcall(L, 0, 1, 0);
    size_t length = 0;
    const char* text = luaL_tolstring(L, -1, &length);
    return {text, length};
  }

  size_t used = 0;
  size_t limit = SIZE_MAX;
  lua_State* const L;

 private:
  static void* Allocate(void* context, void* block, size_t old_size, size_t new_size) {
    auto* island = static_cast<Island*>(context);
    if (!block) old_size = 0;
    if (new_size > old_size && island->used + new_size - old_size > island->limit) return nullptr;
    island->used += new_size - old_size;
    if (new_size > 0) return std::realloc(block, new_size);
    std::free(block);
    return nullptr;
  }
};

std::string Run(std::string_view source) {
  Island island;
  return island.Run(source);
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

TEST_CASE("every reserved word works as field, method and function name") {
  for (const char* word : kReservedWords) {
    const std::string program = Replaced(R"(
      local t = {['@'] = 1}
      assert(t.@ == 1 and t['@'] == 1)
      t.@ = 2
      assert(rawget(t, '@') == 2 and next(t) == '@' and next(t, '@') == nil)
      t.@ = {} ; t.@.@ = {}
      function t.@.@.@(a) return a end
      function t.@.@:@(a) assert(self == t.@.@) return a end
      assert(t.@.@:@(3) == 3 and t.@.@['@'](t.@.@, 4) == 4)
      function t.@:call(a) return self, a end
      assert(select(2, t.@:call(5)) == 5)
      local s = setmetatable({}, {__index = function(_, key) return key end})
      local up = function() return s.@ end
      @global = s.@ -- a global
      return t.@ ~= nil and up() .. s.@ .. s [ '@' ] .. @global
    )",
                                         "@global", "_ENV.@");
    CAPTURE(word);
    CHECK(Run(Replaced(program, "@", word)) == std::string(word) + word + word + word);
  }
}

TEST_CASE("a word as key beyond the constants an instruction can name") {
  std::string program = "local t = {} local function use() return {";
  for (int i = 0; i < 700; i++) program += "'k" + std::to_string(i) + "',";
  program += "} end\nlocal function run()\nlocal k = {";
  for (int i = 0; i < 700; i++) program += "'k" + std::to_string(i) + "',";
  program +=
      "}\nt.end = 1 t.then = function(self, x) return self['end'] + x end return t:then(t.end) end\nreturn "
      "run()";
  CHECK(Run(program) == "2");
}

TEST_CASE("names that look like placeholders keep their meaning") {
  CHECK(Run("local t = {} t.end = 1 t['_sloth_word_end'] = 2 t._sloth_word__end = 3 return t.end .. "
            "t._sloth_word_end .. "
            "t['_sloth_word__end']") == "123");
  CHECK(Run("_sloth_word_end = 7 return _G['_sloth' .. '_word_end']") == "7");
  CHECK(
      Run("local _sloth_word_end <const> = '_sloth_word_then' return _sloth_word_end .. #_sloth_word_end") ==
      "_sloth_word_then16");
  CHECK(Run("return '\\95sloth_word_end' .. [[\n_sloth_word_]] .. [==[_sloth_word__]==]") ==
        "_sloth_word_end_sloth_word__sloth_word__");
  // 30 bytes: short for the user, long while the compiler sees it.
  CHECK(Run("local t = {} t._sloth_word_567890123456789012 = 1 return #next(t) .. "
            "t['_sloth_word_567890123456789012']") == "301");
  CHECK(Run("return load('return _sloth_word_end', 'c', 't', {_sloth_word_end = 5})()") == "5");
}

TEST_CASE("errors name words and lines as the file has them") {
  CHECK(Run("local t = {}\nt\n.end\n=\n1\nt:then()") ==
        "test.sloth:6: attempt to call a nil value (method 'then')");
  CHECK(Run("local t = {}\nt.end()") == "test.sloth:2: attempt to call a nil value (field 'end')");
  CHECK(Run("local t = {}\n\nreturn t.end.x") == "test.sloth:3: attempt to index a nil value (field 'end')");
  CHECK(Run("local t = {} --[[\n\n]] t.end = [[\n\n]] .. '\\\n'\nerror('here: ' .. t.end:len())") ==
        "test.sloth:7: here: 2");
  CHECK(Run("_sloth_word_end()") == "test.sloth:1: attempt to call a nil value (global '_sloth_word_end')");
  CHECK(Run("local _sloth_word_end; _sloth_word_end()") ==
        "test.sloth:1: attempt to call a nil value (local '_sloth_word_end')");
  CHECK(Run("local _sloth_word_x; return (function() return _sloth_word_x.y end)()") ==
        "test.sloth:1: attempt to index a nil value (upvalue '_sloth_word_x')");
}

TEST_CASE("the compiler's errors are those of the file") {
  CHECK(Run("t.end") == "test.sloth:1: syntax error near <eof>");
  CHECK(Run("\nt.end 5") == "test.sloth:2: syntax error near '5'");
  CHECK(Run("x = end.y") == "test.sloth:1: unexpected symbol near 'end'");
  CHECK(Run("x = 5 :then()") == "test.sloth:1: unexpected symbol near ':'");
  CHECK(Run("t:end = 5") == "test.sloth:1: function arguments expected near '='");
  CHECK(Run("local end = 1") == "test.sloth:1: <name> expected near 'end'");
  CHECK(Run("x = {\n end = 1}") == "test.sloth:2: unexpected symbol near 'end'");
  CHECK(Run("x = 3.end") == "test.sloth:1: malformed number near '3.en'");
  CHECK(Run("x = 1 _sloth_word_x _sloth_word_y") == "test.sloth:1: syntax error near '_sloth_word_y'");
  CHECK(Run("goto _sloth_word_x") == "test.sloth:1: no visible label '_sloth_word_x' for <goto> at line 1");
  CHECK(Run("::_sloth_word_x:: ::_sloth_word_x::") ==
        "test.sloth:1: label '_sloth_word_x' already defined on line 1");
  CHECK(Run("do goto _sloth_word_x local _sloth_word_y ::_sloth_word_x:: print() end") ==
        "test.sloth:1: <goto _sloth_word_x> at line 1 jumps into the scope of local '_sloth_word_y'");
  CHECK(Run("local x <_sloth_word_x> = 1") == "test.sloth:1: unknown attribute '_sloth_word_x'");
  CHECK(Run("local _sloth_word_x <const> = 1; _sloth_word_x = 2") ==
        "test.sloth:1: attempt to assign to const variable '_sloth_word_x'");
  CHECK(Run("x = '_sloth_word_x") == "test.sloth:1: unfinished string near <eof>");
  CHECK(Run("x = '_sloth_word_x\n") == "test.sloth:1: unfinished string near ''_sloth_word_x'");
  CHECK(Run("x = '_sloth_word_x\\q'") == "test.sloth:1: invalid escape sequence near ''_sloth_word_x\\q'");
}

TEST_CASE("the debug library sees the names of the file") {
  CHECK(Run("local t = {} function t.end() return debug.getinfo(1, 'n').name end local name = t.end() return "
            "name") == "end");
  CHECK(Run("local t = {} function t:then() return debug.getinfo(1, 'n').name end local name = t:then() "
            "return name") == "then");
  CHECK(Run("local _sloth_word_end = 1 return debug.getlocal(1, 1)") == "_sloth_word_end");
  CHECK(Run("local _sloth_word_end = 1 local f = function() return _sloth_word_end end return "
            "debug.getupvalue(f, 1)") == "_sloth_word_end");
  CHECK(Run("local function f(_sloth_word_end) end return debug.getlocal(f, 1)") == "_sloth_word_end");
  CHECK(Run("local t = {}\nfunction t.end()\n\nend\nlocal i = debug.getinfo(t.end, 'S') return i.linedefined "
            ".. '-' .. "
            "i.lastlinedefined .. i.source") == "2-4@test.sloth");
}

TEST_CASE("no placeholder is left in the compiled code") {
  Island island;
  REQUIRE(
      island.Load("local a = ... return function() return function() a.end.then:do(a['if'].while) end end") ==
      "");
  std::string dumped;
  const auto write = [](lua_State*, const void* bytes, size_t size, void* text) {
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return 0;
  };
  REQUIRE(lua_dump(island.L, write, &dumped, 0) == 0);
  CHECK(dumped.find(kWordPlaceholderPrefix) == dumped.npos);
  CHECK(dumped.find("while") != dumped.npos);
}

TEST_CASE("running out of memory while names are restored raises and leaves no damage") {
  std::string program = "return {";
  for (int i = 0; i < 200; i++) program += "'_sloth_word_" + std::to_string(i) + "', ";
  program += "x.end}";
  GrowArray<char> widened;
  REQUIRE(TryWiden(program.data(), program.size(), &widened));
  const auto restore = [](lua_State* L) {
    RestoreWords(L, 1);
    return 0;
  };
  Island island;
  int failures = 0;
  for (size_t room = 0;; room += 512) {
    REQUIRE(luaL_loadbufferx(island.L, widened.data(), widened.size(), "@test.sloth", "t") == LUA_OK);
    lua_pushcfunction(island.L, restore);
    lua_insert(island.L, -2);
    lua_gc(island.L, LUA_GCCOLLECT);
    island.limit = island.used + room;
    const int status = lua_pcall(island.L, 1, 0, 0);
    island.limit = SIZE_MAX;
    if (status == LUA_OK) break;
    failures++;
    CHECK(status == LUA_ERRMEM);
    lua_settop(island.L, 0);
  }
  CHECK(failures > 0);
  CHECK(island.Run(program) == "test.sloth:1: attempt to index a nil value (global 'x')");
}

TEST_CASE("restored names survive the collector in every phase") {
  Island island;
  std::string program = "local t, n, _sloth_word_up, f = {}, 0\nfunction f() return _sloth_word_up end\n";
  for (int i = 0; i < 200; i++) program += "t._sloth_word_" + std::to_string(i) + " = 1 t.end = 1\n";
  program += "for _ in pairs(t) do n = n + 1 end return n .. debug.getlocal(1, 3) .. debug.getupvalue(f, 1)";
  GrowArray<char> widened;
  REQUIRE(TryWiden(program.data(), program.size(), &widened));
  for (const int mode : {LUA_GCINC, LUA_GCGEN}) {
    lua_gc(island.L, mode, 0, 0, 0);
    for (int phase = 0; phase < 200; phase++) {
      REQUIRE(luaL_loadbufferx(island.L, widened.data(), widened.size(), "@test.sloth", "t") == LUA_OK);
      for (int i = 0; i < phase; i++) lua_gc(island.L, LUA_GCSTEP, 0);
      RestoreWords(island.L, -1);
      // To the end of this cycle; the generational mode knows no end.
      for (int i = 0; i < 100 && !lua_gc(island.L, LUA_GCSTEP, 10); i++) continue;
      REQUIRE(lua_pcall(island.L, 0, 1, 0) == LUA_OK);
      CHECK(std::string(lua_tostring(island.L, -1)) == "201_sloth_word_up_sloth_word_up");
      lua_settop(island.L, 0);
    }
  }
}

}  // namespace sloth::testing

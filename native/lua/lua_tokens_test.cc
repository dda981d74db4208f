// The scanner against Lua's own lexer.
#include "lua/lua_tokens.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "lua/widen_testing.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

// What Lua and the widening have opinions about. Anything may follow anything.
constexpr std::string_view kPieces[] = {
    // clang-format off
    ".", ".", ".", ":", ":", "..", "...", "::", "-", "--", "--[[", "--[==[", "]]", "]==]", "[[", "[=[", "[==", "]=]",
    "[", "]", "=", "\"", "\"", "'", "'", "\\", "\\z", "\\x5f", "\\x", "\\95", "\\095", "\\u{5F}", "\\u{", "}",
    "\\\n", "\\\r\n", "\n", "\r", "\r\n", "\n\r", " ", " ", "\t", "\v", "0", "3", "3.", ".5", "0x", "0x.p1",
    "0xA.8p-3", "1e+", "1E5", "p", "e", "_sloth_word_", "_sloth_word_", "_sloth_word__", "_sloth_word_end",
    "sloth_word_", "_", "x", "self", "\xEF\xBB\xBF", "\xC3\xA7", "#", "~=", "<const>", "(", ")",
    std::string_view("\0", 1),
    // clang-format on
};

std::string RandomText(Random* random) {
  std::string text;
  for (uint32_t pieces = random->Below(24); pieces > 0; pieces--) {
    const bool word = random->Below(4) == 0;
    text += word ? kReservedWords[random->Below(std::size(kReservedWords))]
                 : kPieces[random->Below(std::size(kPieces))];
  }
  return text;
}

std::vector<std::string> TokensOf(std::string_view source) {
  std::vector<std::string> tokens;
  LuaScanner scanner(source.data(), source.size());
  for (LuaToken token = scanner.Next(); token.kind != LuaTokenKind::kEnd; token = scanner.Next()) {
    tokens.emplace_back(token.text());
  }
  return tokens;
}

using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("the scanner finds the tokens Lua finds, whatever the text") {
  const State state(luaL_newstate());
  const int rounds = std::getenv("SLOTH_STRESS") ? 2'000'000 : 20'000;
  Random random(20240229);
  for (int round = 0; round < rounds; round++) {
    const std::string text = RandomText(&random);
    if (WideningIsRight(state.get(), text)) continue;
    CAPTURE(round);
    FAIL_CHECK(text);
  }
}

TEST_CASE("dots are told apart from concatenation, varargs and numerals") {
  CHECK(TokensOf("a.b..c...") == Tokens{"a", ".", "b", "..", "c", "..."});
  CHECK(TokensOf("3. end") == Tokens{"3.", "end"});
  CHECK(TokensOf("3.end 3.or") == Tokens{"3.en", "d", "3.o", "r"});
  CHECK(TokensOf("1E+5 0X1P-2 0XE+1") == Tokens{"1E+5", "0X1P-2", "0XE", "+", "1"});
  CHECK(TokensOf(".5 3..2 0x.p1 0xA.8p-3 1e+5") == Tokens{".5", "3..2", "0x.p1", "0xA.8p-3", "1e+5"});
  CHECK(TokensOf("0xe+1 3-4") == Tokens{"0xe", "+", "1", "3", "-", "4"});
  CHECK(TokensOf("a.....b") == Tokens{"a", "...", "..", "b"});
}

TEST_CASE("comments and blanks are no tokens") {
  CHECK(TokensOf("a -- b\nc") == Tokens{"a", "c"});
  CHECK(TokensOf("a --[[ b\n]] c") == Tokens{"a", "c"});
  CHECK(TokensOf("a --[==[ ]] ]=] ]]==] c") == Tokens{"a", "c"});
  CHECK(TokensOf("a --[==x ]==]\nc") == Tokens{"a", "c"});
  CHECK(TokensOf("a - -b") == Tokens{"a", "-", "-", "b"});
  CHECK(TokensOf("--") == Tokens{});
}

TEST_CASE("strings end where Lua ends them") {
  CHECK(TokensOf(R"("a\"b" 'c"\\' d)") == Tokens{R"("a\"b")", R"('c"\\')", "d"});
  CHECK(TokensOf("'a\\\r\nb' c") == Tokens{"'a\\\r\nb'", "c"});
  CHECK(TokensOf("'a\\z \n \r\n  b' c") == Tokens{"'a\\z \n \r\n  b'", "c"});
  CHECK(TokensOf("[=[a]]b]=] c[ [[d]] ]") == Tokens{"[=[a]]b]=]", "c", "[", "[[d]]", "]"});
}

TEST_CASE("a first line with # is a comment") {
  CHECK(TokensOf("#!/usr/bin/env it's\na") == Tokens{"a"});
  CHECK(TokensOf("\xEF\xBB\xBF# it's\na") == Tokens{"a"});
  CHECK(TokensOf("a #b") == Tokens{"a", "#", "b"});
}

TEST_CASE("what never ends goes to the end of the text") {
  CHECK(TokensOf("[[a") == Tokens{"[[a"});
  CHECK(TokensOf("\"a") == Tokens{"\"a"});
  CHECK(TokensOf("\"a\\") == Tokens{"\"a\\"});
  CHECK(TokensOf("--[[a") == Tokens{});
  CHECK(TokensOf("") == Tokens{});
}

TEST_CASE("the reserved words are Lua's") {
  const State state(luaL_newstate());
  CHECK(std::size(kReservedWords) == NUM_RESERVED);
  for (const std::string word : kReservedWords) {
    const Lexed lexed = LexWithLua(state.get(), word);
    CHECK(lexed.tokens[0].token >= TK_AND);
    CHECK(lexed.tokens[0].token <= TK_WHILE);
    CHECK(ReservedLuaWord(word) == word);
    CHECK(ReservedLuaWord(word + "s") == nullptr);
  }
  for (const std::string_view piece : kPieces) CHECK(ReservedLuaWord(piece) == nullptr);
}

}  // namespace sloth::testing

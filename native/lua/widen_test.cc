// What the widening changes in a text, and what it leaves alone.
#include "lua/widen.h"

#include <string>
#include <string_view>

#include "lua/widen_testing.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

// The text with the placeholder put for each «.
std::string Marked(std::string_view text) {
  constexpr std::string_view kMark = "«";
  std::string result;
  for (size_t at; (at = text.find(kMark)) != text.npos; text.remove_prefix(at + kMark.size())) {
    result.append(text, 0, at);
    result += kWordPlaceholderPrefix;
  }
  return result.append(text);
}

std::string Message(std::string_view text) { return RestoreMessage(text.data(), text.size()); }

}  // namespace

TEST_CASE("what is valid Lua, and what Lua will refuse anyway, is left byte for byte") {
  constexpr std::string_view kUnchanged[] = {
      "",
      "for i = 1, 3 do if i == 2 then goto continue end ::continue::end",
      "for i = 1, 3 do goto a ::a:: --[[:]] end",
      "function f(...) return ...end",
      "function f(...) local a = {...}return a end",
      "x = \"a\"..not y",
      "x = y..not z",
      "x = y.. not z",
      "x = y..\nnil",
      "function f() z = 3. end",
      "function f() z = 3.\nend",
      "function f() z = .5 end",
      "function f() z = 0x. end",  // one malformed numeral
      "function f() z = 0x1. end",
      "function f() z = 0xA.8p-3 end",
      "function f() z = 0x.1 end",
      "if x == 1e+5 then y = 3 ..4 end",
      "if 3. then end",
      "if 3.and then end",  // the malformed numeral 3.a
      "s = [[x:then(a)]]",
      "s = [==[ ]] ]=] x:then(a) ]==]",
      "s = [[\n.end]]",
      "s = 'x:then(a)' t = \"y.end\"",
      "s = 'it\\'s.end' t = \"\\\".end\" u = 'a\\\\'",
      "s = 'a\\z   \n  .end'",
      "s = 'a\\\n.end' t = 'a\\\r\n.end'",
      "a.b.c = x",
      "a:b():c{d = 1}",
      "local x <const>, y <close> = 1, nil",
      "x = 1 -- see y:then(z)",
      "x = 1 --.end\ny = 2",
      "x = 1 --[[ :then ]] y = 2",
      "x = 1 --[==[ ]] :then ]==] y = 2",
      "x = 1 --[= .end\ny = 2",
      "x = t.andy + t.ending + t.If + t.END + t._end + t.end1",
      "t = {['end'] = 1, then_ = 2}",
      "#!/usr/bin/env .end\nx = 1",
      "x = \"\\u{2E}\" if x then end",
      "x = a and.5 or.6",  // numerals behind words
      "return'.'",
      "\x1BLua.end",
      "\"unfinished .end\n",
      "[[unfinished .end",
      "--[[unfinished .end",
      "x = '\\",
  };
  for (std::string_view source : kUnchanged) CHECK(Widened(source) == source);
}

TEST_CASE("every reserved word is a name after a dot or a colon") {
  for (const std::string word : kReservedWords) {
    CHECK(Widened("t." + word) == Marked("t.«" + word));
    CHECK(Widened("t:" + word + "()") == Marked("t:«" + word + "()"));
    CHECK(Widened("function t." + word + "." + word + ":" + word + "() end") ==
          Marked("function t.«" + word + ".«" + word + ":«" + word + "() end"));
    CHECK(Widened(word) == word);
    CHECK(Widened("t[" + word + "]") == "t[" + word + "]");
  }
}

TEST_CASE("blanks, line breaks and comments may stand before the word") {
  constexpr std::string_view kSources[][2] = {
      {"when(x):then(a):else(b)", "when(x):«then(a):«else(b)"},
      {"when(x)\n  :then(a)\n  :else(b)", "when(x)\n  :«then(a)\n  :«else(b)"},
      {"t. end", "t. «end"},
      {"t.\r\n\tend", "t.\r\n\t«end"},
      {"t. --[[.]] end", "t. --[[.]] «end"},
      {"t: -- : then\nthen()", "t: -- : then\n«then()"},
      {"x.end.if.a.or", "x.«end.«if.a.«or"},
      {"x.end..y.end", "x.«end..y.«end"},
      {"::a::t.end = 1", "::a::t.«end = 1"},
      {"(...).end = ('x'):end()", "(...).«end = ('x'):«end()"},
      {"t.end'x':then[[y]]:do{}", "t.«end'x':«then[[y]]:«do{}"},
      {"if t.if then t.then = t.end end", "if t.«if then t.«then = t.«end end"},
      {"return{t.end,...}", "return{t.«end,...}"},
      {"\xEF\xBB\xBF#!it's\nt.end", "\xEF\xBB\xBF#!it's\nt.«end"},
  };
  for (const auto& [source, widened] : kSources) CHECK(Widened(source) == Marked(widened));
}

TEST_CASE("names and strings that look like placeholders are escaped") {
  constexpr std::string_view kSources[][2] = {
      {"local «end = t.«end", "local «_«end = t.«_«end"},
      {"«x = 1 goto «y ::«y::", "«_«x = 1 goto «_«y ::«_«y::"},
      {"« = «_", "«_« = «_«_"},
      {"s = '«end'", "s = '«_«end'"},
      {"s = \"«end\"", "s = \"«_«end\""},
      {"s = [[«end]]", "s = [[«_«end]]"},
      {"s = [=[\r\n«end]=]", "s = [=[\r\n«_«end]=]"},
      {"s = '\\95sloth_word_end'", "s = '«_\\95sloth_word_end'"},
      {"s = '\\095s\\x6c\\u{6F}th_\\z \n word_'", "s = '«_\\095s\\x6c\\u{6F}th_\\z \n word_'"},
      {"s = '\\z  «'", "s = '«_\\z  «'"},
  };
  for (const auto& [source, widened] : kSources) CHECK(Widened(Marked(source)) == Marked(widened));
}

TEST_CASE("names and strings that only resemble placeholders stay") {
  constexpr std::string_view kSources[] = {
      "_sloth_word = 1",        "x_sloth_word_end = 1",    "s = 'a _sloth_word_end'",
      "s = '\\_sloth_word_'",   "s = '_sloth_word'",       "s = '\\n_sloth_word_'",
      "s = '\\950loth_word_'",  "-- _sloth_word_end",      "s = '_sloth\\u{25F}word_'",
      "s = '_sloth\\x5Gword_'", "s = '\\0095sloth_word_'", "s = '\\u{100000000000000005F}sloth_word_'",
  };
  for (std::string_view source : kSources) CHECK(Widened(source) == source);
}

TEST_CASE("the widened text is appended to what is there") {
  GrowArray<char> out;
  const std::string_view source = "t.end";
  REQUIRE(out.TryAppend("ab", 2));
  REQUIRE(TryWiden(source.data(), source.size(), &out));
  CHECK(std::string(out.data(), out.size()) == "ab" + Marked("t.«end"));
}

TEST_CASE("a placeholder stands for its word and nothing else does") {
  for (const std::string word : kReservedWords) {
    const std::string name = kWordPlaceholderPrefix + word;
    CHECK(WordOfPlaceholder(name.data(), name.size()) == word);
    CHECK(WordOfPlaceholder(word.data(), word.size()) == nullptr);
  }
  for (const std::string_view name :
       {"", "_", "_sloth_word_", "_sloth_word__", "_sloth_word_x", "_sloth_word_ends", "_sloth_word_End",
        "_sloth_word___sloth_word_end", "_sloth_wor"}) {
    CHECK(WordOfPlaceholder(name.data(), name.size()) == nullptr);
  }
}

TEST_CASE("messages say what the user wrote") {
  constexpr std::string_view kMessages[][2] = {
      {"f:1: too many registers near '«end'", "f:1: too many registers near 'end'"},
      {"f:1: syntax error near '«_«end'", "f:1: syntax error near '«end'"},
      {"f:1: label '«_«x' already defined on line 1", "f:1: label '«x' already defined on line 1"},
      {"f:1: <goto «_«x> at line 1 jumps into the scope of local '«_«y'",
       "f:1: <goto «x> at line 1 jumps into the scope of local '«y'"},
      {"f:1: unknown attribute '«_«x'", "f:1: unknown attribute '«x'"},
      {"f:1: unfinished string near '\"«_«x'", "f:1: unfinished string near '\"«x'"},
      {"f:1: unfinished long string (starting at line 1) near '[==[«_«x'",
       "f:1: unfinished long string (starting at line 1) near '[==[«x'"},
      {"error loading 'm':\n\tf:1: oops near '«end' and near '«then'",
       "error loading 'm':\n\tf:1: oops near 'end' and near 'then'"},
      // The user's own text.
      {"f:1: syntax error near '\"of local '«end'\"'", "f:1: syntax error near '\"of local '«end'\"'"},
      {"«end.sloth:1: '=' expected near '«x'", "«end.sloth:1: '=' expected near '«x'"},
      {"f:1: unfinished string near '\"a «end'", "f:1: unfinished string near '\"a «end'"},
      {"f:1: unfinished string near '\"a «_«end'", "f:1: unfinished string near '\"a «_«end'"},
      {"near '«", "near '«"},
      {"«", "«"},
      {"", ""},
  };
  for (const auto& [message, restored] : kMessages) CHECK(Message(Marked(message)) == Marked(restored));
}

}  // namespace sloth::testing

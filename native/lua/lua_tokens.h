// The tokens of a Lua 5.4 source text, found without Lua: as much of its lexer as it takes to know what is a
// name, a string, a comment or a lone "." or ":". Agrees with llex.c on every text up to the first lexical
// error, and goes on after one in some way: the compiler reports it.
//
// A scanner owns nothing and belongs to one thread; the text must outlive it. It never allocates, never
// raises and never reads beyond the text, which may hold any bytes, zeros included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sloth {

enum class LuaTokenKind : uint8_t {
  kEnd,
  kName,         // an identifier or a reserved word
  kShortString,  // in quotes
  kLongString,   // in brackets
  kNumeral,
  kDot,    // one ".", neither part of "..", "..." nor of a numeral
  kColon,  // one ":", not part of "::"
  kOther,  // "..", "...", "::", or any one other character: "==" comes as two tokens
};

struct LuaToken {
  LuaTokenKind kind;
  const char* begin;
  const char* end;
  const char*
      content;  // a string's first byte, behind the quote or behind "[[" and a line break; else `begin`

  std::string_view text() const { return {begin, static_cast<size_t>(end - begin)}; }
};

class LuaScanner {
 public:
  // A first line that starts with "#" is a comment, as for Lua's own loadfile; a byte order mark may stand
  // before it.
  LuaScanner(const char* source, size_t length);
  LuaScanner(const LuaScanner&) = delete;
  LuaScanner& operator=(const LuaScanner&) = delete;

  // The next token; kEnd for ever once the text has ended.
  LuaToken Next();

 private:
  bool More() const { return at_ != end_; }
  bool At(char c) const { return at_ != end_ && *at_ == c; }
  bool AtClass(uint8_t classes) const;
  LuaToken Since(const char* begin, LuaTokenKind kind) const { return {kind, begin, at_, begin}; }

  void SkipBlanksAndComments();
  void SkipComment();
  void SkipLine();
  void SkipLineBreak();
  size_t SkipLongBracket();
  void SkipLongText(size_t level);
  void SkipNumeral();
  void SkipEscape();
  LuaToken NextName();
  LuaToken NextShortString();
  LuaToken NextLongString();
  LuaToken NextDots();

  const char* at_;
  const char* const end_;
};

// Whether `word` is one of Lua's 22 reserved words. The answer is that word in static storage, ended by a
// zero, or null.
const char* ReservedLuaWord(std::string_view word);

// Whether the value of the string token starts with `prefix`, its escapes read. `prefix` holds letters,
// digits and underscores only.
bool LuaStringStartsWith(const LuaToken& token, std::string_view prefix);

}  // namespace sloth

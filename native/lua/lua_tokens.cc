#include "lua/lua_tokens.h"

#include <array>
#include <cstring>

namespace sloth {
namespace {

// Character classes of lctype.h, in Lua's own reading: ASCII, whatever the locale says.
constexpr uint8_t kBlank = 1;      // all white space, line breaks too
constexpr uint8_t kLineBreak = 2;  // \n and \r
constexpr uint8_t kNameStart = 4;
constexpr uint8_t kDigit = 8;
constexpr uint8_t kHexDigit = 16;

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; c++) {
    bool digit = c >= '0' && c <= '9';
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool hex_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (c == ' ' || (c >= '\t' && c <= '\r')) classes[c] |= kBlank;
    if (c == '\n' || c == '\r') classes[c] |= kLineBreak;
    if (letter || c == '_') classes[c] |= kNameStart;
    if (digit) classes[c] |= kDigit;
    if (digit || hex_letter) classes[c] |= kHexDigit;
  }
  return classes;
}();

bool Is(char c, uint8_t classes) { return kClasses[static_cast<unsigned char>(c)] & classes; }

constexpr const char* kReserved[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                     "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                     "repeat",   "return", "then", "true", "until",  "while"};

int HexValue(char c) { return Is(c, kDigit) ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace

LuaScanner::LuaScanner(const char* source, size_t length) : at_(source), end_(source + length) {
  if (length >= 3 && std::memcmp(source, "\xEF\xBB\xBF", 3) == 0) at_ += 3;
  if (At('#')) {
    while (More() && *at_ != '\n') at_++;
  } else {
    at_ = source;
  }
}

bool LuaScanner::AtClass(uint8_t classes) const { return at_ != end_ && Is(*at_, classes); }

LuaToken LuaScanner::Next() {
  SkipBlanksAndComments();
  const char* begin = at_;
  if (!More()) return Since(begin, LuaTokenKind::kEnd);
  if (AtClass(kNameStart)) return NextName();
  switch (*at_) {
    case '"':
    case '\'': return NextShortString();
    case '[': return NextLongString();
    case '.': return NextDots();
    case ':':
      at_++;
      if (!At(':')) return Since(begin, LuaTokenKind::kColon);
      break;
    default:
      if (AtClass(kDigit)) {
        SkipNumeral();
        return Since(begin, LuaTokenKind::kNumeral);
      }
  }
  at_++;
  return Since(begin, LuaTokenKind::kOther);
}

void LuaScanner::SkipBlanksAndComments() {
  for (;;) {
    while (AtClass(kBlank)) at_++;
    if (end_ - at_ < 2 || at_[0] != '-' || at_[1] != '-') return;
    at_ += 2;
    SkipComment();
  }
}

void LuaScanner::SkipComment() {
  if (At('[')) {
    if (size_t level = SkipLongBracket(); level > 0) {
      SkipLongText(level);
      return;
    }
  }
  SkipLine();
}

void LuaScanner::SkipLine() {
  while (More() && !Is(*at_, kLineBreak)) at_++;
}

// \r\n and \n\r are one line break.
void LuaScanner::SkipLineBreak() {
  char first = *at_++;
  if (AtClass(kLineBreak) && *at_ != first) at_++;
}

// At a bracket: skips it, the "=" behind it and, if there is one, the second bracket of the same kind; then
// the answer is 1 + the number of "=". Without a second bracket the answer is 0.
size_t LuaScanner::SkipLongBracket() {
  const char bracket = *at_++;
  size_t level = 1;
  for (; At('='); at_++) level++;
  if (!At(bracket)) return 0;
  at_++;
  return level;
}

// Skips to behind the closing bracket of this level, or to the end of the text.
void LuaScanner::SkipLongText(size_t level) {
  while (More()) {
    at_ = static_cast<const char*>(std::memchr(at_, ']', end_ - at_));
    if (!at_) {
      at_ = end_;
      return;
    }
    const size_t closing = SkipLongBracket();
    if (closing == level) return;
    if (closing > 0) at_--;  // its second bracket may be the first of another
  }
}

LuaToken LuaScanner::NextName() {
  const char* begin = at_;
  while (AtClass(kNameStart | kDigit)) at_++;
  return Since(begin, LuaTokenKind::kName);
}

LuaToken LuaScanner::NextShortString() {
  const char* begin = at_;
  const char quote = *at_++;
  while (More() && !Is(*at_, kLineBreak)) {
    const char c = *at_;
    if (c == '\\') {
      SkipEscape();
      continue;
    }
    at_++;
    if (c == quote) break;
  }
  return {LuaTokenKind::kShortString, begin, at_, begin + 1};
}

// Skips as much of an escape as could be mistaken for something else.
void LuaScanner::SkipEscape() {
  at_++;
  if (!More()) return;
  if (Is(*at_, kLineBreak)) {
    SkipLineBreak();
    return;
  }
  const bool zaps_blanks = *at_++ == 'z';
  while (zaps_blanks && AtClass(kBlank)) at_++;
}

LuaToken LuaScanner::NextLongString() {
  const char* begin = at_;
  const size_t level = SkipLongBracket();
  if (level == 0) return Since(begin, LuaTokenKind::kOther);
  if (AtClass(kLineBreak)) SkipLineBreak();
  const char* content = at_;
  SkipLongText(level);
  return {LuaTokenKind::kLongString, begin, at_, content};
}

LuaToken LuaScanner::NextDots() {
  const char* begin = at_++;
  if (AtClass(kDigit)) {
    SkipNumeral();
    return Since(begin, LuaTokenKind::kNumeral);
  }
  if (!At('.')) return Since(begin, LuaTokenKind::kDot);
  at_++;
  if (At('.')) at_++;
  return Since(begin, LuaTokenKind::kOther);
}

// From the first digit on, as generous as Lua: "3..2" and "0x1p" are one malformed numeral, "3.end" starts
// with one.
void LuaScanner::SkipNumeral() {
  const char first = *at_++;
  char exponent = 'e';
  if (first == '0' && (At('x') || At('X'))) {
    at_++;
    exponent = 'p';
  }
  while (More()) {
    if ((*at_ | 0x20) == exponent) {
      at_++;
      if (At('+') || At('-')) at_++;
    } else if (Is(*at_, kHexDigit) || *at_ == '.') {
      at_++;
    } else {
      break;
    }
  }
  if (AtClass(kNameStart)) at_++;
}

const char* ReservedLuaWord(std::string_view word) {
  for (const char* reserved : kReserved) {
    if (word == reserved) return reserved;
  }
  return nullptr;
}

namespace {

// Reads the value of a short string byte by byte, as far as its bytes are ASCII.
class ShortStringReader {
 public:
  ShortStringReader(const char* at, const char* end) : at_(at), end_(end) {}

  // The next byte of the value; -1 at the end, at an error and at anything no prefix holds.
  int Next() {
    SkipZaps();
    if (at_ == end_) return -1;
    if (*at_ != '\\') return static_cast<unsigned char>(*at_++);
    at_++;
    if (at_ == end_) return -1;
    if (Is(*at_, kDigit)) return Decimal();
    if (*at_ == 'x') return Hexadecimal();
    if (*at_ == 'u') return Utf8();
    return -1;
  }

 private:
  void SkipZaps() {
    while (end_ - at_ >= 2 && at_[0] == '\\' && at_[1] == 'z') {
      at_ += 2;
      while (at_ != end_ && Is(*at_, kBlank)) at_++;
    }
  }
  int Decimal() {
    int value = 0;
    for (int i = 0; i < 3 && at_ != end_ && Is(*at_, kDigit); i++) value = value * 10 + (*at_++ - '0');
    return value;
  }
  int Hexadecimal() {
    if (end_ - at_ < 3 || !Is(at_[1], kHexDigit) || !Is(at_[2], kHexDigit)) return -1;
    const int value = HexValue(at_[1]) * 16 + HexValue(at_[2]);
    at_ += 3;
    return value;
  }
  int Utf8() {
    if (end_ - at_ < 3 || at_[1] != '{' || !Is(at_[2], kHexDigit)) return -1;
    int value = 0;
    for (at_ += 2; at_ != end_ && Is(*at_, kHexDigit); at_++) {
      value = value * 16 + HexValue(*at_);
      if (value > 0x7F) return -1;
    }
    if (at_ == end_ || *at_ != '}') return -1;
    at_++;
    return value;
  }

  const char* at_;
  const char* const end_;
};

}  // namespace

bool LuaStringStartsWith(const LuaToken& token, std::string_view prefix) {
  const std::string_view content(token.content, token.end - token.content);
  if (token.kind == LuaTokenKind::kLongString) return content.starts_with(prefix);
  // The closing quote, if there is one, is in the way of no prefix.
  ShortStringReader reader(token.content, token.end);
  for (char expected : prefix) {
    if (reader.Next() != expected) return false;
  }
  return true;
}

}  // namespace sloth

// Random programs from a small grammar: valid Lua is not changed, and a widened program compiles to the very
// code of the same program with other names.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "lua/internals.h"
#include "lua/widen_testing.h"

extern "C" {
#include "lvm.h"
}

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

constexpr const char* kNames[] = {"a",    "b",  "self", "t",  "ending", "_end",
                                  "nott", "If", "_",    "e1", "f_",     "_sloth_wor"};
constexpr const char* kNumerals[] = {"3.",   ".5",      "3",      "0x1.", "0xA.8p-3",
                                     "1e+5", "3.25E-2", "0x.1p4", "0xfe", "0"};
constexpr const char* kStrings[] = {"'x:then(a)'",
                                    "\".end\"",
                                    "'it\\'s.end'",
                                    "'\\z\n  .end'",
                                    "'\\\r\n.end'",
                                    "[[:then]]",
                                    "[==[\n]] ]=] .end]==]",
                                    "'\\u{2E}end'",
                                    "\"\\\\\"",
                                    "'--'",
                                    "''"};
constexpr const char* kBlanks[] = {
    " ",    " ",     " ", "\n", "\t", "\r\n", " -- x:then .end '\n", "--[[ .end\n:]]", "--[==[ ]] \" ]==]",
    "--\n", "--[=\n"};
constexpr const char* kBinary[] = {"..", "..", "+", "-", "==", "<", "//", "and", "or", "~"};
constexpr const char* kMarkedNames[] = {"_sloth_word_end", "_sloth_word_", "_sloth_word__", "_sloth_word_x"};

// A token, and the blanks before it if there are any. The second form of a marked token has an "x" at `mark`.
struct Piece {
  std::string blanks;
  std::string text;
  size_t mark = std::string::npos;
};

std::string Rendered(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.blanks + piece.text;
  return text;
}

std::string RenderedWithOtherNames(std::vector<Piece> pieces) {
  for (Piece& piece : pieces) {
    if (piece.mark != std::string::npos) piece.text.insert(piece.mark, "x");
  }
  return Rendered(pieces);
}

enum class Names { kPlain, kWidened };

class Program {
 public:
  Program(uint64_t seed, Names names) : random_(seed), names_(names) {
    Put("local a , b , self , t");
    Block(4);
  }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  uint32_t Below(uint32_t bound) { return random_.Below(bound); }
  template <size_t kCount>
  const char* One(const char* const (&choices)[kCount]) {
    return choices[Below(kCount)];
  }

  static bool Merge(const std::string& left, char right) {
    const char last = left.back();
    const bool joins_name = std::isalnum(static_cast<unsigned char>(right)) || right == '_';
    const bool numeral = std::isdigit(static_cast<unsigned char>(left[0])) ||
                         (left.size() > 1 && left[0] == '.' && left[1] != '.');
    if (numeral) return joins_name || right == '.' || right == '+' || right == '-';
    if (std::isalnum(static_cast<unsigned char>(last)) || last == '_') return joins_name;
    if (last == '.') return right == '.' || std::isdigit(static_cast<unsigned char>(right));
    return std::string_view("-[=<>~/:").find(last) != std::string_view::npos &&
           std::string_view("-[=<>~/:").find(right) != std::string_view::npos;
  }

  void PutToken(std::string text, size_t mark = std::string::npos) {
    const bool needed = !pieces_.empty() && Merge(pieces_.back().text, text[0]);
    std::string blanks;
    if (needed) blanks = " ";
    for (uint32_t more = Below(3) ? 0 : Below(3); more > 0; more--) blanks += One(kBlanks);
    // A comment right behind a minus would be longer than it looks.
    if (blanks[0] == '-' && !pieces_.empty() && pieces_.back().text.back() == '-') blanks.insert(0, " ");
    pieces_.push_back({blanks, std::move(text), mark});
  }
  // Tokens with single blanks between them.
  void Put(std::string_view tokens) {
    for (size_t at; (at = tokens.find(' ')) != tokens.npos; tokens.remove_prefix(at + 1)) {
      PutToken(std::string(tokens.substr(0, at)));
    }
    PutToken(std::string(tokens));
  }

  void Name() {
    if (names_ == Names::kWidened && Below(4) == 0) return PutToken(One(kMarkedNames), 0);
    PutToken(One(kNames));
  }
  // A name nothing assigns to.
  void ConstantName() {
    if (names_ == Names::kWidened) return PutToken("_sloth_word_fixed", 0);
    PutToken("fixed");
  }
  // The name behind a dot or a colon.
  void Field() {
    if (names_ == Names::kWidened && Below(2) == 0) return PutToken(One(kReservedWords), 0);
    Name();
  }
  void String() {
    if (names_ == Names::kPlain || Below(3)) return PutToken(One(kStrings));
    switch (Below(4)) {
      case 0: return PutToken("'_sloth_word_end'", 1);
      case 1: return PutToken("[=[\n_sloth_word_]=]", 4);
      case 2: return PutToken("\"\\95sl\\x6fth_word_then\"", 1);
      default: return PutToken("'\\z _sloth_\\u{77}ord__'", 1);
    }
  }
  void Prefix(int depth) {
    Name();
    for (uint32_t more = Below(4); more > 0; more--) {
      switch (Below(4)) {
        case 0:
        case 1: Put("."), Field(); break;
        case 2: Put("["), Expression(depth - 1), Put("]"); break;
        case 3: Call(depth); break;
      }
    }
  }
  void Call(int depth) {
    if (Below(2)) Put(":"), Field();
    switch (Below(3)) {
      case 0: return String();
      case 1: return Put("{ }");
      default: Put("("), Expression(depth - 1), Put(")");
    }
  }
  void Expression(int depth) {
    switch (Below(depth > 0 ? 12 : 5)) {
      case 0: return PutToken(One(kNumerals));
      case 1: return String();
      case 2: return Below(4) ? Name() : ConstantName();
      case 3: return PutToken(Below(2) ? "nil" : "true");
      case 4: return Put("...");
      case 5: return Put("not"), Expression(depth - 1);
      case 6: return Put("-"), Expression(depth - 1);
      case 7:
        return Put("{ a ="), Expression(depth - 1), Put(", ["), Expression(depth - 1), Put("] ="),
               Expression(depth - 1), Put("}");
      case 8: return Put("function ( ... )"), Block(depth - 1), Put("end");
      case 9: return Prefix(depth - 1);
      default: Expression(depth - 1), PutToken(One(kBinary)), Expression(depth - 1);
    }
  }
  void Block(int depth) {
    for (uint32_t statements = Below(4); statements > 0; statements--) Statement(depth);
    if (Below(3) == 0) Put("return"), Expression(depth);
  }
  void Statement(int depth) {
    switch (Below(depth > 0 ? 10 : 3)) {
      case 0: return Put("local"), Name(), Put("="), Expression(depth);
      case 1: return Put("; local"), ConstantName(), Put("< const > ="), Expression(depth - 1);
      case 2: return Put(";"), Name(), Put("."), Field(), Put("="), Expression(depth - 1);
      case 3:
        return Put("if"), Expression(depth - 1), Put("then"), Block(depth - 1), Put("else"), Block(depth - 1),
               Put("end");
      case 4: return Put("while"), Expression(depth - 1), Put("do"), Block(depth - 1), Put("end");
      case 5:
        return Put("for"), Name(), Put("= 1 ,"), Expression(depth - 1), Put("do"), Block(depth - 1),
               Put("end");
      case 6: return Put("repeat"), Block(depth - 1), Put("until"), Expression(depth - 1);
      case 7: return Function(depth);
      case 8: return Jump();
      default: Put(";"), Prefix(depth), Call(depth);
    }
  }
  void Function(int depth) {
    Put("function"), Name();
    if (Below(2)) Put("."), Field();
    if (Below(2)) Put(":"), Field();
    Put("( a , ... )"), Block(depth - 1), Put("end");
  }
  void Jump() {
    const std::string label = "l" + std::to_string(++labels_);
    if (names_ == Names::kWidened && Below(2)) {
      Put("do goto"), PutToken("_sloth_word_" + label, 0), Put("::"), PutToken("_sloth_word_" + label, 0);
    } else {
      Put("do goto " + label + " :: " + label);
    }
    Put(Below(2) ? ":: end" : ":: :: last :: end");
  }

  Random random_;
  const Names names_;
  int labels_ = 0;
  std::vector<Piece> pieces_;
};

// Loads widened text as it is to be loaded; nothing on the stack then but the function or the message.
bool Load(lua_State* L, std::string_view source) {
  GrowArray<char> out;
  lua_settop(L, 0);
  if (!TryWiden(source.data(), source.size(), &out)) return false;
  if (luaL_loadbufferx(L, out.data(), out.size(), "=t", "t") != LUA_OK) return false;
  RestoreWords(L, -1);
  return true;
}

// Whether `other` is the name or string `name` of the other rendering.
bool SameString(const TString* name, const TString* other) {
  if (!name || !other) return name == other;
  const std::string text(getstr(name), tsslen(name));
  const std::string_view seen(getstr(other), tsslen(other));
  return seen == text || seen == "x" + text;
}

bool SameConstant(const TValue& constant, const TValue& other) {
  if (!ttisstring(&constant) || !ttisstring(&other)) return luaV_rawequalobj(&constant, &other);
  return SameString(tsvalue(&constant), tsvalue(&other));
}

bool SameCode(const Proto* proto, const Proto* other) {
  if (proto->sizecode != other->sizecode || proto->sizek != other->sizek || proto->sizep != other->sizep)
    return false;
  if (proto->sizelineinfo != other->sizelineinfo || proto->sizelocvars != other->sizelocvars) return false;
  if (proto->linedefined != other->linedefined || proto->lastlinedefined != other->lastlinedefined)
    return false;
  if (std::memcmp(proto->code, other->code, proto->sizecode * sizeof(Instruction)) != 0) return false;
  if (std::memcmp(proto->lineinfo, other->lineinfo, proto->sizelineinfo) != 0) return false;
  for (int i = 0; i < proto->sizek; i++) {
    if (!SameConstant(proto->k[i], other->k[i])) return false;
  }
  for (int i = 0; i < proto->sizelocvars; i++) {
    if (!SameString(proto->locvars[i].varname, other->locvars[i].varname)) return false;
  }
  for (int i = 0; i < proto->sizeupvalues; i++) {
    if (!SameString(proto->upvalues[i].name, other->upvalues[i].name)) return false;
  }
  for (int i = 0; i < proto->sizep; i++) {
    if (!SameCode(proto->p[i], other->p[i])) return false;
  }
  return true;
}

const Proto* LoadedProto(lua_State* L) {
  return gco2lcl(static_cast<GCObject*>(const_cast<void*>(lua_topointer(L, -1))))->p;
}

uint64_t Rounds() { return std::getenv("SLOTH_STRESS") ? 200'000 : 2'000; }

}  // namespace

TEST_CASE("no valid Lua program is changed") {
  const State state(luaL_newstate());
  uint64_t compiled = 0;
  for (uint64_t seed = 0; seed < Rounds(); seed++) {
    const std::string source = Rendered(Program(seed, Names::kPlain).pieces());
    GrowArray<char> out;
    REQUIRE(TryWiden(source.data(), source.size(), &out));
    CAPTURE(seed);
    if (source != std::string_view(out.data(), out.size())) FAIL_CHECK(source);
    lua_settop(state.get(), 0);
    const bool ok = luaL_loadbufferx(state.get(), source.data(), source.size(), "=t", "t") == LUA_OK;
    CAPTURE(source);
    if (!ok) FAIL_CHECK(std::string(lua_tostring(state.get(), -1)));
    compiled += ok;
  }
  CHECK(compiled > Rounds() * 9 / 10);
}

TEST_CASE("a widened program compiles to the code of the same program with other names") {
  const State state(luaL_newstate());
  const State other_state(luaL_newstate());
  for (uint64_t seed = 0; seed < Rounds(); seed++) {
    const Program program(seed, Names::kWidened);
    const std::string source = Rendered(program.pieces());
    const std::string other = RenderedWithOtherNames(program.pieces());
    CAPTURE(seed);
    CAPTURE(source);
    lua_settop(other_state.get(), 0);
    const bool ok = luaL_loadbufferx(other_state.get(), other.data(), other.size(), "=t", "t") == LUA_OK;
    if (Load(state.get(), source) != ok)
      FAIL_CHECK(std::string(lua_tostring(ok ? state.get() : other_state.get(), -1)));
    else if (ok && !SameCode(LoadedProto(state.get()), LoadedProto(other_state.get())))
      FAIL_CHECK("other code");
  }
}

}  // namespace sloth::testing

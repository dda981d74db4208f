// For the tests and fuzzers of the widening: judges it on any text by Lua's own lexer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lua/internals.h"
#include "lua/widen.h"

extern "C" {
#include "llex.h"
#include "lzio.h"
}

namespace sloth::testing {

constexpr const char* kReservedWords[] = {
    "and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while"};

struct CloseState {
  void operator()(lua_State* L) const { lua_close(L); }
};
using State = std::unique_ptr<lua_State, CloseState>;

struct LexedToken {
  int token = 0;
  int line = 0;
  std::string text;  // of names, strings and reserved words; numerals as Lua prints them

  bool operator==(const LexedToken&) const = default;
};

struct Lexed {
  std::vector<LexedToken> tokens;
  std::string error;

  bool operator==(const Lexed&) const = default;
};

struct LexJob {
  std::string_view source;
  Lexed* lexed;
  Mbuffer buffer;
};

inline const char* ReadSource(lua_State*, void* data, size_t* size) {
  auto* source = static_cast<std::string_view*>(data);
  *size = source->size();
  const char* text = source->data();
  *source = {};
  return *size ? text : nullptr;
}

inline void AddToken(lua_State* L, const LexState& lex, Lexed* lexed) {
  LexedToken& added = lexed->tokens.emplace_back();
  added.token = lex.t.token;
  added.line = lex.linenumber;
  if (lex.t.token == TK_NAME || lex.t.token == TK_STRING) {
    added.text.assign(getstr(lex.t.seminfo.ts), tsslen(lex.t.seminfo.ts));
  }
  if (lex.t.token == TK_INT) added.text = std::to_string(lex.t.seminfo.i);
  if (lex.t.token == TK_FLT) added.text = std::to_string(lex.t.seminfo.r);
  if (lex.t.token >= TK_AND && lex.t.token <= TK_WHILE) {
    luaX_token2str(const_cast<LexState*>(&lex), lex.t.token);  // pushes 'word'
    size_t length = 0;
    const char* quoted = lua_tolstring(L, -1, &length);
    added.text.assign(quoted + 1, length - 2);
    lua_pop(L, 1);
  }
}

// Protected: raises at the first lexical error. Owns nothing.
inline int LexProtected(lua_State* L) {
  auto* job = static_cast<LexJob*>(lua_touserdata(L, 1));
  LexState lex;
  ZIO input;
  luaL_checkstack(L, 20, nullptr);
  lua_newtable(L);
  lex.h = hvalue(s2v(L->top.p - 1));
  lex.buff = &job->buffer;
  lex.dyd = nullptr;
  lua_pushliteral(L, "=lex");
  luaZ_init(L, &input, ReadSource, &job->source);
  const int first = zgetc(&input);
  luaX_setinput(L, &lex, &input, tsvalue(s2v(L->top.p - 1)), first);
  do {
    luaX_next(&lex);
    AddToken(L, lex, job->lexed);
  } while (lex.t.token != TK_EOS);
  return 0;
}

inline Lexed LexWithLua(lua_State* L, std::string_view source) {
  Lexed lexed;
  LexJob job{source, &lexed, {}};
  luaZ_initbuffer(L, &job.buffer);
  lua_pushcfunction(L, LexProtected);
  lua_pushlightuserdata(L, &job);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    size_t length = 0;
    const char* text = lua_tolstring(L, -1, &length);
    lexed.error.assign(text, length);
    lua_pop(L, 1);
  }
  luaZ_freebuffer(L, &job.buffer);
  return lexed;
}

// What Lua's lexer would say if it knew the widening.
inline Lexed Expected(Lexed lexed) {
  for (size_t i = 1; i < lexed.tokens.size(); i++) {
    const int previous = lexed.tokens[i - 1].token;
    int& token = lexed.tokens[i].token;
    if ((previous == '.' || previous == ':') && token >= TK_AND && token <= TK_WHILE) token = TK_NAME;
  }
  return lexed;
}

// Takes placeholders and escapes out of what Lua's lexer says about a widened text. Written unlike widen.cc
// on purpose.
inline Lexed Restored(Lexed lexed) {
  const std::string prefix = kWordPlaceholderPrefix;
  for (LexedToken& token : lexed.tokens) {
    if ((token.token != TK_NAME && token.token != TK_STRING) || token.text.rfind(prefix, 0) != 0) continue;
    token.text.erase(0, prefix.size());
    if (token.text[0] == '_') token.text.erase(0, 1);
  }
  lexed.error = RestoreMessage(lexed.error.data(), lexed.error.size());
  return lexed;
}

inline std::string Widened(std::string_view source) {
  GrowArray<char> out;
  if (!TryWiden(source.data(), source.size(), &out)) return "out of memory";
  return {out.data(), out.size()};
}

// The compiler's own message about `source`; empty when it compiles.
inline std::string CompileError(lua_State* L, std::string_view source) {
  std::string error;
  if (luaL_loadbufferx(L, source.data(), source.size(), "=lex", "t") != LUA_OK) {
    size_t length = 0;
    const char* text = lua_tolstring(L, -1, &length);
    error.assign(text, length);
  }
  lua_pop(L, 1);
  return error;
}

// Whether Lua's lexer finds in the widened text what it should: the tokens, their lines, and the same error;
// and whether a text in which there was nothing to widen compiles, or fails to, as it did.
inline bool WideningIsRight(lua_State* L, std::string_view source) {
  const std::string widened = Widened(source);
  // Lua's loaders take a first line with "#" away before they lex, and give binary chunks to no lexer.
  if (source.substr(0, 1) == "#" || source.substr(0, 4) == "\xEF\xBB\xBF#" || source.substr(0, 1) == "\x1B") {
    return widened.size() >= source.size();
  }
  const Lexed lexed = LexWithLua(L, source);
  const Lexed expected = Expected(lexed);
  if (expected != Restored(LexWithLua(L, widened))) return false;
  if (expected != lexed) return true;
  const std::string error = CompileError(L, widened);
  return CompileError(L, source) == RestoreMessage(error.data(), error.size());
}

}  // namespace sloth::testing

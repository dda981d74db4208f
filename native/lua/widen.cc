#include "lua/widen.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/check.h"
#include "lua/internals.h"
#include "lua/lua_tokens.h"

namespace sloth {
namespace {

constexpr std::string_view kPrefix = kWordPlaceholderPrefix;
constexpr std::string_view kEscape = "_sloth_word__";  // no reserved word starts with "_"
static_assert(kEscape.substr(0, kPrefix.size()) == kPrefix && kEscape.size() == kPrefix.size() + 1);
// As short strings, the placeholder and the word are used by the same instructions.
static_assert(kPrefix.size() + sizeof "function" - 1 <= LUAI_MAXSHORTLEN);

// The length of the identifier at the start of `text`.
size_t NameLength(std::string_view text) { return LuaScanner(text.data(), text.size()).Next().text().size(); }

// What goes before a name.
std::string_view InsertionFor(std::string_view name, LuaTokenKind previous) {
  if (name.starts_with(kPrefix)) return kEscape;
  if (previous != LuaTokenKind::kDot && previous != LuaTokenKind::kColon) return {};
  return ReservedLuaWord(name) ? kPrefix : std::string_view();
}

// What the user wrote for the compiler's `name`.
std::string_view Original(std::string_view name) {
  if (!name.starts_with(kPrefix)) return name;
  if (name.starts_with(kEscape)) return name.substr(kEscape.size());
  const char* word = ReservedLuaWord(name.substr(kPrefix.size()));
  return word ? std::string_view(word) : name;
}

// The string to put in the place of `string`, or null when that may stay. Raises for memory.
TString* Replacement(lua_State* L, const TString* string) {
  if (!string) return nullptr;
  const std::string_view name(getstr(string), tsslen(string));
  const std::string_view original = Original(name);
  return original.data() == name.data() ? nullptr : luaS_newlstr(L, original.data(), original.size());
}

void RestoreName(lua_State* L, Proto* proto, TString** name) {
  TString* replacement = Replacement(L, *name);
  if (!replacement) return;
  *name = replacement;
  luaC_objbarrier(L, proto, replacement);
}

void RestoreConstant(lua_State* L, Proto* proto, TValue* constant) {
  if (!ttisstring(constant)) return;
  TString* replacement = Replacement(L, tsvalue(constant));
  if (!replacement) return;
  setsvalue2n(L, constant, replacement);
  luaC_barrier(L, proto, constant);
}

// Functions nest at most LUAI_MAXCCALLS deep: the parser sees to that.
void RestoreProto(lua_State* L, Proto* proto) {
  for (int i = 0; i < proto->sizek; i++) RestoreConstant(L, proto, &proto->k[i]);
  for (int i = 0; i < proto->sizeupvalues; i++) RestoreName(L, proto, &proto->upvalues[i].name);
  for (int i = 0; i < proto->sizelocvars; i++) RestoreName(L, proto, &proto->locvars[i].varname);
  for (int i = 0; i < proto->sizep; i++) RestoreProto(L, proto->p[i]);
}

// Whether a compiler's message that goes `before` continues with a name.
bool LeadsToName(std::string_view before) {
  // All of lparser.c and llex.c. Elsewhere the text is the user's own.
  constexpr std::string_view kLeads[] = {"near '",  "attribute '", "variable '",
                                         "local '", "label '",     "<goto "};
  return std::any_of(std::begin(kLeads), std::end(kLeads),
                     [before](auto lead) { return before.ends_with(lead); });
}

// Whether it continues with what an unfinished or misspelt string holds.
bool LeadsToString(std::string_view before) {
  if (before.empty()) return false;
  const char delimiter = before.back();
  before.remove_suffix(1);
  if (delimiter == '[') {
    while (before.ends_with("=")) before.remove_suffix(1);
    if (!before.ends_with("[")) return false;
    before.remove_suffix(1);
  } else if (delimiter != '"' && delimiter != '\'') {
    return false;
  }
  return before.ends_with("near '");
}

}  // namespace

bool TryWiden(const char* source, size_t length, GrowArray<char>* out) {
  if (length > 0 && source[0] == LUA_SIGNATURE[0]) return out->TryAppend(source, length);
  if (!out->TryReserve(length)) return false;
  LuaScanner scanner(source, length);
  const char* copied = source;  // all before it is in `out`
  LuaTokenKind previous = LuaTokenKind::kEnd;
  for (LuaToken token = scanner.Next(); token.kind != LuaTokenKind::kEnd; token = scanner.Next()) {
    const bool is_string =
        token.kind == LuaTokenKind::kShortString || token.kind == LuaTokenKind::kLongString;
    std::string_view insertion;
    if (token.kind == LuaTokenKind::kName) insertion = InsertionFor(token.text(), previous);
    if (is_string && LuaStringStartsWith(token, kPrefix)) insertion = kEscape;
    previous = token.kind;
    if (insertion.empty()) continue;
    if (!out->TryAppend(copied, token.content - copied)) return false;
    if (!out->TryAppend(insertion.data(), insertion.size())) return false;
    copied = token.content;
  }
  return out->TryAppend(copied, source + length - copied);
}

const char* WordOfPlaceholder(const char* name, size_t length) {
  const std::string_view text(name, length);
  return text.starts_with(kPrefix) ? ReservedLuaWord(text.substr(kPrefix.size())) : nullptr;
}

void RestoreWords(lua_State* L, int function_index) {
  CHECK(lua_isfunction(L, function_index) && !lua_iscfunction(L, function_index));
  auto* object = static_cast<GCObject*>(const_cast<void*>(lua_topointer(L, function_index)));
  RestoreProto(L, gco2lcl(object)->p);
}

std::string RestoreMessage(const char* text, size_t length) {
  const std::string_view message(text, length);
  std::string restored;
  restored.reserve(length);
  size_t copied = 0;  // all before it is in `restored`
  for (size_t at = message.find(kPrefix); at != message.npos; at = message.find(kPrefix, at)) {
    const std::string_view before = message.substr(0, at);
    const std::string_view rest = message.substr(at);
    const char* word =
        before.ends_with("near '") ? WordOfPlaceholder(rest.data(), NameLength(rest)) : nullptr;
    const bool escaped = rest.starts_with(kEscape) && rest.substr(kEscape.size()).starts_with(kPrefix) &&
                         (LeadsToName(before) || LeadsToString(before));
    const size_t dropped = word ? kPrefix.size() : escaped ? kEscape.size() : 0;
    restored.append(message, copied, at - copied);
    copied = at + dropped;
    at = copied + 1;  // a prefix that is left there is the user's
  }
  restored.append(message, copied);
  return restored;
}

}  // namespace sloth

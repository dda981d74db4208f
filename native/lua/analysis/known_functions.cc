#include "lua/analysis/known_functions.h"

#include <initializer_list>

#include "lua/internals.h"

namespace sloth {

namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  for (std::string_view candidate : names) {
    if (candidate == name) return true;
  }
  return false;
}

}  // namespace

const AssumedFunction kAssumedFunctions[] = {
    {"_G", "setmetatable"}, {"_G", "rawset"},    {"_G", "ipairs"},    {"_G", "pairs"},      {"_G", "next"},
    {"_G", "pcall"},        {"_G", "xpcall"},    {"_G", "type"},      {"_G", "print"},      {"_G", "tostring"},
    {"_G", "tonumber"},     {"_G", "rawget"},    {"_G", "rawlen"},    {"_G", "rawequal"},   {"_G", "require"},
    {"table", "insert"},    {"table", "remove"}, {"table", "sort"},   {"table", "move"},    {"table", "concat"},
    {"table", "unpack"},    {"math", "random"},  {"math", "floor"},   {"string", "format"}, {"os", "time"},
};
const int kAssumedFunctionCount = sizeof kAssumedFunctions / sizeof kAssumedFunctions[0];

KnownStore StoreOf(const GlobalPath& callee) {
  if (callee.length == 1) {
    if (callee.name == "rawset") return {StoredKey::kArgument, 0};
    if (callee.name == "setmetatable") return {StoredKey::kMetatable, 0};
    return {};
  }
  if (callee.length != 2) return {};
  if (callee.name == "table" && IsOneOf(callee.field, {"insert", "remove", "sort", "move"})) {
    return {StoredKey::kNumber, 0};
  }
  if (callee.Is("os", "time")) return {StoredKey::kAny, 0};
  return {};
}

bool KeepsQuiet(const GlobalPath& callee, uint32_t argument) {
  if (callee.length == 1) {
    if (IsOneOf(callee.name, {"type", "print", "tostring", "tonumber", "rawlen", "rawequal", "ipairs", "pairs", "next"})) {
      return true;
    }
    return argument == 0 && IsOneOf(callee.name, {"rawget", "rawset"});
  }
  if (callee.length != 2) return false;
  if (callee.name == "table") {
    return argument == 0 && IsOneOf(callee.field, {"insert", "remove", "sort", "concat", "unpack"});
  }
  return callee.Is("string", "format") || callee.Is("os", "time");
}

bool IsStoringFunction(const GlobalPath& path) { return StoreOf(path).key != StoredKey::kNone; }

bool IsLibrary(const GlobalPath& path) {
  if (path.IsGlobals()) return true;
  if (path.Is("package", "loaded")) return true;
  return path.length == 1 &&
         IsOneOf(path.name, {"string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package"});
}

bool LoadsCode(const GlobalPath& path) {
  return path.length == 1 && IsOneOf(path.name, {"load", "loadstring", "loadfile", "dofile"});
}

bool RewritesFunctions(const GlobalPath& path) {
  if (path.Is("debug")) return false;  // named as the base of a field; as a value it is a leaked library
  if (path.length != 2 || path.name != "debug") return false;
  return !IsOneOf(path.field, {"traceback", "getinfo", "getlocal", "getupvalue", "gethook", "getmetatable", "upvalueid",
                               "getuservalue"});
}

int EventNamed(std::string_view name) {
  // In the order of TMS (ltm.h).
  static constexpr std::string_view kNames[] = {
      "__index", "__newindex", "__gc",   "__mode", "__len", "__eq",  "__add",  "__sub",  "__mul",
      "__mod",   "__pow",      "__div",  "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr",
      "__unm",   "__bnot",     "__lt",   "__le",   "__concat", "__call", "__close"};
  static_assert(sizeof kNames / sizeof kNames[0] == TM_N);
  for (int i = 0; i < TM_N; i++) {
    if (kNames[i] == name) return i;
  }
  if (name == "__tostring" || name == "__name" || name == "__pairs" || name == "__metatable") return TM_N;
  return -1;
}

}  // namespace sloth

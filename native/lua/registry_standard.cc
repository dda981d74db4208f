// Lua's own functions, as the capture analysis and the reference pages need to know them. Source: the Lua 5.4 reference
// manual, section 6.
#include "lua/registry_tables.h"

namespace sloth {
namespace {
constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNothing = StoresInto::kNothing;
constexpr auto kKeys = StoresInto::kComputedKeys;
}  // namespace

#define PURE(module, name) {module, name, nullptr, "", "", "", "", kNo, kNothing, false, true, ""}
#define READS(module, name) {module, name, nullptr, "", "", "", "", kNo, kNothing, false, false, ""}
#define CALLS(module, name) {module, name, nullptr, "", "", "", "", kNo, kNothing, true, false, ""}
#define STORES(module, name) {module, name, nullptr, "", "", "", "", kNo, kKeys, false, false, ""}

extern const FunctionEntry kStandardFunctions[] = {
    PURE("_G", "assert"), READS("_G", "collectgarbage"), PURE("_G", "error"), PURE("_G", "getmetatable"),
    PURE("_G", "ipairs"), PURE("_G", "next"), PURE("_G", "pairs"), PURE("_G", "rawequal"), PURE("_G", "rawget"),
    PURE("_G", "rawlen"), STORES("_G", "rawset"), PURE("_G", "select"), STORES("_G", "setmetatable"),
    PURE("_G", "tonumber"), PURE("_G", "tostring"), PURE("_G", "type"), READS("_G", "warn"),
    PURE("string", "byte"), PURE("string", "char"), PURE("string", "find"), PURE("string", "format"),
    PURE("string", "gmatch"), CALLS("string", "gsub"), PURE("string", "len"), PURE("string", "lower"), PURE("string", "match"),
    PURE("string", "pack"), PURE("string", "packsize"), PURE("string", "reverse"), PURE("string", "sub"),
    PURE("string", "unpack"), PURE("string", "upper"),
    PURE("table", "concat"), STORES("table", "insert"), STORES("table", "move"), PURE("table", "pack"),
    STORES("table", "remove"), {"table", "sort", nullptr, "", "", "", "", kNo, kKeys, true, false, ""}, PURE("table", "unpack"),
    PURE("math", "abs"), PURE("math", "acos"), PURE("math", "asin"), PURE("math", "atan"), PURE("math", "ceil"),
    PURE("math", "cos"), PURE("math", "deg"), PURE("math", "exp"), PURE("math", "floor"), PURE("math", "fmod"),
    PURE("math", "log"), PURE("math", "max"), PURE("math", "min"), PURE("math", "modf"), PURE("math", "rad"),
    READS("math", "random"), PURE("math", "sin"), PURE("math", "sqrt"), PURE("math", "tan"),
    PURE("math", "tointeger"), PURE("math", "type"), PURE("math", "ult"),
    PURE("utf8", "char"), PURE("utf8", "codepoint"), PURE("utf8", "codes"), PURE("utf8", "len"), PURE("utf8", "offset"),
    READS("os", "difftime"), READS("os", "remove"),
    READS("os", "rename"), READS("os", "tmpname"),
    READS("io", "close"), READS("io", "flush"), READS("io", "input"), READS("io", "lines"), READS("io", "open"),
    READS("io", "output"), READS("io", "popen"), READS("io", "tmpfile"), READS("io", "type"),
    READS("io", "write"),
    READS("file.method", "close"), READS("file.method", "flush"), READS("file.method", "lines"),
    READS("file.method", "seek"), READS("file.method", "setvbuf"), READS("file.method", "write"),
    READS("package", "loadlib"), READS("package", "searchpath"),
    READS("debug", "debug"), READS("debug", "getinfo"), READS("debug", "getlocal"), READS("debug", "getmetatable"),
    READS("debug", "getupvalue"), READS("debug", "getuservalue"), READS("debug", "setcstacklimit"), READS("debug", "setlocal"),
    STORES("debug", "setmetatable"), READS("debug", "setupvalue"), READS("debug", "setuservalue"),
    READS("debug", "traceback"), READS("debug", "upvalueid"), READS("debug", "upvaluejoin"),
};
SLOTH_REGISTRY_COUNT(Standard);

}  // namespace sloth

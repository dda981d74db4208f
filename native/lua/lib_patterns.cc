// Functions of the goroutine module that are written in Lua: channels behind channels, map, and functions that keep a pace.
#include "lua/prelude.h"
#include "lua/registry_tables.h"

namespace sloth {
namespace {
constexpr auto kNo = MaySwitch::kNo;
constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kList[] = "raises for an empty list, anything but channels in it, unknown options";
constexpr const char kSplit[] = "raises when input is no channel to receive from, for n < 1, unknown options";
constexpr const char kPace[] = "raises when f is not a function, for a negative or endless time, unknown options, and when both are false";
}  // namespace

extern const FunctionEntry kPatternsFunctions[] = {
    {"goroutine", "pipeline", InLua<"flow", "pipeline">, "input: channel, stages: (function | {fn: function, workers?: integer, retries?: integer, on_error?: function})[], options?: {buffer?: integer}", "output: channel, errors: channel", "", "raises when input is no channel to receive from, without stages, for unknown or wrong fields of a stage", kNo, kNone, true, false, "1.0",
     "Sends every value of a channel through one function after the other."},
    {"goroutine", "fan_out", InLua<"flow", "fan_out">, "input: channel, n: integer, options?: {buffer?: integer}", "channel[]", "", kSplit, kNo, kNone, false, false, "1.0",
     "Gives each value of a channel to one of `n` channels, one that can take it."},
    {"goroutine", "broadcast", InLua<"flow", "broadcast">, "input: channel, n: integer, options?: {buffer?: integer}", "channel[]", "", kSplit, kNo, kNone, false, false, "1.0",
     "Gives each value of a channel to each of `n` channels."},
    {"goroutine", "fan_in", InLua<"flow", "fan_in">, "list: channel[], options?: {buffer?: integer}", "channel", "", kList, kNo, kNone, false, false, "1.0",
     "Brings the values of several channels to one, which closes when all of them have closed."},
    {"goroutine", "merge", InLua<"flow", "merge">, "list: channel[], options?: {buffer?: integer}", "channel", "", kList, kNo, kNone, false, false, "1.0",
     "The same as `fan_in`."},
    {"goroutine", "map", InLua<"map", "map">, "list: any[], f: function, options?: {workers?: integer, ctx?: context}", "any[]", "", "raises the first error of f; the message of the context when it ends before", kWaits, kNone, true, false, "1.0",
     "Calls `f(element, index)` for all elements of a list at once, and returns the results in their order."},
    {"goroutine", "debounce", InLua<"pace", "debounce">, "f: function, duration: number, options?: {leading?: boolean, trailing?: boolean}", "call: function, cancel: function", "ms", kPace, kNo, kNone, true, false, "1.0",
     "A function that starts `f` once it was not called for a while."},
    {"goroutine", "throttle", InLua<"pace", "throttle">, "f: function, duration: number, options?: {leading?: boolean, trailing?: boolean}", "call: function, cancel: function", "ms", kPace, kNo, kNone, true, false, "1.0",
     "A function that starts `f` at most once in an interval."},
};
SLOTH_REGISTRY_COUNT(Patterns);

}  // namespace sloth

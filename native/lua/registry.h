// The one table of every Lua function this project registers or knows: the libraries, `explain`, stubs and reference pages
// are made from it, and the capture analysis asks it what a C function does to its arguments.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lua/api.h"

namespace sloth {

enum class MaySwitch : uint8_t { kNo, kYes, kIfItHasToWait };

// What a call does to the tables among its arguments.
enum class StoresInto : uint8_t {
  kNothing,
  kConstantField,  // rawset-like stores under keys the analysis cannot see count as computed
  kComputedKeys,   // table.insert, table.sort, rawset, setmetatable, ...
};

// The columns `arguments` and `results` are written in one small grammar, which a test holds them to:
//
//   arguments  "name: type, ..." in order; `name?` may be left out; `...: type` is all that follow; `||` between forms of a call
//   results    a list of types, with names or without; `|` between the lists one of which comes back: "true | nil, message: string"
//   type       any nil boolean true false integer number string table function thread userdata, a kind of handle (channel),
//              'word', type[], {key: type, key?: type}; in arguments, and in parentheses, also: type | type
struct FunctionEntry {
  const char* module;     // "goroutine", "string", "_G" for globals, "channel.method" for methods of a handle kind
  const char* name;       // "spawn"
  lua_CFunction function; // null for Lua's own functions that upstream registers (found by name)
  const char* arguments;  // "f: function, ...: any"
  const char* results;    // "handle: goroutine"
  const char* units;      // "ms", "s" or ""
  const char* errors;     // "raises when f is not a function"
  MaySwitch may_switch;
  StoresInto stores;      // into the first table argument
  bool calls_arguments;   // calls functions among its arguments (pcall, table.sort, spawn forms, with, ...)
  bool pure;
  const char* since;      // "1.0"; "" for Lua's own
  const char* summary = "";  // what it does in one sentence; "" only for Lua's own
  bool of_module = false;    // of a module of the host (module.h)
  bool passes_on = false;    // of a module: what it returns may contain what it was given
};

// All entries, ours and Lua's own, in a fixed order.
const FunctionEntry* AllFunctions(size_t* count);

// The entries of one module, in their order; their number in *count.
const FunctionEntry* const* FunctionsOfModule(const char* module, size_t* count);

// The entry of a C function, or null for one nobody registered. Lua's own functions are found because the registry notes
// their addresses when the first island is built.
const FunctionEntry* FindFunction(lua_CFunction function);

// The entry for module and field name, or null.
const FunctionEntry* FindFunction(const char* module, const char* name);

// The C function of that name, ours or, if it has no upvalues, Lua's own; null when there is none.
lua_CFunction FunctionNamed(const char* module, const char* name);

// A short program that shows the function, or "".
const char* ExampleOf(const FunctionEntry& entry);

// Notes the C functions of the standard library tables present in L (a pristine state with all libraries open), once per
// process, before any island exists.
void LearnStandardFunctions(lua_State* L);

}  // namespace sloth

// Reads a Lua heap raw for the capture analysis: runs no Lua, changes nothing, never raises.
#pragma once

#include <string>
#include <string_view>

#include "data/handle.h"
#include "lua/internals.h"
#include "lua/registry.h"

namespace sloth {

inline std::string_view TextOf(const TString* string) { return {getstr(string), tsslen(string)}; }

// A field of a table by its name; an empty value when absent.
inline const TValue* FieldOf(const Table* table, const TString* key) {
  return luaH_getstr(const_cast<Table*>(table), const_cast<TString*>(key));
}

// The registry's entry of a C function value; null when it is none, or unknown.
const FunctionEntry* EntryOf(const TValue* value);

// Whether the C function that runs in a frame starts one goroutine, of the function it was given, and does nothing else with
// its arguments.
bool StartsOne(const CallInfo* info);

// Whether a value is the library function of that name, and no other.
bool IsFunctionNamed(const TValue* value, const char* module, const TString* name);

// Whether the library function of that name is the one the runtime registered ("_G" for globals).
bool IsOriginal(lua_State* L, const char* library, const char* name);

// Whether `require` of that name would run no code: the module is loaded, or one of the runtime's.
bool IsModuleLoaded(lua_State* L, const std::string& name);

// Whether the runtime registers functions under that module name.
bool IsRuntimeModule(lua_State* L, std::string_view name);
// The entry for a field of a library or module of L's runtime, or null.
const FunctionEntry* FindFunctionFor(lua_State* L, const char* module, const char* name);

// The table of loaded modules, or null.
Table* LoadedModules(lua_State* L);

// Whether the program brings a module of that name in package.preload.
bool IsPreloaded(lua_State* L, std::string_view name);

// The handle in a userdata value; null when it is none of ours.
Handle* HandleOf(const TValue* userdata);

// Whether the default files of the io library are the ones it started with.
bool IoIsRedirected(lua_State* L);

}  // namespace sloth

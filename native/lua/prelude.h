// Library functions that are written in Lua (native/lua/prelude/*.lua), over the functions that programs call themselves.
//
// What a program calls is a C function of the registry, like any other: `InLua<"flow", "pipeline">` finds the function
// `pipeline` that flow.lua returns, and calls it, yieldably. So such functions cross by name, are known to be the originals,
// and have an entry that tells the capture analysis what they do. That entry is all it goes by: it does not look for stores
// into a program's tables in prelude code. Therefore the files keep to these rules:
//
// - They use no globals (they have none) but take what they need from `library "module.name"`, whatever the program did to
//   its libraries; `library "internal.name"` are the functions of prelude_internal.cc, `library "prelude.file"` is another file.
// - They store into no table but those they made themselves, and only until somebody else gets hold of it. What lasts longer
//   is kept in locals and handles.
// - What they are given by a program and start or call, they start by the ordinary rule, or the entry says `calls_arguments`.
//
// A file is compiled once per process; each island makes its functions from the shared code when it first calls one.
#pragma once

#include <algorithm>
#include <cstddef>

#include "lua/api.h"
#include "lua/registry.h"

namespace sloth {

// One file. Made by native/embed-lua.mjs.
struct PreludeText {
  const char* name;
  const char* text;
};
extern const PreludeText kPreludeTexts[];
extern const size_t kPreludeTextCount;

// A name as a template argument.
template <size_t size>
struct PreludeName {
  constexpr PreludeName(const char (&name)[size]) { std::copy_n(name, size, text); }  // NOLINT: implicit on purpose
  char text[size];
};

// Calls function `name` of `file` with all arguments, and returns its results. Upper room.
int CallInLua(lua_State* L, const char* file, const char* name);

template <PreludeName file, PreludeName name>
int InLua(lua_State* L) {
  return CallInLua(L, file.text, name.text);
}

// The function `library(name)` of the files.
int PreludeLibrary(lua_State* L);
// Pushes the table of what the files of this island returned. Upper room.
void PushPreludeTable(lua_State* L);

// Pushes "script.lua:3: ", where the program is, never the library; "" where no program is. Upper room.
void PushProgramPlace(lua_State* L);

// Whether the function of an activation (lua_getinfo "S") is one of these, so that reports name the program's own line.
bool IsPrelude(const lua_Debug& activation);

// The registry's slot that holds the functions of an island: the analysis of what an island may still run leaves them out.
const void* PreludeKey();

// Pushes an internal function by its name; nil for an unknown one.
void PushPreludeInternal(lua_State* L, const char* name);

// The entry of an internal function that changes nothing and calls nobody, for the capture analysis; null for any other.
const FunctionEntry* EntryOfInternal(lua_CFunction function);

}  // namespace sloth

// The widening of `.sloth` files: a reserved word may follow "." or ":" as a name, as in
// `when(x):then(a):else(b)`, `t["end"] == t.end` and `function parser:repeat() end`.
//
// Lua's compiler stays as it is. Before it, TryWiden puts a placeholder where such a word stands; after it,
// RestoreWords turns the constants and debug names of the loaded function back, so that at run time nobody
// can tell. In valid Lua no reserved word directly follows a "." or ":" token, so valid Lua keeps its
// meaning, and as text is only inserted at the start of names and strings, lines stay lines.
//
// - A placeholder is kWordPlaceholderPrefix and the word.
// - A name or string of the user's that starts with the prefix gets the escape, the prefix and "_", put
// before
//   it and taken off again: nothing a user can write means a placeholder.
//
// Nothing here holds state; the functions with a lua_State belong to that island's thread.
#pragma once

#include <cstddef>
#include <string>

#include "data/parcel.h"
#include "lua/api.h"

namespace sloth {

constexpr char kWordPlaceholderPrefix[] = "_sloth_word_";

// Appends the widened form of `source` to `out`; nothing was widened when that is as long as `source`. Text
// that is not Lua passes through, for the compiler to report; so does a binary chunk. Returns false when out
// of memory; what was appended until then is of no use.
[[nodiscard]] bool TryWiden(const char* source, size_t length, GrowArray<char>* out);

// The reserved word a placeholder stands for, in static storage, or null.
const char* WordOfPlaceholder(const char* name, size_t length);

// Turns placeholders and escaped names back into what the user wrote: the constants, upvalue and local names
// of the Lua function at `function_index` and of all functions within it. Called once, on a main function
// just loaded from TryWiden's output, before it runs and before its code is attached (lua/code.h). Never
// called on a binary chunk: its strings are not escaped. Raises only for memory; the function must not be
// used then. Takes no stack slots.
void RestoreWords(lua_State* L, int function_index);

// A compiler's message about TryWiden's output with names as the user wrote them; never longer than `text`.
std::string RestoreMessage(const char* text, size_t length);

}  // namespace sloth

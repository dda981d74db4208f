// What library functions do to the tables among their arguments, as far as code that merely names them can be judged.
// The registry says the same of live functions, coarsely; here stand the positions and keys.
#pragma once

#include <cstdint>

#include "lua/analysis/static_values.h"

namespace sloth {

enum class StoredKey : uint8_t { kNone, kNumber, kAny, kArgument, kMetatable };

// Which argument a function stores into, and under which keys.
struct KnownStore {
  StoredKey key = StoredKey::kNone;
  uint32_t argument = 0;  // 0-based; of table.move the destination may be the first or the fifth
};

KnownStore StoreOf(const GlobalPath& callee);

// True when the function keeps no reference to that argument beyond the call and lets nobody else see it.
bool KeepsQuiet(const GlobalPath& callee, uint32_t argument);

// A function or library that stores into tables: dangerous as a value, since a call of it cannot be recognised.
bool IsStoringFunction(const GlobalPath& path);
bool IsLibrary(const GlobalPath& path);
// load, dofile and their kin.
bool LoadsCode(const GlobalPath& path);
// debug.setupvalue and what else changes a program behind its back.
bool RewritesFunctions(const GlobalPath& path);

// Every library function whose meaning the static judgement relies on: they must be the originals.
struct AssumedFunction {
  const char* library;  // "_G" for globals
  const char* name;
};
extern const AssumedFunction kAssumedFunctions[];
extern const int kAssumedFunctionCount;

// The metamethod (TMS) of that name, or -1.
int EventNamed(std::string_view name);

}  // namespace sloth

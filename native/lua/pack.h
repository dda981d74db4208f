// Copying values out of a Lua heap into a parcel, and back in. Shapes, order and errors: see pack_format.h.
//
// Packing reads the heap raw (no metamethod runs), iteratively (a list a million links long is data), never raises and
// never allocates in the heap. Unpacking allocates in the destination and therefore may raise `not enough memory`; it
// must run in a protected call and owns nothing.
#pragma once

#include <string>
#include <vector>

#include "data/value.h"
#include "lua/api.h"

namespace sloth {

struct SnapshotKey;

// Why a value cannot leave its island, and which part of it.
struct PackFailure {
  bool out_of_memory = false;
  // A phrase from the part outwards, empty for the value itself: "field 'conn.socket'", "upvalue 'co'", "argument 2",
  // "field '[3].x' of upvalue 'list' of argument 2", "global 'config'".
  std::string path;
  std::string reason;  // "a coroutine cannot leave its island", "larger than 256 KiB"
};

// The sentence for an error: "cannot send field 'conn.socket': a coroutine cannot leave its island" for action "cannot send".
std::string PackFailureText(const char* action, const PackFailure& failure);

// Packs the single value at `index`. On failure returns false and fills `failure`.
[[nodiscard]] bool TryPackValue(lua_State* L, int index, Value* out, PackFailure* failure) noexcept;

// Packs the `count` values from `first` upwards as one transfer: aliases among them are kept.
[[nodiscard]] bool TryPackValues(lua_State* L, int first, int count, Value* out, PackFailure* failure) noexcept;

// What a goroutine on its own island starts with: a function, its arguments, and the globals it uses.
struct CapturedGlobal {
  std::string name;  // packed as its value at the spawn; nil when absent
};
// A changed field of a library table or type metatable: `math.random`, `string.trim`.
struct CapturedField {
  std::string library;  // "math"
  std::string field;
};
// A table that the goroutine only stores into: it crosses as a reference, and its stores come back (write_back.h).
struct WrittenTable {
  const void* table;  // a Table of the spawner's island
  Ref<Handle> name;   // set before it is packed
};
struct SpawnCapture {
  std::vector<CapturedGlobal> globals;
  std::vector<CapturedField> fields;
  std::vector<WrittenTable> written;
};

// Packs function at `index`, `argument_count` arguments above it, and the globals and fields of `capture`, as one transfer.
// Fails with out_of_memory = false and reason "larger than ..." when the parcel would exceed `byte_limit` (0: none).
[[nodiscard]] bool TryPackSpawn(lua_State* L, int index, int argument_count, const SpawnCapture& capture, size_t byte_limit, Value* out, PackFailure* failure) noexcept;

// As TryPackValues, with the tables a goroutine only stores into as references.
[[nodiscard]] bool TryPackWatched(lua_State* L, int first, int count, const SpawnCapture& capture, Value* out, PackFailure* failure) noexcept;

// Pushes the value(s) of `value` onto L and returns how many. Raises only for memory. `value` stays the caller's.
int UnpackValues(lua_State* L, const Value& value);

// What a heap in which this is unpacked should begin with.
SnapshotKey NeedsOfSpawn(const Value& value) noexcept;

// Sets the packed globals and library fields on L's island, pushes the function and its arguments; returns the number of
// arguments. Raises only for memory.
int UnpackSpawn(lua_State* L, const Value& value);

}  // namespace sloth

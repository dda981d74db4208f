// The seam between a synchronous engine and its host: values as plain data, read from and pushed to Lua's stack one by one, so
// that neither side knows the other's headers and nothing is packed on the way. What is no plain value crosses as a message in
// the host's format (data/host_format.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "data/value.h"

struct lua_State;

namespace sloth {

class SyncEngine;

enum class SyncKind : uint8_t {
  kNil,
  kFalse,
  kTrue,
  kInteger,
  kFloat,
  kString,
  kReference,  // into Lua only: what the registry of the engine holds under `reference`
  kHost,       // out of Lua only: the host's own thing of number `id`
  kOther,      // out of Lua only: to be packed, unless the host knows `object` already
};

// One value. Owns nothing: a text lives as long as its string stays on Lua's stack, or in the host until it is pushed.
struct SyncValue {
  SyncKind kind = SyncKind::kNil;
  union {
    int64_t integer;
    double number;
    const char* text;
    int reference;
    uint32_t id;
    const void* object;  // its address, where it reaches the host by reference; else null
  };
  size_t length = 0;  // of the text
};

// What Lua calls in the host.
struct HostTarget {
  enum Kind : uint8_t { kFunction, kIndex, kNewIndex, kLength, kEntries } kind;
  uint32_t id;       // of the function, or of the object, which is the first argument, too
  const char* name;  // for errors
};

enum class HostAnswer : uint8_t {
  kNothing,
  kValue,    // reply.value
  kValues,   // reply.message
  kThrew,    // the error is the value of reply.message
  kRefused,  // reply.text says what could not cross
};

struct HostReply {
  SyncValue value;
  Value* message;
  std::string* text;
};

// Implemented by floor 6. Called on the engine's thread, inside an entry.
class SyncHost {
 public:
  virtual ~SyncHost() = default;
  // Calls `target` with the `count` values of L's frame from index `first` up. The host may enter the engine again meanwhile.
  virtual HostAnswer Call(lua_State* L, const HostTarget& target, int first, int count, HostReply* reply) noexcept = 0;
  // Asked now and then during long entries: false when nobody can take an answer any more.
  virtual bool StillWants() noexcept = 0;
  // An entry started goroutines that go on after it.
  virtual void NoteGoroutines() noexcept = 0;
};

// Calls the host with all arguments of the running C function; returns how many results it pushed, or -1 when the host threw: what
// it threw, if anything arrived, is in the goroutine's `received` slot. Upper room.
int CallHostHere(lua_State* L, SyncEngine* engine, const HostTarget& target);

// The value at `index` of L's frame. Does not raise.
SyncValue ReadSyncValue(lua_State* L, int index) noexcept;
// Pushes it. Upper room where it is a string; otherwise it does not raise.
void PushSyncValue(lua_State* L, const SyncValue& value);

}  // namespace sloth

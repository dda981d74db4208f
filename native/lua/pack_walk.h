// The walk over a graph of Lua values that turns it into a parcel.
//
// A Packer lives in one lower-room frame on the thread that owns the heap. It reads the heap raw, runs no
// Lua, allocates nothing in the heap, never raises and never recurses: what it meets it numbers and queues,
// and each queued object writes its record when its turn comes.
#pragma once

#include "lua/code.h"
#include "lua/internals.h"
#include "lua/pack.h"
#include "lua/pack_map.h"
#include "lua/pack_writer.h"

namespace sloth {

// What a value at the root of a transfer is, for messages. kNone: it is no root.
enum class RootKind : uint8_t { kNone, kOnly, kListed, kFunction, kArgument, kGlobal, kField };

// How a value was reached first: from the object at `index` of the queue, or as root number `index` of a
// kind.
struct PackOrigin {
  uint32_t index;
  RootKind root;
};

// One step from an object to something in it.
struct PackStep {
  enum class Kind : uint8_t { kNone, kField, kKey, kMetatable, kContent } kind = Kind::kNone;
  TValue key = {};  // of a kField
};

// An object whose record is written when its turn comes.
struct Queued {
  GCObject* object;
  PackOrigin origin;
};

class Packer {
 public:
  // `byte_limit` bounds the parcel; 0: no limit.
  Packer(lua_State* L, Ref<Parcel> parcel, size_t byte_limit);

  // These tables, and stand-ins for tables of other islands, cross as references; without it a stand-in cannot cross.
  void ReferTo(const std::vector<WrittenTable>* written) { written_ = written; }
  // Leaves room for the header; the first call.
  [[nodiscard]] bool Begin();
  // Writes one root.
  [[nodiscard]] bool PackRoot(const TValue* value, RootKind kind, uint32_t number);
  // Writes a name as a string value.
  [[nodiscard]] bool PackName(const std::string& name);
  // Writes all records and the header, whose counts of roots the caller gives. The last call.
  [[nodiscard]] bool Finish(PackHeader header);

  // After a failure: why and where. `capture` names the globals and fields of a spawn; null otherwise.
  void Describe(const SpawnCapture* capture, PackFailure* failure) const;

 private:
  // Whether an object was met before. If so its number is written; if not it has one now.
  enum class Mention : uint8_t { kFirst, kAgain, kFailed };
  Mention Mentioned(const void* object);
  [[nodiscard]] bool Enqueue(GCObject* object, const PackOrigin& origin);

  [[nodiscard]] bool PackValue(const TValue* value, const PackOrigin& origin);
  [[nodiscard]] bool PackString(const TString* string);
  [[nodiscard]] bool PackTable(Table* table, const PackOrigin& origin);
  [[nodiscard]] bool PackWritten(Handle* name);
  // What a table is to be known as elsewhere; null: it is copied.
  Handle* NameOf(const Table* table) const;
  [[nodiscard]] bool PackFunction(LClosure* closure, const PackOrigin& origin);
  void NoteFunction(uint32_t code_number, uint32_t function_index);
  [[nodiscard]] bool PackCFunction(lua_CFunction function);
  [[nodiscard]] bool PackHandle(const TValue* value);
  [[nodiscard]] bool PackCClosure(const CClosure* closure);

  [[nodiscard]] bool WriteRecord(uint32_t index);
  [[nodiscard]] bool WriteTable(const Table* table, const PackOrigin& here);
  [[nodiscard]] bool WriteMetatable(const Table* table, const PackOrigin& here);
  [[nodiscard]] bool WriteArray(const Table* table, uint32_t size, const PackOrigin& here);
  [[nodiscard]] bool WriteArrayEntries(const Table* table, uint32_t size, const PackOrigin& here);
  [[nodiscard]] bool WriteNodes(const Table* table, const PackOrigin& here, uint32_t* count);
  [[nodiscard]] bool WriteFunction(const LClosure* closure, const PackOrigin& here);

  bool TooLarge() const { return writer_.size() > byte_limit_; }
  bool NoMemory();
  bool Refuse(const char* reason);
  bool RefuseSize();
  bool FailedAt(const PackOrigin& here, const PackStep& step);

  lua_State* const L_;
  Ref<Parcel> parcel_;
  PackWriter writer_;
  const size_t byte_limit_;
  Table* const globals_;
  const std::vector<WrittenTable>* written_ = nullptr;
  uint32_t object_count_ = 0;
  uint32_t libraries_ = 0;  // that its functions and values name
  uint32_t functions_[4];   // the first ones of the first code
  uint32_t function_count_ = 0;
  PointerMap numbers_;  // of objects, and of codes in the parcel: their addresses never meet
  GrowArray<Queued> queue_;

  // Set by a failure.
  bool out_of_memory_ = false;
  bool too_large_ = false;
  const char* reason_ = "";
  PackOrigin place_;
  PackStep step_;
};

}  // namespace sloth

// Building the values of a parcel in a Lua heap.
//
// An Unpacker lives in an upper-room frame: it owns nothing, and any of its calls may raise `not enough
// memory`. Objects are made empty where they are introduced and stored at once in something reachable, so
// that the collector may run between any two of them; their content follows when their record's turn comes.
// The Lua stack stays a few slots deep.
#pragma once

#include "lua/internals.h"
#include "lua/unpack_reader.h"

namespace sloth {

class Unpacker {
 public:
  Unpacker(lua_State* L, const Parcel* parcel) : L_(L), parcel_(parcel), reader_(parcel) {}

  // Reads the header and pushes one slot that keeps the bookkeeping of large parcels alive.
  const PackHeader& Begin();
  // Pushes the next root.
  void PushRoot();
  // Stores the next `count` roots in a new table at 1..count and pushes it.
  void PushRootTable(uint32_t count);
  // Reads all records. The last call; everything pushed must still be on the stack.
  void Finish();

 private:
  // Few objects are kept track of in the frame itself.
  static constexpr uint32_t kInlineObjects = 32;

  void Read(TValue* out);
  void ReadString(TValue* out);
  void ReadFunction(TValue* out);
  void ReadLibraryTable(TValue* out);
  void ReadLibraryFunction(TValue* out);
  void ReadHandle(TValue* out);
  void ReadWrittenTable(TValue* out);
  void PushName();
  void TakePushed(TValue* out);

  void ReadTableRecord(Table* table);
  void ReadFunctionRecord(LClosure* closure);
  void ReadUpvalueRecord(UpVal* upvalue);

  void Introduce(const TValue* value) { objects_[object_count_++] = *value; }
  void Enqueue() { records_[record_count_++] = object_count_ - 1; }

  lua_State* const L_;
  const Parcel* const parcel_;
  UnpackReader reader_;
  PackHeader header_;
  TValue* objects_ = nullptr;    // by number
  uint32_t* records_ = nullptr;  // numbers of the objects with a record
  uint32_t object_count_ = 0;
  uint32_t record_count_ = 0;
  TValue inline_objects_[kInlineObjects];
  uint32_t inline_records_[kInlineObjects];
};

}  // namespace sloth

// The bytes of a parcel that holds Lua values: written by pack*.cc, read by unpack*.cc, known to nobody else.
// A parcel never leaves the process, so addresses may stand in it.
//
//   header, values, records
//
// A value is a tag and what follows it. Strings, tables, functions, handles and upvalues are objects: the
// first mention introduces the object and gives it the next number, later mentions are kObject and that
// number. The content of tables, Lua functions and upvalues is not where they are introduced but in one
// record each, in the order of introduction. So both sides work through a queue, neither recurses, and a
// cycle is nothing special.
#pragma once

#include <cstdint>

namespace sloth {

struct PackHeader {
  uint32_t objects = 0;  // introduced in this parcel
  uint32_t records = 0;  // of those, the ones with a record
  uint32_t values = 0;   // the transferred values themselves: one, a list, or a function and its arguments
  uint32_t globals = 0;  // behind them: name and value each
  uint32_t fields = 0;   // behind those: library, field and value each
  // What a heap that begins with this should have (snapshot.h).
  uint32_t libraries = 0;
  uint32_t kinds = 0;
  uint32_t function_count = 0;
  uint32_t functions[4] = {};  // the first functions of the first code
};

enum class PackTag : uint8_t {
  kNil,
  kFalse,
  kTrue,
  kSmallInteger,     // int8_t
  kInteger,          // int64_t
  kFloat,            // double
  kObject,           // varint: number of an object introduced before
  kString,           // varint: length; bytes
  kTable,            // record: TableShape; metatable if it has one; array values; key and value per entry
  kFunction,         // varint: index in Parcel::codes; varint: function index. Record: its upvalues
  kUpvalue,          // in records of functions only, beside kObject. Record: its value
  kLibraryTable,     // varint: length; name
  kLibraryFunction,  // varint: length; library; varint: length; field
  kCFunction,        // its address; not an object
  kHandle,           // varint: index in Parcel::handles
  kWrittenTable,     // varint: index in Parcel::handles; a table that one only stores into (write_back.h)
};

struct TableShape {
  uint32_t array_size;  // values at 1..array_size, nil among them where there are holes
  uint32_t hash_size;   // entries besides
  bool has_metatable;
};

constexpr size_t kTableShapeBytes = 9;
constexpr size_t kMaxVarintBytes = 10;

}  // namespace sloth

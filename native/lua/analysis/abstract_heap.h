// The values of a rehearsed goroutine (rehearsal.h): sets of abstract objects. What it captured stands for itself; what it
// will make stands for all that one place in the code makes; plain values are in every set and never mentioned.
#pragma once

#include "lua/analysis/arena.h"
#include "lua/analysis/library_model.h"
#include "lua/internals.h"
#include "lua/pack_map.h"

namespace sloth {

struct Instance;

using ObjectId = uint32_t;

// Objects every rehearsal has.
constexpr ObjectId kNoObject = 0;
constexpr ObjectId kLibraryValue = 1;  // anything a library function made: a handle, an iterator, a file, a table
constexpr ObjectId kMessage = 2;       // anything that came from another goroutine: a copy of what nobody knows
constexpr ObjectId kAnyCaptured = 3;   // anything that was captured
constexpr ObjectId kNextFunction = 4;  // `next`, as pairs returns it
constexpr ObjectId kIpairsStep = 5;    // the iterator of ipairs

enum class ObjectKind : uint8_t {
  kNone,
  kLibraryValue,
  kMessage,
  kAnyCaptured,
  kTable,        // captured; `table`
  kGlobals,      // the table of globals
  kLibrary,      // a library table: `table`, null while the island has not built it; `name`
  kFunction,     // captured Lua function: `closure`
  kCFunction,    // `model`; `entry` is null for a stranger
  kHandle,       // captured handle
  kUncopyable,   // captured coroutine, file, ...: keeps the goroutine home by itself
  kOwnTable,     // made by the goroutine
  kOwnFunction,  // likewise: `instance`
  kMethod,       // method `key` of a handle or of something a library made
  kGenerator,    // what coroutine.wrap returns
};

// A set of objects. Small; grows in the arena.
class ObjectSet {
 public:
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ObjectId operator[](uint32_t i) const { return items()[i]; }
  bool Has(ObjectId id) const;
  bool Equals(const ObjectSet& other) const;
  // Returns false when it was there.
  bool Add(Arena* arena, ObjectId id);

 private:
  static constexpr uint32_t kInline = 2;
  const ObjectId* items() const { return size_ <= kInline && !large_ ? inline_ : large_; }

  uint32_t size_;
  uint32_t capacity_;
  ObjectId inline_[kInline];
  ObjectId* large_;
};

// What was stored into an object under one key.
struct Contents {
  const TString* key;  // or one of the two below
  ObjectSet values;
  size_t extent;  // how much had been captured when these were collected, of kAnyCaptured
  Contents* next;
};

struct AbstractObject {
  ObjectKind kind;
  bool listed;     // `elements` is complete
  uint32_t stamp;  // of the last deep reading that met it
  LibraryModel model;
  const void* pointer;  // the heap object, the name of a method
  const char* name;     // of a library
  const FunctionEntry* entry;
  Instance* instance;
  Contents* contents;
  ObjectSet metatables;
  ObjectSet elements;

  bool IsFunction() const {
    return kind == ObjectKind::kFunction || kind == ObjectKind::kOwnFunction || kind == ObjectKind::kCFunction ||
           kind == ObjectKind::kMethod || kind == ObjectKind::kGenerator;
  }
  bool IsTable() const { return kind == ObjectKind::kTable || kind == ObjectKind::kOwnTable; }
  Table* table() const { return static_cast<Table*>(const_cast<void*>(pointer)); }
  LClosure* closure() const { return static_cast<LClosure*>(const_cast<void*>(pointer)); }
  const TString* key() const { return static_cast<const TString*>(pointer); }
};

class AbstractHeap {
 public:
  AbstractHeap(lua_State* L, Arena* arena);

  // The object of a captured value; kNoObject for a plain one.
  ObjectId OfValue(const TValue* value);
  ObjectId OfTable(Table* table);
  ObjectId OfMethod(const TString* name);
  ObjectId OfLibrary(const char* name);  // one that has no table yet
  ObjectId OfEntry(const FunctionEntry* entry);
  ObjectId New(ObjectKind kind);

  AbstractObject& operator[](ObjectId id) { return *objects_[id]; }
  const AbstractObject& operator[](ObjectId id) const { return *objects_[id]; }
  size_t size() const { return objects_.size(); }

  // Where values stored under `key` are kept; made when missing.
  ObjectSet* ContentsOf(ObjectId id, const TString* key);
  // The same, null when missing.
  Contents* FindContents(ObjectId id, const TString* key);

  // Keys that stand for all numbers, and for any key at all.
  static const TString* NumberKey();
  static const TString* AnyKey();

 private:
  ObjectId Known(const void* pointer, bool* added);

  lua_State* const L_;
  Arena* const arena_;
  ArenaArray<AbstractObject*> objects_;
  PointerMap ids_;
};

}  // namespace sloth

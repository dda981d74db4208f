// Walks everything that would be copied for a new goroutine, and notes what keeps it from being copied.
//
// Reads the heap raw; iterative; every object is visited once however often it is reached.
#pragma once

#include <string>

#include "lua/analysis/arena.h"
#include "lua/internals.h"
#include "lua/pack_map.h"

namespace sloth {

// Something captured that a copy cannot bring along.
struct ReachFinding {
  enum class Kind : uint8_t { kLock, kUncopyable, kSize } kind;
  uint32_t at;       // where it was reached: an index for PathTo
  const char* what;  // "coroutine", "mutex"
};

class CapturedReach {
 public:
  // `byte_limit` 0: none.
  CapturedReach(lua_State* L, Arena* arena, size_t byte_limit) : L_(L), arena_(arena), byte_limit_(byte_limit) {}
  CapturedReach(const CapturedReach&) = delete;
  CapturedReach& operator=(const CapturedReach&) = delete;

  // As `other`, without what is reached only through one of the `without`.
  void AddAllOf(const CapturedReach& other, const ArenaArray<const Table*>& without);
  // Walks from a captured value that the program knows by `name` (must outlive this).
  void Add(const TValue* value, const char* name);
  // Walks from the function of the goroutine itself.
  void AddFunction(const TValue* function);

  // The name of what was found, as a path from where the program knows it: "conn.socket".
  std::string PathTo(uint32_t at) const;

  ArenaArray<ReachFinding> findings;
  ArenaArray<TValue> functions;  // every function reached, Lua's and C's
  ArenaArray<LClosure*> methods;  // those that captured tables hold
  ArenaArray<Table*> tables;
  uint32_t events = 0;  // metamethods (1 << TMS; TM_N for those of the libraries) that are functions

 private:
  struct Place {
    GCObject* object;
    uint32_t from;
    const char* name;  // of a root, an upvalue or a field; null for an entry under another key
  };

  struct Root {
    TValue value;
    const char* name;
  };

  void NoteMethod(const TValue* value);
  void Visit(const TValue* value, uint32_t from, const char* name);
  bool IsNew(const void* object);
  void Drain();
  void Scan(uint32_t at);
  void ScanTable(const Table* table, uint32_t at);
  void ScanMetatable(Table* metatable, uint32_t at);
  void ScanFunction(LClosure* closure, uint32_t at);
  void VisitUserdata(const TValue* value, uint32_t from, const char* name);
  void VisitCFunction(const TValue* value, uint32_t from, const char* name);
  void Found(ReachFinding::Kind kind, const char* what, uint32_t from, const char* name);
  void Count(size_t bytes);

  lua_State* const L_;
  Arena* const arena_;
  const size_t byte_limit_;
  size_t bytes_ = 0;
  bool too_large_ = false;
  ArenaArray<Root> roots_;
  ArenaArray<Place> places_;
  size_t scanned_ = 0;
  PointerMap seen_;
};

}  // namespace sloth

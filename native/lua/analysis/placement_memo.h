// Remembers what a decision for "parallel" rested on, when that was little: values of its upvalues and arguments that are
// plain, handles, or functions of the same chunk that capture no more than that, and library functions that are still the
// runtime's own. The next spawn of the same function then only checks these.
//
// Kept with the chunk's facts, by function, for all islands: knows no heap, only names and addresses of C functions. Filled
// by any thread, never changed once published, destroyed with the facts.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "lua/api.h"

struct LClosure;
struct TValue;

namespace sloth {

class GoroutineRehearsal;

enum class MemoClass : uint8_t { kPlain, kHandle, kGlobals, kFunction, kOther };

// What one value was. The captures of a function follow it, unless it was met before.
struct MemoValue {
  MemoClass kind = MemoClass::kOther;
  uint32_t function = 0;  // kFunction: which one of the chunk
  uint32_t number = 0;    // kFunction: in the order in which functions are met; the spawned one is 0
  friend bool operator==(const MemoValue&, const MemoValue&) = default;
};

struct PlacementMemo {
  // A global that is a library, or a library function; or a field of a library.
  struct LibraryName {
    std::string library;  // "_G" for globals
    std::string name;
    lua_CFunction function;  // null: the global is the library of that name
  };
  uint64_t codes = 0;  // VersionOfCodes when it was made
  std::vector<MemoValue> values;  // captures of the spawned function first, then its arguments
  std::vector<LibraryName> names;
};

// Whether it holds for this closure and these arguments now. Never raises.
bool Holds(const PlacementMemo& memo, lua_State* L, const LClosure* closure, const TValue* arguments, int count);

// What a decision for parallel rested on, as its rehearsal noted it; null when that was too much to remember.
const PlacementMemo* TryMakeMemo(lua_State* L, const LClosure* closure, const TValue* arguments, int count,
                                 const GoroutineRehearsal& rehearsal);

// The memos of one function. A few, since the islands of one program may differ in their codes.
class PlacementMemos {
 public:
  static constexpr int kSlots = 3;

  PlacementMemos() = default;
  ~PlacementMemos() {
    for (std::atomic<const PlacementMemo*>& slot : slots_) delete slot.load(std::memory_order_relaxed);
  }
  PlacementMemos(const PlacementMemos&) = delete;
  PlacementMemos& operator=(const PlacementMemos&) = delete;

  // Publishes a memo when there is room.
  void Add(const PlacementMemo* memo) {
    for (std::atomic<const PlacementMemo*>& slot : slots_) {
      const PlacementMemo* empty = nullptr;
      if (slot.compare_exchange_strong(empty, memo, std::memory_order_acq_rel)) return;
    }
    delete memo;
  }
  // How often in a row a close look at this function's spawns has shown nothing new. It is then taken only now and then.
  bool IsLookWorthwhile() {
    uint32_t futile = futile_.load(std::memory_order_relaxed);
    if (futile < kPatience) return true;
    futile_.store(futile + 1, std::memory_order_relaxed);
    return futile % kPatience == 0;
  }
  void NoteLook(bool useful) {
    futile_.store(useful ? 0 : futile_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  bool IsFull() const { return slots_[kSlots - 1].load(std::memory_order_acquire) != nullptr; }
  // A decision was more than the analysis follows.
  std::atomic<bool> exhausted{false};

  const PlacementMemo* Get(int slot) const { return slots_[slot].load(std::memory_order_acquire); }

 private:
  static constexpr uint32_t kPatience = 8;
  std::atomic<const PlacementMemo*> slots_[kSlots] = {};
  std::atomic<uint32_t> futile_{0};  // any spawner; lost updates do no harm
};

}  // namespace sloth

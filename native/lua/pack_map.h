// Numbers the objects met while packing: from address to number. Open addressing; growth that fails is a
// value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace sloth {

// Owned by one Packer on one thread. Never forgets an address.
class PointerMap {
 public:
  PointerMap() { std::memset(inline_slots_, 0, sizeof inline_slots_); }
  ~PointerMap() {
    if (slots_ != inline_slots_) delete[] slots_;
  }
  PointerMap(const PointerMap&) = delete;
  PointerMap& operator=(const PointerMap&) = delete;

  // The number kept for `address`; when there was none, `number` is entered and `added` set. False: no
  // memory.
  [[nodiscard]] bool TryFindOrAdd(const void* address, uint32_t number, uint32_t* found, bool* added) {
    for (size_t i = Hash(address);; i = (i + 1) & mask_) {
      if (slots_[i].address == address) {
        *found = slots_[i].number;
        *added = false;
        return true;
      }
      if (slots_[i].address) continue;
      slots_[i] = {address, number};
      *found = number;
      *added = true;
      return ++size_ * 4 <= (mask_ + 1) * 3 || TryGrow();
    }
  }

 private:
  struct Slot {
    const void* address;
    uint32_t number;
  };
  static constexpr size_t kInlineBits = 5;

  size_t Hash(const void* address) const {
    return (reinterpret_cast<uintptr_t>(address) >> 3) * 0x9e3779b97f4a7c15ULL >> shift_;
  }

  bool TryGrow() {
    size_t old_capacity = mask_ + 1;
    size_t capacity = old_capacity * 4;
    Slot* old_slots = slots_;
    Slot* slots = new (std::nothrow) Slot[capacity]();
    if (!slots) return false;
    slots_ = slots;
    mask_ = capacity - 1;
    shift_ -= 2;
    for (size_t k = 0; k < old_capacity; k++) {
      if (!old_slots[k].address) continue;
      size_t i = Hash(old_slots[k].address);
      while (slots_[i].address) i = (i + 1) & mask_;
      slots_[i] = old_slots[k];
    }
    if (old_slots != inline_slots_) delete[] old_slots;
    return true;
  }

  Slot* slots_ = inline_slots_;
  size_t mask_ = (size_t{1} << kInlineBits) - 1;
  int shift_ = 64 - static_cast<int>(kInlineBits);
  size_t size_ = 0;
  Slot inline_slots_[size_t{1} << kInlineBits];
};

}  // namespace sloth

// A first-in first-out queue in one growing array. Growth uses a nothrow allocation; its failure is a value.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "base/check.h"

namespace sloth {

// Not thread safe; whoever owns it guards it.
template <typename T>
class Ring {
 public:
  Ring() = default;
  ~Ring() { delete[] slots_; }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  T& front() {
    CHECK(size_ > 0);
    return slots_[head_];
  }
  // Returns false, leaving `value` untouched, when there is no memory to grow.
  [[nodiscard]] bool TryPush(T&& value) {
    if (size_ == capacity_ && !TryGrow()) return false;
    slots_[(head_ + size_++) & (capacity_ - 1)] = std::move(value);
    return true;
  }
  T Pop() {
    CHECK(size_ > 0);
    T value = std::move(slots_[head_]);
    slots_[head_] = T();
    head_ = (head_ + 1) & (capacity_ - 1);
    if (--size_ == 0) head_ = 0;
    return value;
  }

 private:
  bool TryGrow() {
    size_t capacity = capacity_ ? capacity_ * 2 : 4;
    T* slots = new (std::nothrow) T[capacity];
    if (!slots) return false;
    for (size_t i = 0; i < size_; i++) slots[i] = std::move(slots_[(head_ + i) & (capacity_ - 1)]);
    delete[] slots_;
    slots_ = slots;
    capacity_ = capacity;
    head_ = 0;
    return true;
  }

  T* slots_ = nullptr;
  size_t capacity_ = 0;  // zero or a power of two
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace sloth

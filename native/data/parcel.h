// A parcel: values in transit between heaps, as bytes plus the references they name.
//
// Built by one thread, immutable afterwards, then read by any number of threads at once. What the bytes mean is the
// business of the floor that packs and unpacks (native/lua/pack.h, native/node); this floor only stores and counts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "base/ref.h"
#include "data/handle.h"

namespace sloth {

// A growing array of trivially copyable or movable things. Growth that fails is a value.
template <typename T>
class GrowArray {
 public:
  GrowArray() = default;
  ~GrowArray() { delete[] items_; }
  GrowArray(const GrowArray&) = delete;
  GrowArray& operator=(const GrowArray&) = delete;

  size_t size() const { return size_; }
  const T* data() const { return items_; }
  T* data() { return items_; }
  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }

  [[nodiscard]] bool TryReserve(size_t more) {
    if (more <= capacity_ - size_) return true;
    if (more > SIZE_MAX / 4 / sizeof(T) - size_) return false;
    size_t capacity = capacity_ ? capacity_ * 2 : 16;
    while (capacity - size_ < more) capacity *= 2;
    T* items = new (std::nothrow) T[capacity];
    if (!items) return false;
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (size_) std::memcpy(items, items_, size_ * sizeof(T));
    } else {
      for (size_t i = 0; i < size_; i++) items[i] = std::move(items_[i]);
    }
    delete[] items_;
    items_ = items;
    capacity_ = capacity;
    return true;
  }
  [[nodiscard]] bool TryAppend(T item) {
    if (!TryReserve(1)) return false;
    items_[size_++] = std::move(item);
    return true;
  }
  // Copies `count` trivially copyable items.
  [[nodiscard]] bool TryAppend(const T* items, size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!TryReserve(count)) return false;
    if (count) std::memcpy(items_ + size_, items, count * sizeof(T));
    size_ += count;
    return true;
  }

 private:
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// One reference to a handle inside a parcel.
struct HandleRef {
  Ref<Handle> handle;
  HandleView view = HandleView::kFull;
};

class Parcel final : public RefCounted {
 public:
  GrowArray<unsigned char> bytes;
  GrowArray<HandleRef> handles;
  GrowArray<Ref<RefCounted>> codes;  // code objects that functions in the parcel share (native/lua/code.h)

  // The bytes are in the host's format (data/host_format.h); a channel may carry such a value from the host's stream.
  bool of_host = false;

  // Memory this parcel stands for, in bytes.
  size_t size() const { return sizeof(Parcel) + bytes.size() + handles.size() * sizeof(HandleRef) + codes.size() * sizeof(void*); }
};

}  // namespace sloth

// Memory of one decision: handed out in pieces, given back at once. The first few KiB lie on the stack.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace sloth {

// One thread, one frame. Everything is zeroed and trivially destructible. How much a decision takes is bounded by its own
// limits, so that no program chooses this size.
class Arena {
 public:
  Arena() = default;
  ~Arena() {
    while (chunks_) {
      Chunk* next = chunks_->next;
      std::free(chunks_);
      chunks_ = next;
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T>
  T* New(size_t count = 1) {
    return static_cast<T*>(Take(sizeof(T) * count));
  }

 private:
  struct Chunk {
    Chunk* next;
  };

  void* Take(size_t size) {
    size = (size + 15) & ~size_t{15};
    if (size > static_cast<size_t>(end_ - free_)) Grow(size);
    char* memory = free_;
    free_ += size;
    std::memset(memory, 0, size);
    return memory;
  }

  void Grow(size_t size) {
    size_t capacity = size + sizeof(Chunk) > kChunk ? size + 16 : kChunk;
    auto* chunk = static_cast<Chunk*>(std::malloc(capacity + 16));
    CHECK(chunk);
    chunk->next = chunks_;
    chunks_ = chunk;
    free_ = reinterpret_cast<char*>(chunk) + 16;
    end_ = free_ + capacity;
  }

  static constexpr size_t kChunk = 64 * 1024;
  alignas(16) char first_[6 * 1024];
  char* free_ = first_;
  char* end_ = first_ + sizeof first_;
  Chunk* chunks_ = nullptr;
};

// A growing array in an arena.
template <typename T>
class ArenaArray {
 public:
  size_t size() const { return size_; }
  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

  void Add(Arena* arena, const T& item) {
    if (size_ == capacity_) {
      size_t capacity = capacity_ ? capacity_ * 2 : 8;
      T* items = arena->New<T>(capacity);
      if (size_) std::memcpy(static_cast<void*>(items), items_, size_ * sizeof(T));
      items_ = items;
      capacity_ = capacity;
    }
    items_[size_++] = item;
  }

 private:
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace sloth

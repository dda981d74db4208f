// A part of an object that few of its kind ever need: it takes its own memory when it is first written to.
#pragma once

#include <memory>
#include <utility>

namespace sloth {

// As T itself, through `->` and `*`. Read through a const one, what was never written is a T as its constructor makes it.
template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) : part_(other.part_ ? std::make_unique<T>(*other.part_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    part_ = std::move(other.part_);
    return *this;
  }

  explicit operator bool() const { return part_ != nullptr; }
  T& operator*() {
    if (!part_) part_ = std::make_unique<T>();
    return *part_;
  }
  T* operator->() { return &**this; }
  const T& operator*() const { return part_ ? *part_ : Unwritten(); }
  const T* operator->() const { return &**this; }
  void Drop() { part_ = nullptr; }

 private:
  // Never destroyed: it may be read for as long as the process lives.
  static const T& Unwritten() {
    static const T& unwritten = *new T();
    return unwritten;
  }

  std::unique_ptr<T> part_;
};

}  // namespace sloth

// Intrusive reference counting for objects shared between islands, workers and JavaScript.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace sloth {

// Base of every shared object. Created with one reference, owned by the Ref that MakeRef or Adopt returns.
class RefCounted {
 public:
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void AddRef() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  // Destroys the object when the last reference goes.
  void Release() const noexcept {
    // acq_rel: everything any owner did is visible to the one that destroys.
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  // As Release, for references that data of any length can chain (a channel in a channel in a channel ...): what such a
  // destruction releases in its turn waits for the outer one, so that a long chain needs no deep stack.
  void ReleaseChained() const noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (doomed_) {
      next_doomed_ = *doomed_;
      *doomed_ = this;
      return;
    }
    const RefCounted* rest = nullptr;
    doomed_ = &rest;
    delete this;
    while (const RefCounted* object = rest) {
      rest = object->next_doomed_;
      delete object;
    }
    doomed_ = nullptr;
  }
  // For registries that list objects without owning them: false when the object is being destroyed.
  [[nodiscard]] bool TryAddRef() const noexcept {
    uint32_t count = count_.load(std::memory_order_relaxed);
    while (count > 0) {
      if (count_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  // How many references there are; a snapshot that may be stale at once.
  uint32_t Count() const noexcept { return count_.load(std::memory_order_acquire); }
  // True when the caller holds the only reference; only then is the answer stable.
  bool Unique() const noexcept { return count_.load(std::memory_order_acquire) == 1; }

 protected:
  RefCounted() = default;
  virtual ~RefCounted() = default;

 private:
  // The list of the outermost ReleaseChained on this thread.
  static inline thread_local const RefCounted** doomed_ = nullptr;

  mutable std::atomic<uint32_t> count_{1};
  mutable const RefCounted* next_doomed_ = nullptr;
};

// An owning pointer to a RefCounted object.
template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) {
    if (object_) object_->AddRef();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U>
  Ref(Ref<U>&& other) noexcept : object_(other.Leak()) {}
  template <typename U>
  Ref(const Ref<U>& other) : Ref(static_cast<T*>(other.get())) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->Release();
  }

  // Takes over the reference the caller already holds.
  static Ref Adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // Gives the reference to the caller, who must adopt or release it.
  T* Leak() { return std::exchange(object_, nullptr); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

// Makes a RefCounted object and returns its first reference.
template <typename T, typename... Args>
Ref<T> MakeRef(Args&&... args) {
  return Ref<T>::Adopt(new T(std::forward<Args>(args)...));
}

}  // namespace sloth

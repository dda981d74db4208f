// One value in transit: small values inline, everything else behind a parcel. 24 bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "data/handle.h"
#include "data/parcel.h"

namespace sloth {

enum class ValueKind : uint8_t { kNil, kFalse, kTrue, kInteger, kFloat, kShortString, kHandle, kParcel };

// Owned by whoever holds it; movable and copyable (a copy shares the parcel). Never touches a Lua heap.
class Value {
 public:
  static constexpr size_t kMaxShortString = 16;

  Value() : integer_(0) {}
  Value(const Value& other) { CopyFrom(other); }
  Value(Value&& other) noexcept { MoveFrom(other); }
  Value& operator=(Value other) noexcept {
    Reset();
    MoveFrom(other);
    return *this;
  }
  ~Value() { Reset(); }

  static Value Boolean(bool value) { return Value(value ? ValueKind::kTrue : ValueKind::kFalse); }
  static Value Integer(int64_t value) {
    Value result(ValueKind::kInteger);
    result.integer_ = value;
    return result;
  }
  static Value Float(double value) {
    Value result(ValueKind::kFloat);
    result.float_ = value;
    return result;
  }
  // `length` must be at most kMaxShortString.
  static Value ShortString(const char* text, size_t length) {
    Value result(ValueKind::kShortString);
    result.length_ = static_cast<uint8_t>(length);
    if (length) std::memcpy(result.text_, text, length);
    return result;
  }
  static Value OfHandle(Ref<Handle> handle, HandleView view = HandleView::kFull) {
    Value result(ValueKind::kHandle);
    result.length_ = static_cast<uint8_t>(view);
    result.object_ = handle.Leak();
    return result;
  }
  static Value OfParcel(Ref<Parcel> parcel) {
    Value result(ValueKind::kParcel);
    result.object_ = parcel.Leak();
    return result;
  }

  ValueKind kind() const { return kind_; }
  bool is_nil() const { return kind_ == ValueKind::kNil; }
  int64_t integer() const { return integer_; }
  double number() const { return float_; }
  const char* text() const { return text_; }
  size_t text_length() const { return length_; }
  Handle* handle() const { return static_cast<Handle*>(object_); }
  HandleView view() const { return static_cast<HandleView>(length_); }
  const Parcel* parcel() const { return static_cast<const Parcel*>(object_); }
  // Tells messages apart in a trace; 0: none. Goes with the value wherever it is moved.
  uint32_t message() const { return message_; }
  void set_message(uint32_t message) { message_ = message; }

 private:
  explicit Value(ValueKind kind) : kind_(kind), integer_(0) {}
  bool counted() const { return kind_ == ValueKind::kHandle || kind_ == ValueKind::kParcel; }
  void CopyFrom(const Value& other) {
    std::memcpy(text_, other.text_, sizeof text_);
    kind_ = other.kind_;
    length_ = other.length_;
    message_ = other.message_;
    if (counted()) object_->AddRef();
  }
  void MoveFrom(Value& other) {
    std::memcpy(text_, other.text_, sizeof text_);
    kind_ = other.kind_;
    length_ = other.length_;
    message_ = other.message_;
    other.kind_ = ValueKind::kNil;
  }
  void Reset() {
    if (counted()) object_->ReleaseChained();
    kind_ = ValueKind::kNil;
  }

  ValueKind kind_ = ValueKind::kNil;
  uint8_t length_ = 0;
  uint32_t message_ = 0;
  union {
    int64_t integer_;
    double float_;
    RefCounted* object_;
    char text_[kMaxShortString];
  };
};

}  // namespace sloth

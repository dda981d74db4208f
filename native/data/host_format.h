// The bytes of a parcel that crosses between Lua and the host: a list of trees, readable without a Lua heap.
//
//   value: tag, then  kInteger int64 | kFloat double | kString u32 length, bytes | kList u32 count, values |
//                     kMap u32 count, key value pairs | kHandle u32 index into the parcel's handles
#pragma once

#include <cstdint>
#include <cstring>

#include "data/parcel.h"

namespace sloth {

enum class HostTag : uint8_t { kNil, kFalse, kTrue, kInteger, kFloat, kString, kList, kMap, kHandle };

// Values nested deeper than this do not cross.
constexpr int kHostDepth = 500;

// Appends to a parcel. Each Try function is false without memory.
class HostWriter {
 public:
  explicit HostWriter(Parcel* parcel) : parcel_(parcel) {}
  [[nodiscard]] bool TryTag(HostTag tag) { return parcel_->bytes.TryAppend(static_cast<unsigned char>(tag)); }
  [[nodiscard]] bool TryCount(HostTag tag, uint32_t count) { return TryTag(tag) && TryRaw(&count, sizeof count); }
  [[nodiscard]] bool TryInteger(int64_t value) { return TryTag(HostTag::kInteger) && TryRaw(&value, sizeof value); }
  [[nodiscard]] bool TryFloat(double value) { return TryTag(HostTag::kFloat) && TryRaw(&value, sizeof value); }
  [[nodiscard]] bool TryString(const char* text, size_t length) {
    return length <= UINT32_MAX && TryCount(HostTag::kString, static_cast<uint32_t>(length)) && TryRaw(text, length);
  }
  [[nodiscard]] bool TryHandle(Ref<Handle> handle, HandleView view) {
    auto index = static_cast<uint32_t>(parcel_->handles.size());
    return parcel_->handles.TryAppend({std::move(handle), view}) && TryCount(HostTag::kHandle, index);
  }
  // Where the next byte goes, and a count written there later.
  size_t position() const { return parcel_->bytes.size(); }
  void PatchCount(size_t tag_position, HostTag tag, uint32_t count) {
    parcel_->bytes[tag_position] = static_cast<unsigned char>(tag);
    std::memcpy(parcel_->bytes.data() + tag_position + 1, &count, sizeof count);
  }

 private:
  bool TryRaw(const void* bytes, size_t size) { return parcel_->bytes.TryAppend(static_cast<const unsigned char*>(bytes), size); }
  Parcel* const parcel_;
};

// Reads what HostWriter wrote. Parcels never leave the process, so the bytes are trusted.
class HostReader {
 public:
  explicit HostReader(const Parcel* parcel) : parcel_(parcel) {}
  HostTag Tag() { return static_cast<HostTag>(parcel_->bytes[position_++]); }
  uint32_t Count() { return Read<uint32_t>(); }
  int64_t Integer() { return Read<int64_t>(); }
  double Float() { return Read<double>(); }
  const char* Text(uint32_t length) {
    const char* text = reinterpret_cast<const char*>(parcel_->bytes.data()) + position_;
    position_ += length;
    return text;
  }
  const HandleRef& HandleAt(uint32_t index) const { return parcel_->handles[index]; }

 private:
  template <typename T>
  T Read() {
    T value;
    std::memcpy(&value, parcel_->bytes.data() + position_, sizeof value);
    position_ += sizeof value;
    return value;
  }
  const Parcel* const parcel_;
  size_t position_ = 0;
};

}  // namespace sloth

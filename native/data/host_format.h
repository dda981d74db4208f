// The bytes of a parcel that crosses between Lua and the host. Both sides write and read it without the other's heap:
// here, and in lib/native/host-format.ts, which keeps the same tags.
//
//   message: u32 count of values, u32 count of objects, the values, one record for each object
//   value:   tag, then  kInt32 int32 | kInteger double | kInt64 int64 | kFloat double | kShortText u8 length, bytes |
//                       kAscii, kText, kBytes u32 length, bytes | kSame u32 number of an object met before |
//                       kHandle u32 index into the parcel's handles | kDate double | any other object: u32 count
//   record:  tag and u32 count of the object, then kList, kHoles and the typed arrays: count values | kRecord: count texts,
//            each with its value | kMap: count keys, each with its value | kSet: count values | kDate: nothing
//
// Objects are numbered as they are first met, and their records follow in that order: so neither side recurses, a cycle is
// nothing special, and what occurs twice is one object again on the other side. Words are little-endian, as the machine's.
#pragma once

#include <cstdint>
#include <cstring>

#include "data/parcel.h"

namespace sloth {

enum class HostTag : uint8_t {
  kNil,
  kFalse,
  kTrue,
  kInt32,
  kInteger,    // a double, but an integer of at most 53 bits
  kInt64,
  kFloat,
  kShortText,  // up to 255 bytes of ASCII
  kAscii,
  kText,       // as IsText says
  kBytes,      // any bytes
  kSame,
  kHandle,
  kDate,       // milliseconds since 1970
  kList,
  kHoles,      // a list with nil among its values
  kRecord,     // all keys are texts
  kMap,
  kSet,
  kInt8Array,
  kUint8ClampedArray,
  kInt16Array,
  kUint16Array,
  kInt32Array,
  kUint32Array,
  kFloat32Array,
  kFloat64Array,
  kBigInt64Array,
  kBigUint64Array,
  kCount,
};

// Values nested deeper than this do not cross; a list that has more holes than this does not.
constexpr uint32_t kHostDepth = 10000;
constexpr int64_t kHostHoles = 1 << 24;
constexpr size_t kHostHeader = 8;

// Appends to a parcel. Each Try function is false without memory.
class HostWriter {
 public:
  explicit HostWriter(Parcel* parcel) : parcel_(parcel) {}
  [[nodiscard]] bool TryHeader(uint32_t values) {
    uint32_t header[] = {values, 0};
    return TryRaw(header, sizeof header);
  }
  void PatchObjects(uint32_t objects) { std::memcpy(parcel_->bytes.data() + 4, &objects, sizeof objects); }
  [[nodiscard]] bool TryTag(HostTag tag) { return parcel_->bytes.TryAppend(static_cast<unsigned char>(tag)); }
  [[nodiscard]] bool TryCount(HostTag tag, uint32_t count) { return TryTagged(tag, count); }
  [[nodiscard]] bool TryInteger(int64_t value) {
    if (value == static_cast<int32_t>(value)) return TryTagged(HostTag::kInt32, static_cast<int32_t>(value));
    constexpr int64_t kLargest = (int64_t{1} << 53) - 1;
    if (value >= -kLargest && value <= kLargest) return TryTagged(HostTag::kInteger, static_cast<double>(value));
    return TryTagged(HostTag::kInt64, value);
  }
  [[nodiscard]] bool TryFloat(HostTag tag, double value) { return TryTagged(tag, value); }
  // Any string: what it is made of decides its tag.
  [[nodiscard]] bool TryString(const char* text, size_t length);
  [[nodiscard]] bool TryHandle(Ref<Handle> handle, HandleView view) {
    auto index = static_cast<uint32_t>(parcel_->handles.size());
    return parcel_->handles.TryAppend({std::move(handle), view}) && TryCount(HostTag::kHandle, index);
  }

 private:
  template <typename T>
  bool TryTagged(HostTag tag, T value) {
    unsigned char bytes[1 + sizeof value] = {static_cast<unsigned char>(tag)};
    std::memcpy(bytes + 1, &value, sizeof value);
    return parcel_->bytes.TryAppend(bytes, sizeof bytes);
  }
  bool TryRaw(const void* bytes, size_t size) { return parcel_->bytes.TryAppend(static_cast<const unsigned char*>(bytes), size); }
  Parcel* const parcel_;
};

// Reads a message. Owns nothing, so it may live in a frame that Lua's errors skip; the parcel outlives it. The bytes are
// trusted: HostWriter wrote them, or IsHostMessage said yes.
class HostReader {
 public:
  explicit HostReader(const Parcel* parcel) : parcel_(parcel) {}
  HostTag Tag() { return static_cast<HostTag>(parcel_->bytes[position_++]); }
  uint8_t Byte() { return parcel_->bytes[position_++]; }
  uint32_t Count() { return Read<uint32_t>(); }
  int32_t Small() { return Read<int32_t>(); }
  int64_t Integer() { return Read<int64_t>(); }
  double Float() { return Read<double>(); }
  const char* Text(uint32_t length) {
    const char* text = reinterpret_cast<const char*>(parcel_->bytes.data()) + position_;
    position_ += length;
    return text;
  }
  const HandleRef& HandleAt(uint32_t index) const { return parcel_->handles[index]; }
  size_t left() const { return parcel_->bytes.size() - position_; }

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

// Whether the bytes are UTF-8 as JavaScript's strings make it: a lone surrogate is allowed, a pair of them written as two is
// not. So texts and strings stand for each other one to one.
bool IsAscii(const char* text, size_t length);
bool IsText(const char* text, size_t length);

// Whether a parcel that somebody else filled is one whole message and nothing more.
bool IsHostMessage(const Parcel* parcel);

}  // namespace sloth

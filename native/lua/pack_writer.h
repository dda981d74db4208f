// Writes the bytes of a parcel (pack_format.h). Every write may fail for memory and says so.
#pragma once

#include <cstring>

#include "data/parcel.h"
#include "lua/pack_format.h"

namespace sloth {

// Used by one Packer on one thread; the parcel is the Packer's until it is complete.
class PackWriter {
 public:
  explicit PackWriter(Parcel* parcel) : bytes_(parcel->bytes) {}

  size_t size() const { return bytes_.size(); }

  [[nodiscard]] bool Reserve(size_t count) { return bytes_.TryReserve(count); }
  [[nodiscard]] bool Tag(PackTag tag) { return bytes_.TryAppend(static_cast<unsigned char>(tag)); }

  [[nodiscard]] bool Integer(int64_t value) {
    if (value == static_cast<int8_t>(value)) {
      constexpr auto kTag = static_cast<unsigned char>(PackTag::kSmallInteger);
      unsigned char small[] = {kTag, static_cast<unsigned char>(value)};
      return bytes_.TryAppend(small, sizeof small);
    }
    return Fixed(PackTag::kInteger, value);
  }
  [[nodiscard]] bool Float(double value) { return Fixed(PackTag::kFloat, value); }
  [[nodiscard]] bool Address(PackTag tag, const void* address) { return Fixed(tag, address); }

  // A tag and one number, or two.
  [[nodiscard]] bool Number(PackTag tag, uint64_t number) {
    unsigned char buffer[1 + kMaxVarintBytes] = {static_cast<unsigned char>(tag)};
    return bytes_.TryAppend(buffer, 1 + PutVarint(buffer + 1, number));
  }
  [[nodiscard]] bool Numbers(PackTag tag, uint64_t first, uint64_t second) {
    unsigned char buffer[1 + 2 * kMaxVarintBytes] = {static_cast<unsigned char>(tag)};
    size_t length = 1 + PutVarint(buffer + 1, first);
    return bytes_.TryAppend(buffer, length + PutVarint(buffer + length, second));
  }
  [[nodiscard]] bool Varint(uint64_t number) {
    unsigned char buffer[kMaxVarintBytes];
    return bytes_.TryAppend(buffer, PutVarint(buffer, number));
  }
  // A length and that many bytes.
  [[nodiscard]] bool Text(const char* text, size_t length) {
    return Varint(length) && bytes_.TryAppend(reinterpret_cast<const unsigned char*>(text), length);
  }

  // Leaves room for something that is known later, and returns where it is.
  [[nodiscard]] bool Skip(size_t count, size_t* place) {
    *place = bytes_.size();
    static constexpr unsigned char kZeros[64] = {};
    return bytes_.TryAppend(kZeros, count);
  }
  void PatchShape(size_t place, const TableShape& shape) {
    unsigned char* at = bytes_.data() + place;
    std::memcpy(at, &shape.array_size, 4);
    std::memcpy(at + 4, &shape.hash_size, 4);
    at[8] = shape.has_metatable;
  }
  void PatchHeader(const PackHeader& header) { std::memcpy(bytes_.data(), &header, sizeof header); }

 private:
  template <typename T>
  [[nodiscard]] bool Fixed(PackTag tag, T value) {
    unsigned char buffer[1 + sizeof value] = {static_cast<unsigned char>(tag)};
    std::memcpy(buffer + 1, &value, sizeof value);
    return bytes_.TryAppend(buffer, sizeof buffer);
  }
  static size_t PutVarint(unsigned char* at, uint64_t number) {
    size_t length = 0;
    while (number >= 0x80) {
      at[length++] = static_cast<unsigned char>(number | 0x80);
      number >>= 7;
    }
    at[length++] = static_cast<unsigned char>(number);
    return length;
  }

  GrowArray<unsigned char>& bytes_;
};

}  // namespace sloth

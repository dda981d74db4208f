// Reads the bytes of a parcel (pack_format.h), which this process wrote and nothing changed since.
#pragma once

#include <cstring>

#include "data/parcel.h"
#include "lua/pack_format.h"

namespace sloth {

// Owns nothing, so it may live in a frame that Lua's errors skip. The parcel outlives it.
class UnpackReader {
 public:
  explicit UnpackReader(const Parcel* parcel) : at_(parcel->bytes.data()) {}

  PackTag Tag() { return static_cast<PackTag>(*at_++); }
  template <typename T>
  T Fixed() {
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  uint64_t Varint() {
    uint64_t number = *at_++;
    if (number < 0x80) return number;
    number &= 0x7f;
    for (int shift = 7;; shift += 7) {
      uint64_t byte = *at_++;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }
  const char* Bytes(size_t length) {
    const unsigned char* text = at_;
    at_ += length;
    return reinterpret_cast<const char*>(text);
  }
  TableShape Shape() {
    TableShape shape;
    shape.array_size = Fixed<uint32_t>();
    shape.hash_size = Fixed<uint32_t>();
    shape.has_metatable = Fixed<unsigned char>() != 0;
    return shape;
  }

 private:
  const unsigned char* at_;
};

}  // namespace sloth

// The bytes of a fuzzer's input as choices. Once they are used up every choice is 0. Included by tests only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sloth::testing {

// Stands where tests use Random.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool used_up() const { return at_ == size_; }
  uint64_t Next() {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word = word << 8 | Byte();
    return word;
  }
  // A number in [0, bound), bound > 0.
  uint32_t Below(uint32_t bound) {
    uint32_t number = Byte();
    for (uint32_t most = 256; most < bound && most < (1U << 24); most <<= 8) number = number << 8 | Byte();
    return number % bound;
  }

 private:
  uint8_t Byte() { return at_ < size_ ? data_[at_++] : 0; }
  const uint8_t* const data_;
  const size_t size_;
  size_t at_ = 0;
};

}  // namespace sloth::testing

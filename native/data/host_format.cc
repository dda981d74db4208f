#include "data/host_format.h"

#include <vector>

namespace sloth {

bool IsAscii(const char* text, size_t length) {
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    std::memcpy(&word, text + i, sizeof word);
    if (word & 0x8080808080808080ULL) return false;
  }
  for (; i < length; i++) {
    if (static_cast<unsigned char>(text[i]) & 0x80) return false;
  }
  return true;
}

bool IsText(const char* text, size_t length) {
  bool after_high = false;  // the character before was a high surrogate
  for (size_t i = 0; i < length;) {
    auto at = [&](size_t k) -> uint32_t { return static_cast<unsigned char>(text[i + k]); };
    if (at(0) < 0x80) {
      i++;
      after_high = false;
      continue;
    }
    size_t more = at(0) >= 0xf0 ? 3 : at(0) >= 0xe0 ? 2 : 1;
    if (at(0) < 0xc2 || at(0) > 0xf4 || length - i <= more) return false;
    uint32_t code = at(0) & (0x3fu >> more);
    for (size_t k = 1; k <= more; k++) {
      if ((at(k) & 0xc0) != 0x80) return false;
      code = code << 6 | (at(k) & 0x3f);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff))) return false;
    bool low = code >= 0xdc00 && code <= 0xdfff;
    if (low && after_high) return false;
    after_high = code >= 0xd800 && code <= 0xdbff;
    i += more + 1;
  }
  return true;
}

bool HostWriter::TryString(const char* text, size_t length) {
  if (length > UINT32_MAX) return false;
  auto size = static_cast<uint32_t>(length);
  bool ascii = IsAscii(text, length);
  if (ascii && length <= UINT8_MAX) {
    unsigned char head[] = {static_cast<unsigned char>(HostTag::kShortText), static_cast<unsigned char>(length)};
    return TryRaw(head, sizeof head) && TryRaw(text, length);
  }
  HostTag tag = ascii ? HostTag::kAscii : IsText(text, length) ? HostTag::kText : HostTag::kBytes;
  return TryCount(tag, size) && TryRaw(text, length);
}

namespace {

bool IsTypedArray(HostTag tag) { return tag >= HostTag::kInt8Array && tag < HostTag::kCount; }

class Checker {
 public:
  explicit Checker(const Parcel* parcel) : parcel_(parcel), reader_(parcel) {}

  bool Check() {
    if (!Has(kHostHeader)) return false;
    uint32_t values = reader_.Count();
    uint32_t objects = reader_.Count();
    for (uint32_t i = 0; i < values; i++) {
      if (!Value()) return false;
    }
    // Records may introduce further objects.
    for (size_t i = 0; i < met_.size(); i++) {
      if (!Record(met_[i])) return false;
    }
    return met_.size() == objects && reader_.left() == 0;
  }

 private:
  struct Object {
    HostTag tag;
    uint32_t count;
  };
  bool Has(size_t size) const { return reader_.left() >= size; }
  bool Skip(size_t size) {
    if (!Has(size)) return false;
    (void)reader_.Text(static_cast<uint32_t>(size));
    return true;
  }
  bool Text(HostTag tag) {
    if (tag == HostTag::kShortText) return Has(1) && Skip(reader_.Byte());
    return Has(4) && Skip(reader_.Count());
  }
  bool Meet(HostTag tag, uint32_t count) {
    met_.push_back({tag, count});
    return true;
  }
  bool Value() {
    if (!Has(1)) return false;
    switch (HostTag tag = reader_.Tag()) {
      case HostTag::kNil:
      case HostTag::kFalse:
      case HostTag::kTrue: return true;
      case HostTag::kInt32: return Skip(4);
      case HostTag::kInteger: {
        if (!Has(8)) return false;
        double value = reader_.Float();
        return value >= -0x1p53 && value <= 0x1p53;
      }
      case HostTag::kInt64:
      case HostTag::kFloat: return Skip(8);
      case HostTag::kShortText:
      case HostTag::kAscii:
      case HostTag::kText:
      case HostTag::kBytes: return Text(tag);
      case HostTag::kSame: return Has(4) && reader_.Count() < met_.size();
      case HostTag::kHandle: return Has(4) && reader_.Count() < parcel_->handles.size();
      case HostTag::kDate: return Skip(8) && Meet(tag, 0);
      default: return tag < HostTag::kCount && tag != HostTag::kHoles && Has(4) && Meet(tag, reader_.Count());
    }
  }
  bool Record(Object object) {
    if (!Has(5)) return false;
    HostTag tag = reader_.Tag();
    bool holes = object.tag == HostTag::kList && tag == HostTag::kHoles;
    if ((tag != object.tag && !holes) || reader_.Count() != object.count) return false;
    for (uint32_t i = 0; i < object.count; i++) {
      if (tag == HostTag::kRecord) {
        if (!Has(1)) return false;
        HostTag key = reader_.Tag();
        if (key < HostTag::kShortText || key > HostTag::kText || !Text(key)) return false;
      }
      if (tag == HostTag::kMap && !Value()) return false;
      if (!Value()) return false;
    }
    return tag == HostTag::kDate || tag >= HostTag::kList || IsTypedArray(tag);
  }

  const Parcel* const parcel_;
  HostReader reader_;
  std::vector<Object> met_;
};

}  // namespace

bool IsHostMessage(const Parcel* parcel) { return Checker(parcel).Check(); }

}  // namespace sloth

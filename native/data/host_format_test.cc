// What texts are, and which bytes are a message.
#include "data/host_format.h"

#include <initializer_list>
#include <string>

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

bool Text(const std::string& text) { return IsText(text.data(), text.size()); }

// list, map of an object to itself, a date, and texts of each kind.
Ref<Parcel> Message() {
  auto parcel = MakeRef<Parcel>();
  HostWriter writer(parcel.get());
  std::string lengthy(300, 'x');
  bool written = writer.TryHeader(2) && writer.TryCount(HostTag::kList, 3) && writer.TryFloat(HostTag::kDate, 5) &&
                 // the list
                 writer.TryCount(HostTag::kHoles, 3) && writer.TryTag(HostTag::kNil) && writer.TryInteger(7) &&
                 writer.TryCount(HostTag::kMap, 1) &&
                 // the date, then the map
                 writer.TryCount(HostTag::kDate, 0) && writer.TryCount(HostTag::kMap, 1) && writer.TryCount(HostTag::kSame, 2) &&
                 writer.TryCount(HostTag::kRecord, 2) &&
                 // the record
                 writer.TryCount(HostTag::kRecord, 2) && writer.TryString("a", 1) && writer.TryInteger(int64_t{1} << 60) &&
                 writer.TryString(lengthy.data(), lengthy.size()) && writer.TryString("\xff", 1);
  REQUIRE(written);
  writer.PatchObjects(4);
  return parcel;
}

}  // namespace

TEST_CASE("text is UTF-8 in which surrogates may stand alone") {
  for (const char* good : {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xed\xa0\x80", "\xed\xb0\x80x\xed\xa0\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xed\xb0\x80\xed\xa0\x80"}) {
    INFO(good);
    CHECK(Text(good));
  }
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80\xed\xb0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xff", "long enough\xfe to be words"}) {
    INFO(bad);
    CHECK_FALSE(Text(bad));
  }
  CHECK(Text(std::string("a\0b", 3)));
}

TEST_CASE("a message is whole, or it is none") {
  Ref<Parcel> message = Message();
  CHECK(IsHostMessage(message.get()));
  for (size_t length = 0; length < message->bytes.size(); length++) {
    auto part = MakeRef<Parcel>();
    REQUIRE(part->bytes.TryAppend(message->bytes.data(), length));
    CHECK_FALSE(IsHostMessage(part.get()));
  }
  REQUIRE(message->bytes.TryAppend(0));
  CHECK_FALSE(IsHostMessage(message.get()));
}

TEST_CASE("whatever byte is wrong, checking it ends") {
  for (size_t place = 0; place < Message()->bytes.size(); place++) {
    for (int change : {1, 2, 16, 0x7f, 0xff}) {
      Ref<Parcel> message = Message();
      message->bytes[place] ^= static_cast<unsigned char>(change);
      (void)IsHostMessage(message.get());
    }
  }
}

TEST_CASE("handles and objects that are not there are refused") {
  auto parcel = MakeRef<Parcel>();
  HostWriter writer(parcel.get());
  REQUIRE((writer.TryHeader(1) && writer.TryCount(HostTag::kHandle, 0)));
  CHECK_FALSE(IsHostMessage(parcel.get()));
  parcel = MakeRef<Parcel>();
  HostWriter other(parcel.get());
  REQUIRE((other.TryHeader(1) && other.TryCount(HostTag::kSame, 0)));
  CHECK_FALSE(IsHostMessage(parcel.get()));
}

}  // namespace sloth::testing

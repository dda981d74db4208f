// Values in transit and the parcels behind them.
#include "data/value.h"

#include <string>

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

class Thing final : public Handle {
 public:
  explicit Thing(int* live) : Handle(HandleKind::kAtomic), live_(live) { ++*live_; }
  ~Thing() override { --*live_; }
  Value inside;

 private:
  int* const live_;
};

TEST_CASE("a value is 24 bytes") { CHECK(sizeof(Value) == 24); }

TEST_CASE("small values keep their kind and content") {
  CHECK(Value().is_nil());
  CHECK(Value::Boolean(true).kind() == ValueKind::kTrue);
  CHECK(Value::Boolean(false).kind() == ValueKind::kFalse);
  CHECK(Value::Integer(INT64_MIN).integer() == INT64_MIN);
  CHECK(Value::Float(0.5).number() == 0.5);
  Value text = Value::ShortString("sixteen bytes!!!", 16);
  CHECK(std::string(text.text(), text.text_length()) == "sixteen bytes!!!");
  CHECK(Value::ShortString("", 0).text_length() == 0);
}

TEST_CASE("copies of a value share its handle, and the last one lets go of it") {
  int live = 0;
  {
    Value first = Value::OfHandle(MakeRef<Thing>(&live), HandleView::kSendOnly);
    Value second = first;
    Value third;
    third = second;
    CHECK(third.handle() == first.handle());
    CHECK(third.view() == HandleView::kSendOnly);
    first = Value();
    second = Value::Integer(1);
    CHECK(live == 1);
    Value& same = third;
    third = same;
    CHECK(live == 1);
  }
  CHECK(live == 0);
}

TEST_CASE("a moved value is nil and lets go of nothing") {
  int live = 0;
  Value first = Value::OfHandle(MakeRef<Thing>(&live));
  Value second = std::move(first);
  CHECK(first.is_nil());
  CHECK(live == 1);
  second = Value();
  CHECK(live == 0);
}

TEST_CASE("a parcel releases the handles it carries") {
  int live = 0;
  auto parcel = MakeRef<Parcel>();
  for (int i = 0; i < 100; i++) CHECK(parcel->handles.TryAppend(HandleRef{MakeRef<Thing>(&live), HandleView::kFull}));
  Value value = Value::OfParcel(std::move(parcel));
  CHECK(value.parcel()->handles.size() == 100);
  CHECK(live == 100);
  value = Value();
  CHECK(live == 0);
}

TEST_CASE("many handles inside each other are destroyed without a deep stack") {
  int live = 0;
  Value chain;
  for (int i = 0; i < 200000; i++) {
    auto thing = MakeRef<Thing>(&live);
    if (i % 2) {
      auto parcel = MakeRef<Parcel>();
      CHECK(parcel->handles.TryAppend(HandleRef{MakeRef<Thing>(&live), HandleView::kFull}));
      static_cast<Thing*>(parcel->handles[0].handle.get())->inside = std::move(chain);
      thing->inside = Value::OfParcel(std::move(parcel));
    } else {
      thing->inside = std::move(chain);
    }
    chain = Value::OfHandle(std::move(thing));
  }
  chain = Value();
  CHECK(live == 0);
}

TEST_CASE("a growing array keeps what it holds, and refuses what no memory can hold") {
  GrowArray<int> array;
  for (int i = 0; i < 1000; i++) CHECK(array.TryAppend(i));
  const int more[3] = {1000, 1001, 1002};
  CHECK(array.TryAppend(more, 3));
  CHECK(!array.TryReserve(SIZE_MAX));
  CHECK(!array.TryReserve(SIZE_MAX / 2));
  CHECK(array.size() == 1003);
  for (int i = 0; i < 1003; i++) CHECK(array[static_cast<size_t>(i)] == i);
}

}  // namespace
}  // namespace sloth::testing

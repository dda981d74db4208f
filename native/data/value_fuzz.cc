// Values in transit and the parcels behind them: whatever is copied, moved, replaced and dropped in whatever order, each
// holder sees what was put in, and nothing is left.
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/choices.h"
#include "data/value.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

int live = 0;

class CountedHandle final : public Handle {
 public:
  CountedHandle() : Handle(HandleKind::kChannel) { live++; }
  ~CountedHandle() override { live--; }
};

// A value and what it should say.
struct Holder {
  Value value;
  std::string said;
};

std::string Say(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNil: return "nil";
    case ValueKind::kFalse: return "false";
    case ValueKind::kTrue: return "true";
    case ValueKind::kInteger: return std::to_string(value.integer());
    case ValueKind::kFloat: return std::to_string(value.number());
    case ValueKind::kShortString: return "'" + std::string(value.text(), value.text_length()) + "'";
    case ValueKind::kHandle:
      return "handle " + std::to_string(reinterpret_cast<uintptr_t>(value.handle())) + " " +
             std::to_string(static_cast<int>(value.view()));
    case ValueKind::kParcel: {
      const Parcel* parcel = value.parcel();
      std::string said(reinterpret_cast<const char*>(parcel->bytes.data()), parcel->bytes.size());
      for (size_t i = 0; i < parcel->handles.size(); i++) said += Say(Value::OfHandle(parcel->handles[i].handle));
      return said;
    }
  }
  return "?";
}

Ref<Handle> AnyHandle(Choices* choices, const std::vector<Holder>& holders) {
  const Value& known = holders[choices->Below(static_cast<uint32_t>(holders.size()))].value;
  if (known.kind() == ValueKind::kHandle) return Ref<Handle>(known.handle());
  return MakeRef<CountedHandle>();
}

Value MakeParcel(Choices* choices, const std::vector<Holder>& holders) {
  auto parcel = MakeRef<Parcel>();
  for (uint32_t n = choices->Below(300); n > 0; n--) CHECK(parcel->bytes.TryAppend(static_cast<unsigned char>(n)));
  unsigned char more[40] = {1, 2, 3};
  CHECK(parcel->bytes.TryAppend(more, choices->Below(40)));
  for (uint32_t n = choices->Below(4); n > 0; n--) {
    CHECK(parcel->handles.TryAppend({AnyHandle(choices, holders), HandleView::kFull}));
  }
  CHECK(parcel->size() >= parcel->bytes.size());
  return Value::OfParcel(parcel);
}

Value MakeValue(Choices* choices, const std::vector<Holder>& holders) {
  switch (choices->Below(8)) {
    case 0: return Value();
    case 1: return Value::Boolean(choices->Below(2) != 0);
    case 2: return Value::Integer(static_cast<int64_t>(choices->Next()));
    case 3: return Value::Float(static_cast<double>(choices->Below(1000)) / 8);
    case 4: {
      std::string text(choices->Below(Value::kMaxShortString + 1), 'x');
      return Value::ShortString(text.data(), text.size());
    }
    case 5: return Value::OfHandle(AnyHandle(choices, holders), choices->Below(2) ? HandleView::kFull : HandleView::kSendOnly);
    default: return MakeParcel(choices, holders);
  }
}

void Try(Choices choices) {
  std::vector<Holder> holders(8, Holder{Value(), "nil"});
  auto any = [&]() -> Holder& { return holders[choices.Below(static_cast<uint32_t>(holders.size()))]; };
  while (!choices.used_up()) {
    Holder& to = any();
    Holder& from = any();
    switch (choices.Below(4)) {
      case 0: {
        Value value = MakeValue(&choices, holders);
        to.said = Say(value);
        to.value = std::move(value);
        break;
      }
      case 1: to = from; break;
      case 2: {
        Value taken = std::move(from.value);
        CHECK(from.value.is_nil());
        std::string said = std::move(from.said);
        from.said = "nil";
        to.value = std::move(taken);
        to.said = std::move(said);
        break;
      }
      default: to.value = to.value; break;
    }
    for (const Holder& holder : holders) CHECK(Say(holder.value) == holder.said);
  }
}

}  // namespace
}  // namespace sloth::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sloth::testing::Try(sloth::testing::Choices(data, size));
  if (sloth::testing::live != 0) std::abort();
  return 0;
}

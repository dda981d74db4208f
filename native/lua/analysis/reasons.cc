#include "lua/analysis/reasons.h"

#include <algorithm>

#include "lua/internals.h"

namespace sloth {

void Reasons::Add(const char* kind, const std::string& name, const CodePlace& place, std::string message) {
  if (Enough()) return;
  PlacementReason reason{kind, name, "", 0, std::move(message)};
  if (place.code) {
    reason.file = ShownSource(*place.code);
    reason.line = place.code->functions[place.function].LineAt(place.pc);
    reason.message += " (" + ShownPlace(place) + ")";
  }
  for (const PlacementReason& known : placement_->reasons) {
    if (known.kind == reason.kind && known.message == reason.message) return;
  }
  certain_ |= reason.kind != "unknown";
  placement_->reasons.push_back(std::move(reason));
}

void Reasons::Add(const char* kind, const std::string& name, const std::string& message) {
  Add(kind, name, {}, message);
}

void Reasons::Finish() {
  std::vector<PlacementReason>& reasons = placement_->reasons;
  std::stable_partition(reasons.begin(), reasons.end(),
                        [](const PlacementReason& reason) { return reason.kind != "unknown"; });
  if (rule_ != PlacementRule::kExplain && reasons.size() > 1) reasons.resize(1);
}

std::string ShownSource(const Code& code) {
  char shown[LUA_IDSIZE];
  luaO_chunkid(shown, code.source.data(), code.source.size());
  return shown;
}

std::string ShownPlace(const CodePlace& place) {
  if (!place.code) return "";
  return ShownSource(*place.code) + ":" + std::to_string(place.code->functions[place.function].LineAt(place.pc));
}

}  // namespace sloth

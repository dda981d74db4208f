#include "lua/analysis/reasons.h"

#include <algorithm>

#include "lua/analysis/chunk_facts.h"
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

namespace {

bool IsInside(const Code& code, uint32_t function, uint32_t outer) {
  while (function != outer && function != UINT32_MAX) function = code.functions[function].parent;
  return function == outer;
}

bool Names(const FunctionCode& function, const FunctionFacts& facts, const Step& step, std::string_view name) {
  if (step.kind == StepKind::kGetUpvalue) return function.upvalues[step.a].name == name;
  // A global is a field of the upvalue _ENV.
  if (step.kind != StepKind::kGetField || facts.nodes[step.a].kind != NodeKind::kUpvalue) return false;
  return function.upvalues[facts.nodes[step.a].index].name == "_ENV" && function.constants[step.b].text == name;
}

}  // namespace

CodePlace PlaceOfName(const Code* code, uint32_t function, std::string_view path) {
  if (!code) return {};
  std::string_view name = path.substr(0, path.find_first_of(".["));
  for (uint32_t i = function; code->facts && code->facts->readable && i < code->functions.size(); i++) {
    if (!IsInside(*code, i, function)) continue;
    const FunctionFacts& facts = code->facts->functions[i];
    for (const Step& step : facts.steps) {
      if (Names(code->functions[i], facts, step, name)) return {code, i, step.pc};
    }
  }
  return {code, function, 0};
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

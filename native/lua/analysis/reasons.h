// Collects what keeps a goroutine home, and words it.
#pragma once

#include <string>
#include <string_view>

#include "lua/analysis/placement.h"
#include "lua/code.h"

namespace sloth {

// A place in a chunk; `code` null: nowhere.
struct CodePlace {
  const Code* code = nullptr;
  uint32_t function = 0;
  int pc = 0;
};

class Reasons {
 public:
  Reasons(PlacementRule rule, Placement* placement) : rule_(rule), placement_(placement) {}

  // `message` gets the place appended: "assigns the captured variable 'n' (x.lua:3)".
  void Add(const char* kind, const std::string& name, const CodePlace& place, std::string message);
  void Add(const char* kind, const std::string& name, const std::string& message);

  // Nothing more needs to be found out. That something cannot be known is told only when nothing else can.
  bool Enough() const { return rule_ != PlacementRule::kExplain && certain_; }
  // Leaves the one reason that was asked for; of several, what cannot be known comes last.
  void Finish();
  bool AnyYet() const { return !placement_->reasons.empty(); }
  PlacementRule rule() const { return rule_; }

 private:
  const PlacementRule rule_;
  Placement* const placement_;
  bool certain_ = false;  // one of them is more than "unknown"
};

// Where `function`, or one nested in it, first names the variable or global that a path ("t.lock") begins with; where the
// function begins when none does.
CodePlace PlaceOfName(const Code* code, uint32_t function, std::string_view path);
// "x.lua" for the chunk "@x.lua", as error messages show it.
std::string ShownSource(const Code& code);
// "x.lua:3"; empty for nowhere.
std::string ShownPlace(const CodePlace& place);

}  // namespace sloth

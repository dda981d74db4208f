#include "lua/analysis/deeds.h"

#include <algorithm>

#include "lua/internals.h"

namespace sloth {

void DeedFinder::Run() {
  for (function_ = 0; function_ < facts_->functions.size(); function_++) {
    CollectEscapes();
    for (const Step& step : facts_->functions[function_].steps) {
      pc_ = step.pc;
      JudgeStep(step);
    }
    JudgeConstants();
  }
}

const std::string& DeedFinder::ConstantText(uint32_t constant) const {
  return code_.functions[function_].constants[constant].text;
}

void DeedFinder::Hazard(bool ChunkHazards::*hazard) {
  ChunkHazards& hazards = facts_->hazards;
  if (hazards.pc == 0) {
    hazards.pc = pc_;
    hazards.function = function_;
  }
  hazards.*hazard = true;
}

// Where tables made in this function become visible to somebody who is not this activation.
void DeedFinder::CollectEscapes() {
  escapes_.clear();
  const FunctionFacts& facts = facts_->functions[function_];
  for (const Step& step : facts.steps) {
    GlobalPath callee;
    switch (step.kind) {
      case StepKind::kCall: callee = values_.CalleeOf(function_, step); break;
      case StepKind::kSetUpvalue:
      case StepKind::kSetField:
      case StepKind::kSetElement:
      case StepKind::kAssign:
      case StepKind::kClose: break;
      default: continue;
    }
    for (uint32_t i = 0; i < step.operand_count; i++) {
      if (KeepsQuiet(callee, i)) continue;
      for (int site : values_.TablesOf(function_, facts.OperandsOf(step)[i]).sites) escapes_.emplace_back(site, step.pc);
    }
  }
}

namespace {

// The first instruction, in code order, that can run after the one at `pc`.
int LowestAfter(const FunctionFacts& facts, int pc) {
  int lowest = pc + 1;
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [from, to] : facts.back_edges) {
      if (from < std::min(lowest, pc) || to >= lowest) continue;
      lowest = to;
      changed = true;
    }
  }
  return lowest;
}

}  // namespace

// Whether one of the tables may be visible to others when the instruction at `pc` runs.
bool DeedFinder::HasLeft(const FreshTables& tables, int pc) const {
  const FunctionFacts& facts = facts_->functions[function_];
  for (int site : tables.sites) {
    for (const auto& [escaped_site, escape] : escapes_) {
      if (escaped_site != site) continue;
      if (escape <= pc) return true;
      if (LowestAfter(facts, escape) > pc) continue;
      // It leaves later: a jump back may bring the same table here again, unless each round makes a new one.
      for (const auto& [from, to] : facts.back_edges) {
        bool around = to <= pc && pc <= from;
        if (around && !(tables.direct && to <= site)) return true;
      }
    }
  }
  return false;
}

void DeedFinder::AddDeed(const Step& step, DeedKind kind, const std::string& name) {
  Deed& deed = facts_->deeds.emplace_back();
  deed.kind = kind;
  deed.function = function_;
  deed.pc = step.pc;
  deed.name = name;
}

// A store into the table `table` is: nothing to others as long as only this activation knows the table.
void DeedFinder::AddStore(const Step& step, DeedKind kind, NodeId table, const std::string* name) {
  if (kind == DeedKind::kStoreField && name) facts_->fields_stored.emplace(*name, true);
  GlobalPath path = values_.PathOf(function_, table);
  if (path.IsGlobals() && kind == DeedKind::kStoreField) {
    AddDeed(step, DeedKind::kAssignGlobal, *name);
    facts_->deeds.back().by_outer = true;
    return;
  }
  FreshTables tables = values_.TablesOf(function_, table);
  bool own = !tables.external && !tables.sites.empty();
  if (own && !HasLeft(tables, step.pc)) return;
  AddDeed(step, kind, name ? *name : std::string());
  Deed& deed = facts_->deeds.back();
  deed.own_table = own;
  deed.site = own && tables.direct ? tables.sites[0] : -1;
  deed.into_library = IsLibrary(path);
  deed.by_path = path.length >= 0;
  deed.by_outer = values_.IsReachedFrom(NodeKind::kUpvalue, function_, table);
  deed.by_parameter = values_.IsReachedFrom(NodeKind::kParameter, function_, table);
}

void DeedFinder::JudgeStep(const Step& step) {
  const FunctionFacts& facts = facts_->functions[function_];
  const NodeId* operands = facts.OperandsOf(step);
  switch (step.kind) {
    case StepKind::kSetUpvalue:
      if (facts.upvalue_variables[step.a] == 0) Hazard(&ChunkHazards::changes_environment);
      break;
    case StepKind::kGetField:
      NoteReads(step);
      return;
    case StepKind::kGetElement:
      NoteUse(step.a);
      NoteUse(step.b);
      return;
    case StepKind::kSetField:
      AddStore(step, DeedKind::kStoreField, step.a, &ConstantText(step.b));
      NoteEvent(step);
      break;
    case StepKind::kSetElement: {
      bool number = values_.IsNumber(function_, step.b);
      AddStore(step, number ? DeedKind::kStoreNumber : DeedKind::kStoreAny, step.a, nullptr);
      NoteUse(step.b);
      break;
    }
    case StepKind::kCall: return JudgeCall(step);
    case StepKind::kAssign: {
      // A local that always holds the same global is judged where it is used.
      if (facts_->variables[facts.locals[step.a].variable].assigned_once()) return;
      break;
    }
    default: break;
  }
  for (uint32_t i = 0; i < step.operand_count; i++) {
    if (step.kind == StepKind::kOperate) continue;
    NoteUse(operands[i]);
  }
}

void DeedFinder::NoteReads(const Step& step) {
  GlobalPath base = values_.PathOf(function_, step.a);
  if (base.length < 0) return;
  const std::string& name = ConstantText(step.b);
  if (base.IsGlobals()) {
    AddDeed(step, DeedKind::kReadGlobal, name);
    return;
  }
  GlobalPath path = values_.PathOf(function_, step.target);
  if (RewritesFunctions(path)) Hazard(&ChunkHazards::rewrites_functions);
  if (path.Is("package", "loaded") || (path.length < 0 && base.Is("package", "loaded"))) {
    Hazard(&ChunkHazards::leaks_libraries);
    Hazard(&ChunkHazards::leaks_globals);
    Hazard(&ChunkHazards::hides_stores);
  }
}

// A node is used as a value, so that what happens to it later cannot be seen.
void DeedFinder::NoteUse(NodeId node) {
  GlobalPath path = values_.PathOf(function_, node);
  if (path.length < 0) return;
  if (path.IsGlobals()) Hazard(&ChunkHazards::leaks_globals);
  if (IsLibrary(path)) {
    Hazard(&ChunkHazards::leaks_libraries);
    if (path.IsGlobals() || path.Is("table")) Hazard(&ChunkHazards::hides_stores);
    if (path.IsGlobals() || path.Is("debug")) Hazard(&ChunkHazards::rewrites_functions);
  }
  if (IsStoringFunction(path)) Hazard(&ChunkHazards::hides_stores);
  if (LoadsCode(path) || path.Is("require")) Hazard(&ChunkHazards::loads_code);
  if (path.Is("getmetatable")) Hazard(&ChunkHazards::takes_metatables);
  if (path.Is("io", "output") || path.Is("io", "input")) Hazard(&ChunkHazards::redirects_io);
}

void DeedFinder::JudgeCall(const Step& step) {
  const FunctionFacts& facts = facts_->functions[function_];
  const NodeId* operands = facts.OperandsOf(step);
  uint32_t first = 0;
  GlobalPath callee = values_.CalleeOf(function_, step);
  // A protected call of a known function is a call of it.
  if (callee.Is("pcall") && step.operand_count > 0 && values_.PathOf(function_, operands[0]).length > 0) {
    callee = values_.PathOf(function_, operands[0]);
    first = 1;
  }
  auto argument = [&](uint32_t i) { return first + i < step.operand_count ? operands[first + i] : kPlainNode; };
  uint32_t count = step.operand_count - first;
  KnownStore store = StoreOf(callee);
  if (store.key != StoredKey::kNone && (count > 0 || step.open)) {
    // Of open arguments nobody knows which is which.
    bool blurred = step.open && count <= 3;
    if (store.key == StoredKey::kMetatable) {
      AddStore(step, DeedKind::kSetMetatable, argument(0), nullptr);
    } else if (store.key == StoredKey::kArgument) {
      const std::string* name = blurred ? nullptr : values_.ConstantOf(function_, argument(1));
      bool number = !blurred && values_.IsNumber(function_, argument(1));
      AddStore(step, name ? DeedKind::kStoreField : number ? DeedKind::kStoreNumber : DeedKind::kStoreAny, argument(0), name);
    } else {
      bool number = store.key == StoredKey::kNumber;
      AddStore(step, number ? DeedKind::kStoreNumber : DeedKind::kStoreAny, argument(0), nullptr);
      if (callee.Is("table", "move") && count > 4) AddStore(step, DeedKind::kStoreNumber, argument(4), nullptr);
    }
  }
  if (callee.Is("require")) {
    const std::string* module = values_.ConstantOf(function_, argument(0));
    if (module && count > 0) {
      facts_->required.push_back(*module);
    } else {
      Hazard(&ChunkHazards::loads_code);
    }
  }
  if (LoadsCode(callee)) Hazard(&ChunkHazards::loads_code);
  if (callee.Is("getmetatable")) Hazard(&ChunkHazards::takes_metatables);
  bool redirects = callee.Is("io", "output") || callee.Is("io", "input");
  if (redirects && (count > 0 || step.open)) Hazard(&ChunkHazards::redirects_io);
  if (callee.Is("io", "close") && count == 0) Hazard(&ChunkHazards::redirects_io);
  for (uint32_t i = 0; i < count; i++) NoteUse(argument(i));
}

// Metamethods that are functions: `t.__index = t` and tables made on the spot are none.
void DeedFinder::NoteEvent(const Step& step) {
  int event = EventNamed(ConstantText(step.b));
  if (event != TM_INDEX) return;
  const FunctionFacts& facts = facts_->functions[function_];
  NodeId value = facts.OperandsOf(step)[0];
  FreshTables tables = values_.TablesOf(function_, value);
  if (value == step.a || (!tables.external && !tables.sites.empty())) return;
  facts_->hazards.events |= 1u << TM_INDEX;
}

void DeedFinder::JudgeConstants() {
  const FunctionFacts& facts = facts_->functions[function_];
  const std::vector<CodeConstant>& constants = code_.functions[function_].constants;
  for (uint32_t i = 0; i < constants.size(); i++) {
    const CodeConstant& constant = constants[i];
    if (constant.kind != CodeConstant::Kind::kString || constant.text.rfind("__", 0) != 0) continue;
    int event = EventNamed(constant.text);
    bool composed = constant.text == "__" || constant.text.find('%') != std::string::npos;
    if (composed) facts_->hazards.events = UINT32_MAX;
    if (event < 0) continue;
    if (event != TM_INDEX) {
      facts_->hazards.events |= 1u << event;
      continue;
    }
    // As the name of a field `__index` is judged where it is stored; as a value it may name anything.
    for (const ValueNode& node : facts.nodes) {
      if (node.kind == NodeKind::kConstant && node.index == i) {
        for (const Step& step : facts.steps) {
          for (uint32_t k = 0; k < step.operand_count; k++) {
            const ValueNode& used = facts.nodes[facts.OperandsOf(step)[k]];
            if (used.kind == NodeKind::kConstant && used.index == i) facts_->hazards.events |= 1u << TM_INDEX;
          }
        }
      }
    }
  }
}

}  // namespace sloth

#include "lua/analysis/static_values.h"

#include <algorithm>

#include "lua/analysis/chunk_facts.h"
#include "lua/internals.h"

namespace sloth {

namespace {

constexpr int kMaxDepth = 40;

bool IsArithmetic(uint32_t event) { return (event >= TM_ADD && event <= TM_BNOT) || event == TM_LEN; }

// The node a local holds when it is assigned once; 0 when that is unknown. A scope entered twice in a row (a loop at its
// very beginning) sees itself arrive.
NodeId InitialOf(const FunctionFacts& facts, const CapturedLocal& local) {
  if (!local.initial_known) return 0;
  if (facts.nodes[local.initial].kind != NodeKind::kJoin) return local.initial;
  NodeId only = 0;
  const Step& join = facts.steps[facts.nodes[local.initial].index];
  for (uint32_t i = 0; i < join.operand_count; i++) {
    NodeId input = facts.OperandsOf(join)[i];
    if (input == local.node || input == only) continue;
    if (only != 0) return 0;
    only = input;
  }
  return only;
}

}  // namespace

// The node a captured local always holds; 0 when there is no such node.
NodeId StaticValues::OnlyValueOf(const FunctionFacts& owner, uint32_t local) const {
  const CapturedLocal& captured = owner.locals[local];
  return facts_.variables[captured.variable].assigned_once() ? InitialOf(owner, captured) : 0;
}

const std::string* StaticValues::ConstantOf(uint32_t function, NodeId node) const {
  const ValueNode& n = facts_.functions[function].nodes[node];
  return n.kind == NodeKind::kConstant ? &code_.functions[function].constants[n.index].text : nullptr;
}

GlobalPath StaticValues::Path(uint32_t function, NodeId node, int depth) const {
  if (depth > kMaxDepth) return {};
  const FunctionFacts& facts = facts_.functions[function];
  const ValueNode& n = facts.nodes[node];
  switch (n.kind) {
    case NodeKind::kUpvalue: {
      uint32_t index = facts.upvalue_variables[n.index];
      const ChunkVariable& variable = facts_.variables[index];
      if (index == 0) return {0, {}, {}};
      const FunctionFacts& owner = facts_.functions[variable.owner];
      NodeId initial = OnlyValueOf(owner, variable.local);
      return initial ? Path(variable.owner, initial, depth + 1) : GlobalPath{};
    }
    case NodeKind::kVariable: {
      NodeId initial = OnlyValueOf(facts, n.index);
      return initial ? Path(function, initial, depth + 1) : GlobalPath{};
    }
    case NodeKind::kField: {
      GlobalPath base = Path(function, n.base, depth + 1);
      std::string_view name = code_.functions[function].constants[n.index].text;
      if (base.length == 0) return name == LUA_GNAME ? base : GlobalPath{1, name, {}};
      if (base.length == 1) return {2, base.name, name};
      return {};
    }
    case NodeKind::kResult: {
      const Step& call = facts.steps[n.index];
      if (call.operand_count == 0 || !Path(function, call.a, depth + 1).Is("require")) return {};
      const std::string* module = ConstantOf(function, facts.OperandsOf(call)[0]);
      if (!module) return {};
      return *module == LUA_GNAME ? GlobalPath{0, {}, {}} : GlobalPath{1, *module, {}};
    }
    default: return {};
  }
}

FreshTables StaticValues::TablesOf(uint32_t function, NodeId node) const {
  FreshTables tables;
  std::vector<NodeId> seen;
  AddTables(function, node, &seen, &tables);
  if (tables.sites.size() > 1) tables.direct = false;
  return tables;
}

void StaticValues::AddTables(uint32_t function, NodeId node, std::vector<NodeId>* seen, FreshTables* tables) const {
  if (std::find(seen->begin(), seen->end(), node) != seen->end()) return;
  seen->push_back(node);
  const FunctionFacts& facts = facts_.functions[function];
  const ValueNode& n = facts.nodes[node];
  switch (n.kind) {
    case NodeKind::kPlain:
    case NodeKind::kNumber:
    case NodeKind::kConstant: return;
    case NodeKind::kTable:
      if (std::find(tables->sites.begin(), tables->sites.end(), n.pc) == tables->sites.end()) {
        tables->sites.push_back(n.pc);
      }
      return;
    case NodeKind::kJoin:
      tables->direct = false;
      for (uint32_t i = 0; i < facts.steps[n.index].operand_count; i++) {
        AddTables(function, facts.OperandsOf(facts.steps[n.index])[i], seen, tables);
      }
      return;
    case NodeKind::kVariable: {
      NodeId initial = OnlyValueOf(facts, n.index);
      if (initial) return AddTables(function, initial, seen, tables);
      break;
    }
    case NodeKind::kResult: {
      const Step& call = facts.steps[n.index];
      GlobalPath callee = CalleeOf(function, call);
      bool returns_first = callee.Is("setmetatable") || callee.Is("rawset");
      if (returns_first && call.operand_count > 0) {
        return AddTables(function, facts.OperandsOf(call)[0], seen, tables);
      }
      break;
    }
    default: break;
  }
  tables->external = true;
}

bool StaticValues::Reached(NodeKind root, uint32_t function, NodeId node, int depth) const {
  if (depth > kMaxDepth) return true;
  const FunctionFacts& facts = facts_.functions[function];
  const ValueNode& n = facts.nodes[node];
  if (n.kind == root) return true;
  switch (n.kind) {
    case NodeKind::kField:
    case NodeKind::kElement: return Reached(root, function, n.base, depth + 1);
    case NodeKind::kVariable: {
      NodeId initial = OnlyValueOf(facts, n.index);
      return initial && Reached(root, function, initial, depth + 1);
    }
    case NodeKind::kJoin:
      for (uint32_t i = 0; i < facts.steps[n.index].operand_count; i++) {
        NodeId input = facts.OperandsOf(facts.steps[n.index])[i];
        // Joins of joins are loops: whatever enters them is seen at the outermost.
        if (facts.nodes[input].kind != NodeKind::kJoin && Reached(root, function, input, depth + 1)) return true;
      }
      return false;
    default: return false;
  }
}

bool StaticValues::IsNumber(uint32_t function, NodeId node) const {
  std::vector<NodeId> seen;
  return Number(function, node, &seen);
}

bool StaticValues::Number(uint32_t function, NodeId node, std::vector<NodeId>* seen) const {
  if (std::find(seen->begin(), seen->end(), node) != seen->end()) return true;  // a loop adds nothing
  seen->push_back(node);
  const FunctionFacts& facts = facts_.functions[function];
  const ValueNode& n = facts.nodes[node];
  switch (n.kind) {
    case NodeKind::kNumber: return true;
    case NodeKind::kOperator: return IsArithmetic(n.index);
    case NodeKind::kResult: {
      const Step& call = facts.steps[n.index];
      GlobalPath callee = CalleeOf(function, call);
      if (callee.Is("math", "random") || callee.Is("math", "floor")) return true;
      // The control variable of a loop over ipairs.
      const ValueNode& iterator = facts.nodes[call.a];
      return iterator.kind == NodeKind::kResult && CalleeOf(function, facts.steps[iterator.index]).Is("ipairs");
    }
    case NodeKind::kVariable: {
      NodeId initial = OnlyValueOf(facts, n.index);
      return initial && Number(function, initial, seen);
    }
    case NodeKind::kJoin:
      for (uint32_t i = 0; i < facts.steps[n.index].operand_count; i++) {
        if (!Number(function, facts.OperandsOf(facts.steps[n.index])[i], seen)) return false;
      }
      return true;
    default: return false;
  }
}

std::string NameOfNode(const Code& code, const FunctionFacts& facts, uint32_t function, NodeId node) {
  const FunctionCode& functions = code.functions[function];
  const ValueNode& n = facts.nodes[node];
  switch (n.kind) {
    case NodeKind::kUpvalue: return functions.upvalues[n.index].name;
    case NodeKind::kVariable: return facts.locals[n.index].name;
    case NodeKind::kParameter: return n.index < functions.locals.size() ? functions.locals[n.index].name : "";
    case NodeKind::kField: {
      std::string base = NameOfNode(code, facts, function, n.base);
      const std::string& name = functions.constants[n.index].text;
      return base.empty() || base == "_ENV" ? name : base + "." + name;
    }
    case NodeKind::kElement: {
      std::string base = NameOfNode(code, facts, function, n.base);
      return base.empty() ? "" : base + "[...]";
    }
    case NodeKind::kResult:
    case NodeKind::kRest: {
      // What pairs and ipairs return stands for their table.
      const Step& call = facts.steps[n.index];
      std::string callee = NameOfNode(code, facts, function, call.a);
      bool iterates = call.operand_count > 0 && (callee == "pairs" || callee == "ipairs");
      return iterates ? NameOfNode(code, facts, function, facts.OperandsOf(call)[0]) : "";
    }
    default: return "";
  }
}

}  // namespace sloth

// What is known about a node before any heap is: whether it is a global or a field of one, a table made in the same
// activation, a number. Follows locals that are assigned once into the functions that capture them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lua/analysis/function_facts.h"
#include "lua/code.h"

namespace sloth {

class ChunkFacts;

// A constant path from the globals: `math` has length 1, `math.random` 2, the table of globals itself 0.
struct GlobalPath {
  int length = -1;  // -1: it is no such path
  std::string_view name;
  std::string_view field;

  bool IsGlobals() const { return length == 0; }
  bool Is(std::string_view global) const { return length == 1 && name == global; }
  bool Is(std::string_view library, std::string_view function) const {
    return length == 2 && name == library && field == function;
  }
};

// Tables a node may be, as far as they were made in the same activation.
struct FreshTables {
  bool external = false;  // it may be something else too
  bool direct = true;     // exactly the table made last at the one site; false: perhaps an older one
  std::vector<int> sites;
};

class StaticValues {
 public:
  StaticValues(const Code& code, const ChunkFacts& facts) : code_(code), facts_(facts) {}

  GlobalPath PathOf(uint32_t function, NodeId node) const { return Path(function, node, 0); }
  FreshTables TablesOf(uint32_t function, NodeId node) const;
  // A number, unless a metamethod of an operator made it.
  bool IsNumber(uint32_t function, NodeId node) const;
  // Whether it is, or is reached by fields from, an upvalue or a parameter. Globals are reached from an upvalue.
  bool IsReachedFrom(NodeKind root, uint32_t function, NodeId node) const { return Reached(root, function, node, 0); }
  // The string constant a node is; null when it is none.
  const std::string* ConstantOf(uint32_t function, NodeId node) const;
  // The constant path of the function that step `step` calls.
  GlobalPath CalleeOf(uint32_t function, const Step& step) const { return PathOf(function, step.a); }

 private:
  bool Reached(NodeKind root, uint32_t function, NodeId node, int depth) const;
  NodeId OnlyValueOf(const FunctionFacts& owner, uint32_t local) const;
  GlobalPath Path(uint32_t function, NodeId node, int depth) const;
  void AddTables(uint32_t function, NodeId node, std::vector<NodeId>* seen, FreshTables* tables) const;
  bool Number(uint32_t function, NodeId node, std::vector<NodeId>* seen) const;

  const Code& code_;
  const ChunkFacts& facts_;
};

// How messages name a node: "done_count", "self.stopped", "channels"; empty when it has no name.
std::string NameOfNode(const Code& code, const FunctionFacts& facts, uint32_t function, NodeId node);

}  // namespace sloth

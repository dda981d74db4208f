// One function as the capture analysis sees it: its values (nodes) and what it does with them (steps), taken from its
// bytecode once, when the chunk is loaded. Static: knows no heap. Part of ChunkFacts, immutable, read by any thread.
//
// A node is a value that flows through registers, in static single assignment form: what one instruction made, or a join
// of such where control flow meets. A captured local is no register but a variable: its node stands for all it may hold.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sloth {

using NodeId = uint32_t;

// Two nodes every function has. A plain value is nil, a boolean, a number or a string: copies cannot be told apart.
constexpr NodeId kPlainNode = 0;
constexpr NodeId kNumberNode = 1;

enum class NodeKind : uint8_t {
  kPlain,
  kNumber,
  kConstant,   // the string constant `index`
  kParameter,  // parameter `index`
  kVarargs,
  kUpvalue,   // upvalue `index`
  kVariable,  // captured local `index` of this function
  kField,     // base[constant `index`]
  kElement,   // base[node `index`]
  kTable,     // the table made at `pc`
  kClosure,   // the closure made at `pc` of function `index` of the chunk
  kResult,    // the first result of the call that is step `index`
  kRest,      // any further result of it
  kOperator,  // what operator `index` (a TMS of ltm.h) gives: a plain value unless a metamethod made it
  kJoin,      // one of the operands of step `index`
};

struct ValueNode {
  NodeKind kind = NodeKind::kPlain;
  uint32_t index = 0;
  NodeId base = 0;
  int pc = 0;
  bool is_number = false;  // unless a metamethod of an operator made it
};

enum class StepKind : uint8_t {
  kGetUpvalue,  // target = upvalue a
  kSetUpvalue,  // upvalue a = operand
  kGetField,    // target = a[constant b]
  kGetElement,  // target = a[node b]
  kSetField,    // a[constant b] = operand
  kSetElement,  // a[node b] = each operand
  kNewTable,    // target = {}
  kClosure,     // target = closure of function a
  kCall,        // target, b = a(operands): the first result and any further one
  kReturn,      // return operands
  kJoin,        // target = one of operands
  kAssign,      // variable a = operand
  kOperate,     // target = operator b over operands
  kClose,       // operand is to be closed
};

struct Step {
  StepKind kind;
  bool open = false;    // the last operand stands for any number of values
  bool late = false;    // an earlier step uses what it makes
  bool method = false;  // of kGetField: the first half of a method call
  NodeId target = kPlainNode;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t first_operand = 0;
  uint32_t operand_count = 0;
  int pc = 0;
};

// A local that some nested function captures.
struct CapturedLocal {
  std::string name;
  int start_pc = 0;  // its scope, [start, end): what initialises it comes before
  int end_pc = 0;
  uint8_t reg = 0;
  NodeId node = kPlainNode;
  NodeId initial = kPlainNode;    // what it holds when its scope begins
  bool initial_known = false;     // false: its scope is never entered
  uint32_t variable = 0;          // index into ChunkFacts::variables
  std::vector<int> writes;        // instructions of the owner that assign it within its scope
};

// Where an upvalue of a nested function comes from.
struct UpvalueSource {
  bool is_local = false;  // true: captured local `index` of the enclosing function; false: its upvalue `index`
  uint32_t index = 0;
};

struct FunctionFacts {
  bool readable = false;  // false: without debug information, or beyond what the analysis follows; the rest is empty
  std::vector<ValueNode> nodes;
  std::vector<Step> steps;
  std::vector<NodeId> operands;
  std::vector<NodeId> parameters;
  NodeId varargs = kPlainNode;
  std::vector<CapturedLocal> locals;
  std::vector<UpvalueSource> upvalue_sources;  // empty for the main function
  std::vector<uint32_t> upvalue_variables;     // index into ChunkFacts::variables of each upvalue
  std::vector<std::pair<int, int>> back_edges;  // jumps backwards: from, to

  const NodeId* OperandsOf(const Step& step) const { return operands.data() + step.first_operand; }
};

}  // namespace sloth

// Turns the bytecode of one function into nodes and steps (function_facts.h).
//
// First the registers' contents are followed along the control flow until nothing changes; where different nodes meet in a
// register, a join stands for them. Then one pass over the reachable instructions writes the steps.
#pragma once

#include <vector>

#include "lua/analysis/function_facts.h"
#include "lua/code.h"

namespace sloth {

class Lowering {
 public:
  // `facts` has its locals already; `children` are the chunk's indexes of the nested functions.
  Lowering(const FunctionCode& function, FunctionFacts* facts);
  Lowering(const Lowering&) = delete;
  Lowering& operator=(const Lowering&) = delete;

  using Registers = std::vector<NodeId>;

  void Run();
  // What each register holds when the instruction at `pc` is about to run, in the nodes that Run makes; empty when control
  // never gets there. Instead of Run, with facts of its own.
  Registers RegistersAt(int pc);

 private:
  struct Block {
    int start;
    int end;
    bool reached = false;
    bool queued = false;
    Registers entry;
  };

  void SplitIntoBlocks();
  void FollowFlow();
  void WriteSteps();
  void DropUnusedJoins();
  void FindLateSteps();
  void RunBlock(size_t index);
  void BeginScopes(int pc);
  void FlowTo(int pc);
  NodeId Merge(size_t block, size_t reg, NodeId old_node, NodeId new_node);

  // One instruction; in lowering_instructions.cc.
  void Interpret(int pc);
  bool InterpretLoad(int pc);
  bool InterpretTable(int pc);
  bool InterpretOperator(int pc);
  void InterpretLoopOrOther(int pc);
  void Call(int a, uint32_t b, int result_count);
  Step* EmitCall(NodeId callee, bool several_results);
  void AddOpenOperands(Step* step);
  void Return(int first, int count);
  void SetList(int pc);
  void OperateOn(int event, NodeId left, NodeId right);

  NodeId Read(int reg) const { return registers_[reg]; }
  void Write(int reg, NodeId node);
  NodeId NewNode(NodeKind kind, uint32_t index, NodeId base);
  // The node of what instruction `pc_` makes, the same one in every pass.
  NodeId ResultNode(NodeKind kind, uint32_t index, NodeId base);
  NodeId SecondNode(NodeKind kind, NodeId base);
  NodeId UpvalueNode(uint32_t index);
  bool IsPlain(NodeId node) const;
  NodeId ConstantNode(uint32_t index);
  NodeId RegisterOrConstant(uint32_t instruction);
  Step* Emit(StepKind kind);
  void AddOperand(Step* step, NodeId node);
  CapturedLocal* LocalAt(int reg, uint32_t* index);

  void GetField(NodeId target, NodeId base, uint32_t constant, bool method);
  void GetKeyed(NodeId base, NodeId key, bool method);
  void SetKeyed(NodeId base, NodeId key, NodeId value);

  const FunctionCode& function_;
  FunctionFacts* const facts_;
  std::vector<Block> blocks_;
  std::vector<size_t> block_of_;  // of each instruction that starts one
  std::vector<size_t> pending_;
  std::vector<NodeId> result_at_;
  std::vector<NodeId> second_at_;
  std::vector<NodeId> upvalue_nodes_;
  std::vector<bool> upvalue_steps_;  // which upvalues have their step already
  std::vector<NodeId> constant_nodes_;
  std::vector<std::vector<std::pair<size_t, NodeId>>> joins_of_;  // of each block: register, node
  std::vector<std::vector<NodeId>> join_inputs_;                  // of each node
  Registers registers_;
  int pc_ = 0;
  bool writing_ = false;  // the second pass
  Step discarded_{};      // what Emit returns in the first
  // What an instruction with an open end left above the register `open_from_`.
  int open_from_ = -1;
  NodeId open_first_ = kPlainNode;
  NodeId open_rest_ = kPlainNode;
};

}  // namespace sloth

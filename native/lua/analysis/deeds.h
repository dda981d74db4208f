// Finds what the functions of a chunk do that a goroutine elsewhere could notice, and the hazards of the chunk.
#pragma once

#include "lua/analysis/chunk_facts.h"
#include "lua/analysis/known_functions.h"
#include "lua/analysis/static_values.h"

namespace sloth {

class DeedFinder {
 public:
  DeedFinder(const Code& code, ChunkFacts* facts) : code_(code), facts_(facts), values_(code, *facts) {}

  void Run();

 private:
  void CollectEscapes();
  void JudgeStep(const Step& step);
  void JudgeCall(const Step& step);
  void JudgeConstants();
  void NoteReads(const Step& step);
  void NoteUse(NodeId node);
  void NoteEvent(const Step& step);
  void AddStore(const Step& step, DeedKind kind, NodeId table, const std::string* name);
  void AddDeed(const Step& step, DeedKind kind, const std::string& name);
  bool HasLeft(const FreshTables& tables, int pc) const;
  void Hazard(bool ChunkHazards::*hazard);
  const std::string& ConstantText(uint32_t constant) const;

  const Code& code_;
  ChunkFacts* const facts_;
  StaticValues values_;
  uint32_t function_ = 0;  // the one being judged
  int pc_ = 0;
  std::vector<std::pair<int, int>> escapes_;  // in it: the site of a table, and where it becomes visible to others
};

}  // namespace sloth

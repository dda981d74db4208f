#include "lua/analysis/chunk_facts.h"

#include <atomic>

#include "lua/analysis/captured_locals.h"
#include "lua/analysis/deeds.h"
#include "lua/analysis/lowering.h"

namespace sloth {

namespace {

// Beyond this the analysis does not follow a function: registers times instructions are bounded, memory is too.
constexpr size_t kMaxInstructions = 1 << 20;

bool HasDebugInformation(const FunctionCode& function) {
  if (function.instructions.empty() || function.instructions.size() > kMaxInstructions) return false;
  if (function.line_deltas.size() != function.instructions.size()) return false;
  for (const CodeUpvalue& upvalue : function.upvalues) {
    if (upvalue.name.empty()) return false;
  }
  return true;
}

bool IsReadable(const Code& code) {
  if (code.functions.empty()) return false;
  for (const FunctionCode& function : code.functions) {
    if (!HasDebugInformation(function)) return false;
  }
  const std::vector<CodeUpvalue>& upvalues = code.functions[0].upvalues;
  return upvalues.size() == 1;
}

class Builder {
 public:
  Builder(const Code& code, ChunkFacts* facts) : code_(code), facts_(facts) {
    facts_->functions.resize(code.functions.size());
    facts_->variables.emplace_back().name = code.functions[0].upvalues[0].name;
  }

  bool LowerAll() {
    facts_->functions[0].upvalue_variables = {0};
    for (uint32_t i = 0; i < code_.functions.size(); i++) {
      if (!Lower(i)) return false;
    }
    return true;
  }

  void CollectWrites() {
    for (uint32_t i = 0; i < facts_->functions.size(); i++) {
      const FunctionFacts& function = facts_->functions[i];
      for (const CapturedLocal& local : function.locals) {
        if (!local.writes.empty()) facts_->variables[local.variable].owner_writes = true;
      }
      for (const Step& step : function.steps) {
        if (step.kind != StepKind::kSetUpvalue) continue;
        facts_->variables[function.upvalue_variables[step.a]].closure_writes.push_back({i, step.pc});
      }
    }
  }

 private:
  bool Lower(uint32_t index) {
    FunctionFacts& facts = facts_->functions[index];
    const std::vector<uint32_t>& children = code_.functions[index].children;
    std::vector<std::vector<UpvalueSource>> sources;
    if (!FindCapturedLocals(code_, index, &facts.locals, &sources)) return false;
    for (uint32_t i = 0; i < facts.locals.size(); i++) {
      facts.locals[i].variable = static_cast<uint32_t>(facts_->variables.size());
      ChunkVariable& variable = facts_->variables.emplace_back();
      variable.owner = index;
      variable.local = i;
      variable.name = facts.locals[i].name;
    }
    for (size_t slot = 0; slot < children.size(); slot++) {
      FunctionFacts& child = facts_->functions[children[slot]];
      child.upvalue_sources = sources[slot];
      for (const UpvalueSource& source : sources[slot]) {
        child.upvalue_variables.push_back(source.is_local ? facts.locals[source.index].variable
                                                          : facts.upvalue_variables[source.index]);
      }
    }
    Lowering(code_.functions[index], &facts).Run();
    for (Step& step : facts.steps) {
      if (step.kind != StepKind::kClosure) continue;
      facts.nodes[step.target].index = children[step.a];
      step.a = children[step.a];
    }
    return true;
  }

  const Code& code_;
  ChunkFacts* const facts_;
};

void FindNumbers(const Code& code, ChunkFacts* facts) {
  StaticValues values(code, *facts);
  for (uint32_t i = 0; i < facts->functions.size(); i++) {
    std::vector<ValueNode>& nodes = facts->functions[i].nodes;
    for (NodeId node = 0; node < nodes.size(); node++) nodes[node].is_number = values.IsNumber(i, node);
  }
}

void IndexDeeds(ChunkFacts* facts) {
  for (uint32_t i = 0; i < facts->deeds.size(); i++) {
    const Deed& deed = facts->deeds[i];
    if (deed.name.empty()) {
      facts->deeds_unnamed.push_back(i);
    } else {
      facts->deeds_named[deed.name].push_back(i);
    }
  }
}

}  // namespace

uint64_t ChunkFacts::NextSerial() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

const std::vector<NodeId>* ChunkFacts::RegistersAt(const Code& code, uint32_t function, int pc) const {
  MutexLock lock(registers_mutex_);
  auto [at, added] = registers_.try_emplace({function, pc});
  if (added) {
    FunctionFacts scratch;
    scratch.locals = functions[function].locals;
    at->second = Lowering(code.functions[function], &scratch).RegistersAt(pc);
  }
  return at->second.empty() ? nullptr : &at->second;
}

std::unique_ptr<const ChunkFacts> ComputeChunkFacts(const Code& code) {
  auto facts = std::make_unique<ChunkFacts>();
  if (!IsReadable(code)) return facts;
  Builder builder(code, facts.get());
  if (!builder.LowerAll()) return std::make_unique<ChunkFacts>();
  builder.CollectWrites();
  FindNumbers(code, facts.get());
  DeedFinder(code, facts.get()).Run();
  IndexDeeds(facts.get());
  facts->memos = std::make_unique<PlacementMemos[]>(code.functions.size());
  facts->readable = true;
  return facts;
}

}  // namespace sloth

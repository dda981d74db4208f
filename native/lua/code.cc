#include "lua/code.h"

#include <atomic>

#if __has_include("lua/analysis/chunk_facts.h")
#include "lua/analysis/chunk_facts.h"
#else
namespace sloth {
class ChunkFacts {};
}  // namespace sloth
#endif

namespace sloth {

namespace {

constexpr int8_t kAbsoluteLine = -0x80;  // ABSLINEINFO of ldebug.h

std::atomic<size_t> live_codes{0};  // statistics only: nothing is published through it

}  // namespace

Code::Code() { live_codes.fetch_add(1, std::memory_order_relaxed); }

Code::~Code() { live_codes.fetch_sub(1, std::memory_order_relaxed); }

size_t Code::LiveCount() { return live_codes.load(std::memory_order_relaxed); }

int FunctionCode::LineAt(int pc) const {
  if (pc < 0 || static_cast<size_t>(pc) >= line_deltas.size()) return -1;
  int line = line_defined;
  int next = 0;
  for (const auto& [at, absolute] : absolute_lines) {
    if (at > pc) break;
    line = absolute;
    next = at + 1;
  }
  for (; next <= pc; next++) {
    if (line_deltas[next] != kAbsoluteLine) line += line_deltas[next];
  }
  return line;
}

}  // namespace sloth

// Writes a trace in the Chrome trace event format (JSON), which Perfetto and chrome://tracing read.
#pragma once

#include <cstdio>
#include <string>

#include "sched/trace.h"

namespace sloth {

struct TraceSummary {
  uint64_t events = 0;   // records written about
  uint64_t dropped = 0;  // older ones there was no room for
  std::string error;     // why the file is not complete; empty if it is
};

// Writes the closed `trace` to `file`, which stays the caller's.
TraceSummary WriteTrace(Trace* trace, FILE* file);

}  // namespace sloth

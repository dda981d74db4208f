// Where a runtime's text goes: one sink for everything scripts write, one for diagnostics.
#pragma once

#include <cstddef>

namespace sloth {

// Thread safe. One call is written whole, never interleaved with another; a full sink makes the caller wait.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  virtual void Write(const char* text, size_t length) = 0;
  // The file descriptor that it writes to, which children may have; -1 where there is none.
  virtual int descriptor() const { return -1; }
};

}  // namespace sloth

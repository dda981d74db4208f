// The sinks of a runtime: a file descriptor, or the host.
#pragma once

#include <cstdio>
#include <functional>

#include "base/mutex.h"
#include "data/output.h"

namespace sloth {

// Writes whole texts to a file descriptor, waiting where it is full. Errors (a closed pipe) end the output quietly.
class FdSink final : public OutputSink {
 public:
  explicit FdSink(int fd) : fd_(fd) {}
  void Write(const char* text, size_t length) override;

 private:
  const int fd_;
  Mutex mutex_;
};

// A C stream that writes to a sink, unbuffered, for Lua's io library. Closed with fclose by its owner.
FILE* OpenSinkStream(OutputSink* sink);

}  // namespace sloth

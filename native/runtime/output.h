// The sinks of a runtime: a file descriptor, or the host.
#pragma once

#include <cstdio>
#include <functional>

#include "base/mutex.h"
#include "data/output.h"

namespace sloth {

// Writes whole texts to a file descriptor, waiting where it is full. When nobody reads it any more (a closed pipe) `broken` is
// called once, and what follows is dropped.
class FdSink final : public OutputSink {
 public:
  FdSink(int fd, std::function<void()> broken) : fd_(fd), broken_(std::move(broken)) {}
  void Write(const char* text, size_t length) override;
  int descriptor() const override { return fd_; }

 private:
  bool TryWriteAll(const char* text, size_t length) REQUIRES(mutex_);

  const int fd_;
  const std::function<void()> broken_;
  Mutex mutex_;
  bool ended_ GUARDED_BY(mutex_) = false;
};

// A C stream that writes to a sink, unbuffered, for Lua's io library. Closed with fclose by its owner.
FILE* OpenSinkStream(OutputSink* sink);

}  // namespace sloth

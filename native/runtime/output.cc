#include "runtime/output.h"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace sloth {

void FdSink::Write(const char* text, size_t length) {
  {
    // Held across the write on purpose: it is what makes a text whole. No Lua and no JavaScript runs under it.
    MutexLock lock(mutex_);
    if (ended_ || TryWriteAll(text, length)) return;
    ended_ = true;
  }
  if (broken_) broken_();
}

bool FdSink::TryWriteAll(const char* text, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd_, text, length);
    if (written > 0) {
      text += written;
      length -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd full = {fd_, POLLOUT, 0};
      poll(&full, 1, 1000);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

namespace {

ssize_t WriteToSink(void* sink, const char* text, size_t length) {
  static_cast<OutputSink*>(sink)->Write(text, length);
  return static_cast<ssize_t>(length);
}

}  // namespace

FILE* OpenSinkStream(OutputSink* sink) {
  cookie_io_functions_t functions = {};
  functions.write = WriteToSink;
  FILE* file = fopencookie(sink, "w", functions);
  if (file) setvbuf(file, nullptr, _IONBF, 0);
  return file;
}

}  // namespace sloth

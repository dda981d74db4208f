#include "lua/child_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sloth {
namespace {

constexpr size_t kPiece = 8192;
// At a time: more than a pipe holds, and an end, so that a child that writes for ever does not keep its goroutine from a cancellation.
constexpr int kMostPieces = 16;

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

// The child's `fd`: the sink's own, else a pipe.
bool OpenStream(const OutputSink* sink, int fd, posix_spawn_file_actions_t* actions, int* read_end, int* write_end) {
  const int own = sink->descriptor();
  if (own >= 0) return !IsOpen(own) || posix_spawn_file_actions_adddup2(actions, own, fd) == 0;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  *read_end = ends[0];
  *write_end = ends[1];
  (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return posix_spawn_file_actions_adddup2(actions, ends[1], fd) == 0;
}

bool HandOn(OutputSink* sink, int fd) {
  char piece[kPiece];
  bool any = false;
  for (int count = 0; fd >= 0 && count < kMostPieces; count++) {
    ssize_t size = read(fd, piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    sink->Write(piece, static_cast<size_t>(size));
    any = true;
  }
  return any;
}

}  // namespace

bool OpenChildOutput(World* world, posix_spawn_file_actions_t* actions, ChildOutput* output, ChildOutput* write_ends) {
  // The host opens its own streams so that no child has them; one of ours reads what the program reads.
  bool opened = !IsOpen(0) || posix_spawn_file_actions_adddup2(actions, 0, 0) == 0;
  opened = opened && OpenStream(world->out, 1, actions, &output->out, &write_ends->out) &&
           OpenStream(world->err, 2, actions, &output->err, &write_ends->err);
  if (opened) return true;
  const int error = errno;
  CloseChildOutput(*output);
  CloseChildOutput(*write_ends);
  errno = error;
  return false;
}

bool HandOnChildOutput(World* world, const ChildOutput& output) {
  const bool out = HandOn(world->out, output.out);
  return HandOn(world->err, output.err) || out;
}

void CloseChildOutput(const ChildOutput& output) {
  for (int fd : {output.out, output.err}) {
    if (fd >= 0) close(fd);
  }
}

}  // namespace sloth

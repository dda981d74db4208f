// What a child process writes where its runtime's text goes to the host: a pipe for each stream, read by whoever waits for the
// child. Where a sink is a file descriptor the child has that one, and nothing lies between.
//
// Plain numbers, so that they can lie on a Lua stack while the goroutine waits; whoever opened it closes it. Never raises.
#pragma once

#include <spawn.h>

#include "lua/world.h"

namespace sloth {

struct ChildOutput {
  int out = -1;  // ends to read from; -1 where there is no pipe
  int err = -1;
};

// Opens the pipes that are needed and says in `actions` what the child's standard streams are. `write_ends` are to be closed once
// the child was started. False with errno: nothing is open.
bool OpenChildOutput(World* world, posix_spawn_file_actions_t* actions, ChildOutput* output, ChildOutput* write_ends);

// Hands on what is there; true when there was something.
bool HandOnChildOutput(World* world, const ChildOutput& output);

void CloseChildOutput(const ChildOutput& output);

}  // namespace sloth

// The parts of the function registry, each beside the library it describes.
#pragma once

#include "lua/registry.h"

namespace sloth {

#define SLOTH_REGISTRY_PARTS(X) \
  X(Time) X(RwMutex) X(Semaphore) X(Once) X(Cond) X(Rendezvous) \
  X(Base) X(Coroutine) X(Debug) X(Io) X(Math) X(Os) X(String) X(Standard) X(Channel) X(ChannelMake) X(Select) X(Goroutine) X(Dump) X(Await) X(Sync) X(Pool) X(PoolJobs) X(Log) \
  X(Patterns) X(AwaitAny) X(Broadcaster) \
  X(Context) X(ErrGroup)

// The argument that limits a wait (CheckTimeout), which may be left out or not.
#define SLOTH_LIMIT_TYPE "number | context | {timeout?: number, ctx?: context}"
#define SLOTH_TIMEOUT "timeout?: " SLOTH_LIMIT_TYPE
#define SLOTH_DURATION "duration: " SLOTH_LIMIT_TYPE

#define SLOTH_DECLARE_PART(part)                  \
  extern const FunctionEntry k##part##Functions[]; \
  extern const size_t k##part##FunctionCount;
SLOTH_REGISTRY_PARTS(SLOTH_DECLARE_PART)
#undef SLOTH_DECLARE_PART

// Defines the count beside a table.
#define SLOTH_REGISTRY_COUNT(part) const size_t k##part##FunctionCount = sizeof k##part##Functions / sizeof *k##part##Functions

struct RegistryTable {
  const FunctionEntry* entries;
  const size_t* count;
};

inline const RegistryTable kRegistryTables[] = {
#define SLOTH_LIST_PART(part) {k##part##Functions, &k##part##FunctionCount},
    SLOTH_REGISTRY_PARTS(SLOTH_LIST_PART)
#undef SLOTH_LIST_PART
};

// Learns the addresses of Lua's own functions, once per process.
void LearnStandardFunctionsOnce();

}  // namespace sloth

// The record of what a runtime does, for looking at afterwards: slices, waits, spawns, messages, thefts, host calls.
//
// A Trace has one buffer a worker, which only that worker writes, without locks, and one that other threads share under a
// lock. A buffer keeps what came last: chunks come from a common budget, and without one left the buffer uses its oldest
// again. Everything is read once, after Close.
//
// Off means no Trace: every place that records asks one thread-local pointer, which is null then.
#pragma once

#include <ctime>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "data/value.h"

namespace sloth {

class Goroutine;
class Trace;

enum class TraceKind : uint8_t {
  kSpawn,     // goroutine (name, island); other: its parent, or 0
  kSlice,     // goroutine ran on this thread from `at` to `until`; text: what it waits for then, or null
  kSteal,     // island; other: number of the worker it was taken from
  kSend,      // other: number of the message
  kReceive,   // other: number of the message
  kHostCall,  // goroutine calls the host function `name`
};

enum class SliceEnd : uint8_t { kParked, kBlocked, kYielded, kPreempted, kDone };

struct TraceEvent {
  int64_t at = 0;     // nanoseconds of the machine's monotonic clock, whatever clock the scheduler has
  int64_t until = 0;  // of slices; the same as `at` elsewhere
  uint64_t goroutine = 0;
  uint64_t other = 0;
  const char* text = nullptr;  // static
  uint32_t island = 0;
  uint16_t name = 0;  // index into Trace::names
  TraceKind kind = TraceKind::kSlice;
  SliceEnd end = SliceEnd::kParked;
};

inline int64_t TraceNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
}

// What one thread recorded. Written by that thread; read after Close.
class TraceBuffer {
 public:
  TraceBuffer(Trace* trace, int number) : trace_(trace), number_(number) {}

  void Spawn(Goroutine* goroutine, uint64_t parent);
  void Slice(const Goroutine* goroutine, int64_t began, SliceEnd end, const char* waits_for);
  void Steal(uint64_t island, int victim);
  void HostCall(uint64_t goroutine, std::string_view function);
  void Send(Value* value);
  void Receive(const Value& value);
  // The index of a name in Trace::names.
  uint16_t NameOf(std::string_view name);

  int number() const { return number_; }
  // -- after Close --
  uint64_t dropped() const { return dropped_; }
  template <typename Each>
  void ForEach(const Each& each) const {
    for (size_t i = 0; i < chunks_.size(); i++) {
      size_t at = (first_ + i) % chunks_.size();
      for (size_t n = 0; n < chunks_[at]->used; n++) each(chunks_[at]->events[n]);
    }
  }

 private:
  friend class Trace;
  static constexpr size_t kChunkEvents = 1024;
  struct Chunk {
    size_t used = 0;
    TraceEvent events[kChunkEvents];
  };

  void Add(const TraceEvent& event);
  Chunk* NextChunk();
  // Nothing is added any more.
  void Close();

  Trace* const trace_;
  const int number_;
  std::atomic<bool> adding_{false};  // with closed_: the writer says so before it looks, and Close the other way round
  std::atomic<bool> closed_{false};
  std::vector<std::unique_ptr<Chunk>> chunks_;  // a ring that grows while there is budget
  size_t first_ = 0;                            // the oldest one
  Chunk* current_ = nullptr;
  uint64_t dropped_ = 0;
  uint32_t next_message_ = 0;
  uint32_t message_end_ = 0;
  std::unordered_map<std::string, uint16_t> names_;
};

class Trace {
 public:
  static constexpr size_t kMostEvents = 512 * TraceBuffer::kChunkEvents;

  // `most_events`: how many are kept, rounded up to a chunk for each thread.
  explicit Trace(size_t most_events = kMostEvents);

  // For a worker that begins. Never taken back.
  TraceBuffer* NewBuffer(int number) EXCLUDES(mutex_);
  // A goroutine was added by a thread that is no worker.
  void SpawnOutside(Goroutine* goroutine, uint64_t parent) EXCLUDES(outside_mutex_);
  // Ends the record. Threads that are stuck and come back later add nothing.
  void Close() EXCLUDES(mutex_, outside_mutex_);

  int64_t began() const { return began_; }
  // -- after Close --
  std::vector<const TraceBuffer*> buffers() EXCLUDES(mutex_);  // by number; 0: other threads
  std::vector<std::string> names() EXCLUDES(mutex_);

 private:
  friend class TraceBuffer;
  uint16_t NameOf(std::string_view name) EXCLUDES(mutex_);

  const int64_t began_ = TraceNow();
  std::atomic<int64_t> chunks_left_;
  std::atomic<uint32_t> next_message_{1};
  Mutex mutex_;
  std::vector<std::unique_ptr<TraceBuffer>> buffers_ GUARDED_BY(mutex_);
  std::vector<std::string> names_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, uint16_t> name_indexes_ GUARDED_BY(mutex_);
  Mutex outside_mutex_;
  TraceBuffer outside_ GUARDED_BY(outside_mutex_){this, 0};
};

// The buffer of the calling thread; null where nothing is recorded.
extern __thread TraceBuffer* current_trace __attribute__((tls_model("initial-exec")));
inline TraceBuffer* TraceHere() { return current_trace; }

// Numbers a message that is being sent, and notes where it came from; notes where it went.
inline void TraceSend(Value* value) {
  if (TraceBuffer* trace = TraceHere()) [[unlikely]] trace->Send(value);
}
inline void TraceReceive(const Value& value) {
  if (TraceBuffer* trace = TraceHere()) [[unlikely]] trace->Receive(value);
}

}  // namespace sloth

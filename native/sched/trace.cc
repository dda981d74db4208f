#include "sched/trace.h"

#include <algorithm>
#include <new>

#include "sched/goroutine.h"
#include "sched/island.h"

namespace sloth {

__thread TraceBuffer* current_trace __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

constexpr uint32_t kMessagesAtOnce = 1024;
constexpr size_t kMostNames = UINT16_MAX;

}  // namespace

void TraceBuffer::Add(const TraceEvent& event) {
  adding_.store(true, std::memory_order_seq_cst);
  if (!closed_.load(std::memory_order_seq_cst)) {
    if (!current_ || current_->used == kChunkEvents) current_ = NextChunk();
    if (current_) {
      current_->events[current_->used++] = event;
    } else {
      dropped_++;
    }
  }
  adding_.store(false, std::memory_order_release);
}

TraceBuffer::Chunk* TraceBuffer::NextChunk() {
  bool may_grow = chunks_.empty() || trace_->chunks_left_.fetch_sub(1, std::memory_order_relaxed) > 0;
  auto* chunk = may_grow ? new (std::nothrow) Chunk() : nullptr;
  if (chunk) {
    // The ring's newest is before its oldest, wherever that is.
    chunks_.insert(chunks_.begin() + static_cast<ptrdiff_t>(first_), std::unique_ptr<Chunk>(chunk));
    first_ = (first_ + 1) % chunks_.size();
    return chunk;
  }
  if (chunks_.empty()) return nullptr;
  Chunk* oldest = chunks_[first_].get();
  dropped_ += oldest->used;
  oldest->used = 0;
  first_ = (first_ + 1) % chunks_.size();
  return oldest;
}

void TraceBuffer::Close() {
  closed_.store(true, std::memory_order_seq_cst);
  while (adding_.load(std::memory_order_seq_cst)) {
  }
}

uint16_t TraceBuffer::NameOf(std::string_view name) {
  std::string key(name);
  auto found = names_.find(key);
  if (found != names_.end()) return found->second;
  uint16_t index = trace_->NameOf(name);
  if (names_.size() < kMostNames) names_.emplace(std::move(key), index);
  return index;
}

void TraceBuffer::Spawn(Goroutine* goroutine, uint64_t parent) {
  TraceEvent event;
  event.kind = TraceKind::kSpawn;
  event.at = event.until = TraceNow();
  event.goroutine = goroutine->id();
  event.other = parent;
  event.island = static_cast<uint32_t>(goroutine->island()->number());
  const char* site = *goroutine->spawn_site() ? goroutine->spawn_site() : "called by the host";
  event.name = goroutine->trace_name = NameOf(parent ? site : "main");
  Add(event);
}

void TraceBuffer::Slice(const Goroutine* goroutine, int64_t began, SliceEnd end, const char* waits_for) {
  TraceEvent event;
  event.kind = TraceKind::kSlice;
  event.end = end;
  event.at = began;
  event.until = TraceNow();
  event.goroutine = goroutine->id();
  event.text = waits_for;
  event.island = static_cast<uint32_t>(goroutine->island()->number());
  event.name = goroutine->trace_name;
  Add(event);
}

void TraceBuffer::Steal(uint64_t island, int victim) {
  TraceEvent event;
  event.kind = TraceKind::kSteal;
  event.at = event.until = TraceNow();
  event.other = static_cast<uint64_t>(victim);
  event.island = static_cast<uint32_t>(island);
  Add(event);
}

void TraceBuffer::HostCall(uint64_t goroutine, std::string_view function) {
  TraceEvent event;
  event.kind = TraceKind::kHostCall;
  event.at = event.until = TraceNow();
  event.goroutine = goroutine;
  event.name = NameOf(function);
  Add(event);
}

void TraceBuffer::Send(Value* value) {
  if (next_message_ == message_end_) {
    next_message_ = trace_->next_message_.fetch_add(kMessagesAtOnce, std::memory_order_relaxed);
    message_end_ = next_message_ + kMessagesAtOnce;
  }
  value->set_message(next_message_++);
  TraceEvent event;
  event.kind = TraceKind::kSend;
  event.at = event.until = TraceNow();
  event.other = value->message();
  Add(event);
}

void TraceBuffer::Receive(const Value& value) {
  if (value.message() == 0) return;
  TraceEvent event;
  event.kind = TraceKind::kReceive;
  event.at = event.until = TraceNow();
  event.other = value.message();
  Add(event);
}

Trace::Trace(size_t most_events)
    : chunks_left_(static_cast<int64_t>(most_events / TraceBuffer::kChunkEvents)) {}

TraceBuffer* Trace::NewBuffer(int number) {
  MutexLock lock(mutex_);
  buffers_.push_back(std::make_unique<TraceBuffer>(this, number));
  return buffers_.back().get();
}

uint16_t Trace::NameOf(std::string_view name) {
  MutexLock lock(mutex_);
  std::string key(name);
  auto found = name_indexes_.find(key);
  if (found != name_indexes_.end()) return found->second;
  if (names_.size() == kMostNames) return static_cast<uint16_t>(kMostNames - 1);
  // The last one stands for all that came too late.
  names_.push_back(names_.size() == kMostNames - 1 ? "..." : key);
  auto index = static_cast<uint16_t>(names_.size() - 1);
  name_indexes_.emplace(std::move(key), index);
  return index;
}

void Trace::SpawnOutside(Goroutine* goroutine, uint64_t parent) {
  MutexLock lock(outside_mutex_);
  outside_.Spawn(goroutine, parent);
}

void Trace::Close() {
  {
    MutexLock lock(outside_mutex_);
    outside_.Close();
  }
  MutexLock lock(mutex_);
  for (auto& buffer : buffers_) buffer->Close();
}

std::vector<const TraceBuffer*> Trace::buffers() NO_THREAD_SAFETY_ANALYSIS {
  std::vector<const TraceBuffer*> list = {&outside_};
  {
    MutexLock lock(mutex_);
    for (auto& buffer : buffers_) list.push_back(buffer.get());
  }
  std::sort(list.begin(), list.end(), [](const TraceBuffer* a, const TraceBuffer* b) { return a->number() < b->number(); });
  return list;
}

std::vector<std::string> Trace::names() {
  MutexLock lock(mutex_);
  return names_;
}

}  // namespace sloth

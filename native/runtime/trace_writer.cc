#include "runtime/trace_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>

namespace sloth {
namespace {

// An event and the thread it happened on.
struct Entry {
  const TraceEvent* event;
  int thread;
};

const char* EndName(SliceEnd end) {
  switch (end) {
    case SliceEnd::kParked: return "waits";
    case SliceEnd::kBlocked: return "waits in place";
    case SliceEnd::kYielded: return "yielded";
    case SliceEnd::kPreempted: return "preempted";
    case SliceEnd::kDone: return "ended";
  }
  return "";
}

size_t Utf8Length(const unsigned char* text, size_t left) {
  size_t length = *text < 0x80 ? 1 : *text >= 0xc2 && *text < 0xe0 ? 2 : *text >= 0xe0 && *text < 0xf0 ? 3 : *text >= 0xf0 && *text < 0xf5 ? 4 : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

// A JSON string with its quotes; what is no UTF-8 becomes question marks.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (size_t i = 0; i < text.size();) {
    auto* at = reinterpret_cast<const unsigned char*>(text.data()) + i;
    size_t length = Utf8Length(at, text.size() - i);
    if (length > 1) {
      quoted.append(text, i, length);
    } else if (length == 0 || *at < 0x20 || *at == 0x7f) {
      quoted += '?';
    } else {
      if (*at == '"' || *at == '\\') quoted += '\\';
      quoted += static_cast<char>(*at);
    }
    i += std::max<size_t>(length, 1);
  }
  return quoted + "\"";
}

class Writer {
 public:
  Writer(Trace* trace, FILE* file) : file_(file), began_(trace->began()), pid_(getpid()) {
    for (const std::string& name : trace->names()) names_.push_back(Quoted(name));
  }

  void Write(const std::vector<const TraceBuffer*>& buffers, TraceSummary* summary) {
    Gather(buffers, summary);
    std::fprintf(file_, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"events\":%" PRIu64 ",\"dropped\":%" PRIu64 "},\"traceEvents\":[\n",
                 summary->events, summary->dropped);
    std::fprintf(file_, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"tid\":0,\"args\":{\"name\":\"sloth-runner\"}}", pid_);
    for (const TraceBuffer* buffer : buffers) NameThread(buffer->number());
    for (const Entry& entry : entries_) {
      if (entry.event->kind == TraceKind::kSend) sent_.emplace(entry.event->other, entry);
    }
    for (const Entry& entry : entries_) WriteEntry(entry);
    for (auto& [id, life] : lives_) EndWait(id, &life, last_, last_thread_);
    std::fprintf(file_, "\n]}\n");
  }

 private:
  // What is known of a goroutine while its events go by.
  struct Life {
    Entry spawn{nullptr, 0};     // until its first slice
    std::string waits_for;       // in JSON, while it waits
    bool waits_for_host = false;
    int32_t host_function = -1;  // called in the slice that ends next
  };

  void Gather(const std::vector<const TraceBuffer*>& buffers, TraceSummary* summary) {
    // Before this moment something is missing somewhere: nothing from then on fits together.
    int64_t horizon = INT64_MIN;
    for (const TraceBuffer* buffer : buffers) {
      summary->dropped += buffer->dropped();
      if (buffer->dropped() == 0) continue;
      int64_t first = INT64_MAX;
      buffer->ForEach([&](const TraceEvent& event) { first = std::min(first, event.until); });
      horizon = std::max(horizon, first);
    }
    for (const TraceBuffer* buffer : buffers) {
      buffer->ForEach([&](const TraceEvent& event) {
        if (event.until < horizon) {
          summary->dropped++;
        } else {
          entries_.push_back({&event, buffer->number()});
        }
      });
    }
    summary->events = entries_.size();
    // In the order in which they were noted: a slice when it ended, behind what happened in it.
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.event->until < b.event->until; });
  }

  void NameThread(int number) {
    std::string name = number == 0 ? "other threads" : "worker " + std::to_string(number);
    std::fprintf(file_, ",\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":\"%s\"}}", pid_, number, name.c_str());
    std::fprintf(file_, ",\n{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":%d,\"tid\":%d,\"args\":{\"sort_index\":%d}}", pid_, number, number);
  }

  // The fields every event has; whoever calls it writes the rest and the brace. `at` is when it happened.
  void Begin(const char* phase, const char* category, int64_t at, int thread) {
    int64_t time = std::max<int64_t>(at - began_, 0);
    std::fprintf(file_, ",\n{\"ph\":\"%s\",\"cat\":\"%s\",\"ts\":%" PRId64 ".%03d,\"pid\":%d,\"tid\":%d", phase, category, time / kMicrosecond,
                 static_cast<int>(time % kMicrosecond), pid_, thread);
  }

  void WriteEntry(const Entry& entry) {
    const TraceEvent& event = *entry.event;
    last_ = event.until;
    last_thread_ = entry.thread;
    switch (event.kind) {
      case TraceKind::kSpawn: WriteSpawn(entry); break;
      case TraceKind::kSlice: WriteSlice(entry); break;
      case TraceKind::kSteal:
        Begin("i", "scheduler", event.at, entry.thread);
        std::fprintf(file_, ",\"s\":\"t\",\"name\":\"steal\",\"args\":{\"island\":%u,\"from_worker\":%" PRIu64 "}}", event.island, event.other);
        break;
      case TraceKind::kSend: break;  // written with what received it
      case TraceKind::kReceive: WriteMessage(entry); break;
      case TraceKind::kHostCall: lives_[event.goroutine].host_function = event.name; break;
    }
  }

  void WriteSpawn(const Entry& entry) {
    const TraceEvent& event = *entry.event;
    Begin("i", "goroutine", event.at, entry.thread);
    std::fprintf(file_, ",\"s\":\"t\",\"name\":\"spawn\",\"args\":{\"id\":%" PRIu64 ",\"parent\":%" PRIu64 ",\"island\":%u,\"at\":%s}}",
                 event.goroutine, event.other, event.island, names_[event.name].c_str());
    // What the host started comes from nowhere on these tracks.
    if (event.other != 0) lives_[event.goroutine].spawn = entry;
  }

  void WriteSlice(const Entry& entry) {
    const TraceEvent& event = *entry.event;
    Life& life = lives_[event.goroutine];
    EndWait(event.goroutine, &life, event.at, entry.thread);
    if (life.spawn.event) {
      WriteFlow("spawn", event.goroutine, life.spawn.event->at, life.spawn.thread, event.at, entry.thread);
      life.spawn.event = nullptr;
    }
    Begin("X", "goroutine", event.at, entry.thread);
    int64_t duration = event.until - event.at;
    std::fprintf(file_, ",\"dur\":%" PRId64 ".%03d,\"name\":%s,\"args\":{\"id\":%" PRIu64 ",\"island\":%u,\"end\":\"%s\"", duration / kMicrosecond,
                 static_cast<int>(duration % kMicrosecond), names_[event.name].c_str(), event.goroutine, event.island, EndName(event.end));
    bool waits = event.text && (event.end == SliceEnd::kParked || event.end == SliceEnd::kBlocked);
    if (waits) std::fprintf(file_, ",\"waits_for\":\"%s\"", event.text);
    std::fprintf(file_, "}}");
    if (event.end == SliceEnd::kPreempted) {
      Begin("i", "scheduler", event.until, entry.thread);
      std::fprintf(file_, ",\"s\":\"t\",\"name\":\"preempted\",\"args\":{\"id\":%" PRIu64 ",\"island\":%u}}", event.goroutine, event.island);
    }
    if (waits) BeginWait(entry, &life);
    life.host_function = -1;
    if (event.end == SliceEnd::kDone) lives_.erase(event.goroutine);
  }

  void BeginWait(const Entry& entry, Life* life) {
    const TraceEvent& event = *entry.event;
    life->waits_for_host = std::strcmp(event.text, "host call") == 0;
    life->waits_for = std::string("\"") + event.text + "\"";
    if (life->waits_for_host && life->host_function >= 0) life->waits_for = names_[static_cast<size_t>(life->host_function)];
    WriteWait("b", event.goroutine, *life, event.until, entry.thread);
  }

  void EndWait(uint64_t id, Life* life, int64_t at, int thread) {
    if (life->waits_for.empty()) return;
    WriteWait("e", id, *life, at, thread);
    life->waits_for.clear();
  }

  void WriteWait(const char* phase, uint64_t id, const Life& life, int64_t at, int thread) {
    Begin(phase, life.waits_for_host ? "host" : "wait", at, thread);
    std::fprintf(file_, ",\"id\":%" PRIu64 ",\"name\":%s,\"args\":{\"goroutine\":%" PRIu64 "}}", id, life.waits_for.c_str(), id);
  }

  void WriteMessage(const Entry& entry) {
    auto sent = sent_.find(entry.event->other);
    if (sent == sent_.end()) return;
    WriteFlow("message", entry.event->other, sent->second.event->at, sent->second.thread, entry.event->at, entry.thread);
    sent_.erase(sent);
  }

  void WriteFlow(const char* name, uint64_t id, int64_t from, int from_thread, int64_t to, int to_thread) {
    Begin("s", name, from, from_thread);
    std::fprintf(file_, ",\"id\":%" PRIu64 ",\"name\":\"%s\"}", id, name);
    Begin("f", name, to, to_thread);
    std::fprintf(file_, ",\"bp\":\"e\",\"id\":%" PRIu64 ",\"name\":\"%s\"}", id, name);
  }

  FILE* const file_;
  const int64_t began_;
  const int pid_;
  std::vector<std::string> names_;  // in JSON
  std::vector<Entry> entries_;
  std::unordered_map<uint64_t, Life> lives_;
  std::unordered_map<uint64_t, Entry> sent_;  // not received so far
  int64_t last_ = 0;
  int last_thread_ = 0;
};

}  // namespace

TraceSummary WriteTrace(Trace* trace, FILE* file) {
  TraceSummary summary;
  Writer(trace, file).Write(trace->buffers(), &summary);
  errno = 0;
  if (std::fflush(file) != 0 || std::ferror(file)) summary.error = errno ? std::strerror(errno) : "it could not be written";
  return summary;
}

}  // namespace sloth

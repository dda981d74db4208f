// What a trace keeps, how much it forgets, and what a thread that comes too late adds: nothing.
#include <thread>

#include "sched/fake_island.h"

namespace sloth::testing {
namespace {

constexpr size_t kChunk = 1024;

// The islands of the thefts in a buffer, which stand for their order here.
std::vector<uint32_t> Kept(const TraceBuffer* buffer) {
  std::vector<uint32_t> kept;
  buffer->ForEach([&](const TraceEvent& event) { kept.push_back(event.island); });
  return kept;
}

TEST_CASE("a buffer keeps everything while there is room, in order") {
  Trace trace(4 * kChunk);
  TraceBuffer* buffer = trace.NewBuffer(1);
  for (uint32_t i = 0; i < 3 * kChunk; i++) buffer->Steal(i, 2);
  trace.Close();
  std::vector<uint32_t> kept = Kept(buffer);
  CHECK(kept.size() == 3 * kChunk);
  for (uint32_t i = 0; i < kept.size(); i++) CHECK(kept[i] == i);
  CHECK(buffer->dropped() == 0);
}

TEST_CASE("without room it forgets what came first, and counts it") {
  for (size_t chunks : {0, 1, 2, 5}) {
    CAPTURE(chunks);
    Trace trace(chunks * kChunk);
    TraceBuffer* buffer = trace.NewBuffer(1);
    const uint32_t total = 11 * kChunk + 17;
    for (uint32_t i = 0; i < total; i++) buffer->Steal(i, 2);
    trace.Close();
    std::vector<uint32_t> kept = Kept(buffer);
    CHECK(kept.size() + buffer->dropped() == total);
    CHECK(kept.size() <= (chunks + 1) * kChunk);
    CHECK(!kept.empty());
    for (size_t i = 1; i < kept.size(); i++) CHECK(kept[i] == kept[i - 1] + 1);
    CHECK(kept.back() == total - 1);
  }
}

TEST_CASE("buffers share the room") {
  Trace trace(4 * kChunk);
  TraceBuffer* first = trace.NewBuffer(1);
  TraceBuffer* second = trace.NewBuffer(2);
  for (uint32_t i = 0; i < 10 * kChunk; i++) {
    first->Steal(i, 2);
    second->Steal(i, 1);
  }
  trace.Close();
  CHECK(Kept(first).size() + Kept(second).size() <= 6 * kChunk);
  CHECK(first->dropped() + second->dropped() >= 14 * kChunk);
  CHECK(trace.buffers().size() == 3);
  CHECK(trace.buffers()[0]->number() == 0);
  CHECK(trace.buffers()[2] == second);
}

TEST_CASE("nothing is added once it is closed") {
  Trace trace;
  TraceBuffer* buffer = trace.NewBuffer(1);
  std::atomic<bool> stop{false};
  std::thread late([&] {
    for (uint32_t i = 0; !stop; i++) buffer->Steal(i, 2);
  });
  timespec pause = {0, kMillisecond};
  nanosleep(&pause, nullptr);
  trace.Close();
  size_t kept = Kept(buffer).size();
  nanosleep(&pause, nullptr);
  CHECK(Kept(buffer).size() == kept);
  stop = true;
  late.join();
}

TEST_CASE("a name has one index, whoever asks; beyond all indexes one stands for the rest") {
  Trace trace;
  TraceBuffer* first = trace.NewBuffer(1);
  TraceBuffer* second = trace.NewBuffer(2);
  uint16_t a = first->NameOf("a.lua:1");
  CHECK(second->NameOf("a.lua:1") == a);
  CHECK(first->NameOf("a.lua:1") == a);
  uint16_t last = 0;
  for (int i = 0; i < 70'000; i++) last = second->NameOf("b.lua:" + std::to_string(i));
  CHECK(trace.names()[a] == "a.lua:1");
  CHECK(trace.names()[last] == "...");
}

TEST_CASE("messages are numbered; a value that nobody sent under a trace is received from nowhere") {
  Trace trace;
  TraceBuffer* buffer = trace.NewBuffer(1);
  Value value = Value::Integer(7);
  buffer->Receive(value);
  buffer->Send(&value);
  Value moved = std::move(value);
  buffer->Receive(moved);
  trace.Close();
  std::vector<TraceEvent> events;
  buffer->ForEach([&](const TraceEvent& event) { events.push_back(event); });
  CHECK(events.size() == 2);
  CHECK(events[0].kind == TraceKind::kSend);
  CHECK(events[1].kind == TraceKind::kReceive);
  CHECK(events[0].other == events[1].other);
  CHECK(events[0].other != 0);
}

TEST_CASE("a scheduler records each goroutine, and each slice of it") {
  Trace trace;
  WorldOptions options;
  options.trace = &trace;
  {
    World world(options);
    for (int i = 0; i < 20; i++) {
      world.Go([](FakeGoroutine& go) -> Body {
        co_await go.Pause(kMillisecond);
        co_await go.Yield();
      });
    }
    world.Run();
  }
  trace.Close();
  int spawns = 0, waits = 0, ends = 0;
  for (const TraceBuffer* buffer : trace.buffers()) {
    int64_t busy_until = 0;
    buffer->ForEach([&](const TraceEvent& event) {
      if (event.kind == TraceKind::kSpawn) spawns++;
      if (event.kind != TraceKind::kSlice) return;
      CHECK(event.at >= busy_until);
      CHECK(event.until >= event.at);
      busy_until = event.until;
      if (event.end == SliceEnd::kParked) {
        waits++;
        CHECK(std::string(event.text) == "pause");
      }
      if (event.end == SliceEnd::kDone) ends++;
    });
  }
  CHECK(spawns == 20);
  CHECK(waits == 20);
  CHECK(ends == 20);
  CHECK(current_trace == nullptr);
}

}  // namespace
}  // namespace sloth::testing

// What is written of a trace that lost its beginning. (The format itself is tested from outside, with a parser.)
#include "runtime/trace_writer.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth {
namespace {

std::string Written(Trace* trace, TraceSummary* summary) {
  FILE* file = std::tmpfile();
  CHECK(file);
  *summary = WriteTrace(trace, file);
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  CHECK(std::fread(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  return text;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) count++;
  return count;
}

TEST_CASE("messages whose other end was forgotten are left out") {
  Trace trace(2048);
  TraceBuffer* sender = trace.NewBuffer(1);
  TraceBuffer* receiver = trace.NewBuffer(2);
  for (int i = 0; i < 10'000; i++) {
    Value value = Value::Integer(i);
    sender->Send(&value);
    receiver->Receive(value);
  }
  Value lost = Value::Integer(0);
  sender->Send(&lost);
  trace.Close();
  TraceSummary summary;
  std::string text = Written(&trace, &summary);
  CHECK(summary.error.empty());
  CHECK(summary.events + summary.dropped == 20'001);
  CHECK(summary.dropped > 10'000);
  size_t flows = Count(text, "\"ph\":\"s\"");
  CHECK(flows > 0);
  CHECK(flows == Count(text, "\"ph\":\"f\""));
  CHECK(Count(text, "\"dropped\":" + std::to_string(summary.dropped)) == 1);
}

TEST_CASE("what one thread forgot is left out everywhere, so that the rest fits together") {
  Trace trace(1024);
  TraceBuffer* quiet = trace.NewBuffer(1);
  TraceBuffer* busy = trace.NewBuffer(2);
  quiet->Steal(1, 2);
  for (uint32_t i = 0; i < 5000; i++) busy->Steal(i, 1);
  quiet->Steal(2, 2);
  trace.Close();
  TraceSummary summary;
  std::string text = Written(&trace, &summary);
  CHECK(Count(text, "\"tid\":1,\"s\"") == 1);
  CHECK(Count(text, "\"name\":\"steal\"") == summary.events);
  CHECK(summary.events + summary.dropped == 5002);
}

TEST_CASE("an empty trace is a file all the same") {
  Trace trace;
  trace.Close();
  TraceSummary summary;
  std::string text = Written(&trace, &summary);
  CHECK(summary.events == 0);
  CHECK(text.find("\"traceEvents\":[") != std::string::npos);
  CHECK(text.substr(text.size() - 4) == "\n]}\n");
}

TEST_CASE("a file that cannot be written is said so") {
  Trace trace;
  trace.Close();
  FILE* file = std::fopen("/dev/full", "w");
  CHECK(file);
  CHECK(WriteTrace(&trace, file).error == "No space left on device");
  std::fclose(file);
}

}  // namespace
}  // namespace sloth

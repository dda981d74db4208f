#include "lua/dump_text.h"

#include <cstdio>
#include <unordered_set>

namespace sloth {
namespace {

std::string Counted(size_t count, const char* one, const char* many) { return std::to_string(count) + " " + (count == 1 ? one : many); }

std::string Seconds(int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(nanoseconds) / static_cast<double>(kSecond));
  return text;
}

void AddReport(const GoroutineReport& report, bool name_run, std::string* text) {
  *text += (report.main ? "main goroutine " : "goroutine ") + std::to_string(report.id);
  if (name_run) *text += " of run " + std::to_string(report.run);
  *text += " [";
  if (*report.waiting_for) {
    *text += std::string(report.waiting_for) + " for " + Seconds(report.waiting_ns);
  } else {
    *text += report.state;
  }
  if (report.daemon) *text += ", daemon";
  if (report.leaked) *text += ", leaked";
  *text += "] on island " + std::to_string(report.island);
  *text += report.sharers == 0 ? ", alone" : ", shared with " + Counted(report.sharers, "other", "others");
  if (!report.looked_at) {
    *text += "\n(its island did not stop to be looked at)";
  } else {
    *text += report.traceback.empty() ? "\n(has not started)" : "\n" + report.traceback;
  }
  if (!report.spawn_site.empty()) *text += "\nspawned at " + report.spawn_site + " by goroutine " + std::to_string(report.parent);
  *text += "\n";
}

}  // namespace

std::string DumpText(const std::vector<GoroutineReport>& reports) {
  std::unordered_set<uint64_t> islands;
  std::unordered_set<uint64_t> runs;
  size_t leaked = 0;
  for (const GoroutineReport& report : reports) {
    islands.insert(report.island);
    runs.insert(report.run);
    if (report.leaked) leaked++;
  }
  std::string text = Counted(reports.size(), "goroutine", "goroutines") + " on " + Counted(islands.size(), "island", "islands");
  if (leaked > 0) text += ", " + std::to_string(leaked) + " leaked";
  text += "\n";
  for (const GoroutineReport& report : reports) {
    text += "\n";
    AddReport(report, runs.size() > 1, &text);
  }
  return text;
}

}  // namespace sloth

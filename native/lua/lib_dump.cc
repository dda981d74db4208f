// goroutine.dump and goroutine.leaks: the goroutines of the caller's run, looked at while they live.
#include <string_view>

#include "lua/blocking.h"
#include "lua/cancellation.h"
#include "lua/dump_text.h"
#include "lua/inspection.h"
#include "lua/registry_tables.h"

namespace sloth {
namespace {

enum class Form : uint8_t { kText, kTable, kLeaks };

// Keeps what was found for the upper room, in the goroutine's `holding` slot.
class Findings final : public RefCounted {
 public:
  explicit Findings(std::vector<GoroutineReport> reports) : reports(std::move(reports)) {}
  const std::vector<GoroutineReport> reports;
};

// Lower room: begins; true when the goroutine waits now.
bool StartInspection(LuaGoroutine* goroutine, Ref<Inspection>* inspection) noexcept {
  std::vector<Ref<Run>> runs = {Ref<Run>(goroutine->run())};
  *inspection = MakeRef<Inspection>(goroutine->world(), runs);
  return !(*inspection)->Begin(goroutine->lua_island()) && (*inspection)->Wait(goroutine) == Progress::kWaiting;
}

const Findings* Finish(LuaGoroutine* goroutine, Inspection* inspection, bool text) noexcept {
  auto findings = MakeRef<Findings>(inspection->Finish(goroutine->lua_island()));
  if (text) goroutine->scratch().text = DumpText(findings->reports);
  const Findings* result = findings.get();
  goroutine->scratch().holding = std::move(findings);
  return result;
}

// Lower room. Null: the goroutine waits.
const Findings* Start(LuaGoroutine* goroutine, bool text) noexcept {
  Ref<Inspection> inspection;
  return StartInspection(goroutine, &inspection) ? nullptr : Finish(goroutine, inspection.get(), text);
}

// Lower room, after the wait. Null: it was cancelled.
const Findings* FinishAwaited(LuaGoroutine* goroutine, bool text) noexcept {
  Ref<Inspection> inspection = goroutine->TakeWaitObject<Inspection>();
  if (inspection->FinishWait(goroutine) == Progress::kCancelled) return nullptr;
  return Finish(goroutine, inspection.get(), text);
}

void SetText(lua_State* L, const char* name, std::string_view text) {
  if (text.empty()) return;
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, -2, name);
}

void SetNumber(lua_State* L, const char* name, uint64_t value) {
  lua_pushinteger(L, static_cast<lua_Integer>(value));
  lua_setfield(L, -2, name);
}

void PushReport(lua_State* L, const GoroutineReport& report) {
  lua_createtable(L, 0, 12);
  SetNumber(L, "id", report.id);
  if (report.parent) SetNumber(L, "parent", report.parent);
  SetText(L, "state", report.state);
  SetText(L, "waiting_for", report.waiting_for);
  if (*report.waiting_for) {
    lua_pushnumber(L, static_cast<lua_Number>(report.waiting_ns) / static_cast<lua_Number>(kMillisecond));
    lua_setfield(L, -2, "waiting_ms");
  }
  SetNumber(L, "island", report.island);
  SetNumber(L, "shared_with", report.sharers);
  lua_pushboolean(L, report.main);
  lua_setfield(L, -2, "main");
  lua_pushboolean(L, report.daemon);
  lua_setfield(L, -2, "daemon");
  lua_pushboolean(L, report.leaked);
  lua_setfield(L, -2, "leaked");
  SetText(L, "spawned_at", report.spawn_site);
  SetText(L, "traceback", report.traceback);
}

int PushFindings(lua_State* L, LuaGoroutine* goroutine, const Findings* findings, Form form) {
  if (!findings) RaiseCancelled(L);
  if (form == Form::kText) {
    const std::string& text = goroutine->scratch().text;
    lua_pushlstring(L, text.data(), text.size());
    goroutine->scratch().text.clear();
    goroutine->scratch().holding = nullptr;
    return 1;
  }
  lua_newtable(L);
  lua_Integer index = 0;
  for (const GoroutineReport& report : findings->reports) {
    if (form == Form::kLeaks && !report.leaked) continue;
    PushReport(L, report);
    lua_rawseti(L, -2, ++index);
  }
  goroutine->scratch().holding = nullptr;
  return 1;
}

int Resumed(lua_State* L, int, lua_KContext form) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return PushFindings(L, goroutine, FinishAwaited(goroutine, static_cast<Form>(form) == Form::kText), static_cast<Form>(form));
}

int Inspect(lua_State* L, Form form) {
  WaitPlan plan = PlanCertainWait(L, "looking at goroutines");
  const Findings* findings = Start(plan.goroutine, form == Form::kText);
  if (!findings) return Park(L, plan, Resumed, static_cast<lua_KContext>(form));
  DropPlan(plan);
  return PushFindings(L, plan.goroutine, findings, form);
}

// {format = "text" | "table"}: read raw, and anything else in it is a mistake.
Form CheckForm(lua_State* L, int argument) {
  if (lua_isnoneornil(L, argument)) return Form::kText;
  luaL_checktype(L, argument, LUA_TTABLE);
  Form form = Form::kText;
  luaL_checkstack(L, 4, nullptr);
  lua_pushnil(L);
  while (lua_next(L, argument)) {
    if (lua_type(L, -2) != LUA_TSTRING || std::string_view(lua_tostring(L, -2)) != "format") {
      luaL_argerror(L, argument, lua_pushfstring(L, "{format =} has no field '%s'", luaL_tolstring(L, -2, nullptr)));
    }
    std::string_view name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (name != "text" && name != "table") {
      luaL_argerror(L, argument, lua_pushfstring(L, "format: \"text\" or \"table\" expected, got %s", luaL_tolstring(L, -1, nullptr)));
    }
    form = name == "table" ? Form::kTable : Form::kText;
    lua_pop(L, 1);
  }
  return form;
}

int Dump(lua_State* L) { return Inspect(L, CheckForm(L, 1)); }
int Leaks(lua_State* L) { return Inspect(L, Form::kLeaks); }

constexpr auto kWaits = MaySwitch::kIfItHasToWait;
constexpr auto kNone = StoresInto::kNothing;
#define SLOTH_REPORT \
  "{id: integer, parent?: integer, state: 'ready' | 'running' | 'waiting', waiting_for?: string, waiting_ms?: number, " \
  "island: integer, shared_with: integer, main: boolean, daemon: boolean, leaked: boolean, spawned_at?: string, traceback?: string}[]"

}  // namespace

extern const FunctionEntry kDumpFunctions[] = {
    {"goroutine", "dump", Meets<Dump>, "options?: {format?: 'text' | 'table'}", "string | " SLOTH_REPORT, "", "raises for an unknown option", kWaits, kNone, false, false, "1.0",
     "Every goroutine of this run: its state, what it waits for and since when, its island, where it stands and where it was started."},
    {"goroutine", "leaks", Meets<Leaks>, "", SLOTH_REPORT, "", "", kWaits, kNone, false, false, "1.0",
     "The goroutines of this run that wait for ever, because nobody else can reach what they wait for."},
};
SLOTH_REGISTRY_COUNT(Dump);

}  // namespace sloth

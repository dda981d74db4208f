// Runs a program on a real island and notes what the analysis says of each `spawn(f, ...)` in it, without starting anything.
// The global `spawn` stands where go.spawn would. Included by tests only.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lua/analysis/placement.h"
#include "lua/island.h"
#include "lua/load.h"
#include "lua/registry_tables.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {

struct NotedSpawn {
  int line;
  Placement ordinary;
  Placement explained;
  Placement insisted;
};

class NotedRun final : public LuaRun {
 public:
  NotedRun() : LuaRun(1, MakeRef<DeadlockDomain>(), {}) {}
  void WaitForEnd() {
    MutexLock lock(mutex_);
    while (!ended_) condition_.Wait(mutex_);
  }

 protected:
  void OnUncaught(Goroutine*) override {}
  void OnEnd() override {
    MutexLock lock(mutex_);
    ended_ = true;
    condition_.NotifyAll();
  }

 private:
  Mutex mutex_;
  Condition condition_;
  bool ended_ = false;
};

class Program {
 public:
  // Runs `source` to its end.
  explicit Program(const std::string& source) {
    LearnStandardFunctionsOnce();
    scheduler_ = std::make_unique<Scheduler>(SchedulerOptions{}, &clock_);
    world_.scheduler = scheduler_.get();
    world_.out = world_.err = &sink_;
    auto run = MakeRef<NotedRun>();
    auto main = MakeRef<LuaGoroutine>(&world_, Ref<LuaRun>(run.get()), MakeRef<LuaIsland>(&world_, 1), nullptr, nullptr);
    main->uncaught_rule = UncaughtRule::kBelongsToRun;
    main->plan = MakeRef<Plan>(this, source);
    scheduler_->Start(main.get(), nullptr);
    run->WaitForEnd();
    if (main->outcome().kind == OutcomeKind::kFailed) error = main->outcome().failure->message;
    main = nullptr;
    run = nullptr;
    scheduler_->Stop(kForever);
  }

  std::vector<NotedSpawn> spawns;
  std::string error;

 private:
  class Plan final : public StartPlan {
   public:
    Plan(Program* program, std::string source) : program_(program), source_(std::move(source)) {}
    int PushStart(lua_State* L, LuaGoroutine*) override {
      lua_pushlightuserdata(L, program_);
      lua_pushcclosure(L, Note, 1);
      lua_setglobal(L, "spawn");
      if (!LoadText(L, source_.data(), source_.size(), "@x.lua", Dialect::kLua, CodeOrigin::kWhole)) lua_error(L);
      return 0;
    }

   private:
    Program* const program_;
    const std::string source_;
  };

  class NoSink final : public OutputSink {
    void Write(const char*, size_t) override {}
  };

  // spawn(f, ...)
  static int Note(lua_State* L) {
    luaL_checkany(L, 1);
    auto* program = static_cast<Program*>(lua_touserdata(L, lua_upvalueindex(1)));
    lua_Debug caller;
    caller.currentline = 0;
    if (lua_getstack(L, 1, &caller)) lua_getinfo(L, "l", &caller);
    int count = lua_gettop(L) - 1;
    program->spawns.push_back({caller.currentline, DecidePlacement(L, 1, count, PlacementRule::kOrdinary),
                               DecidePlacement(L, 1, count, PlacementRule::kExplain),
                               DecidePlacement(L, 1, count, PlacementRule::kInsist)});
    return 0;
  }

  RealClock clock_;
  NoSink sink_;
  World world_;
  std::unique_ptr<Scheduler> scheduler_;
};

// The programs of a text, which lines of dashes separate.
inline std::vector<std::string> SplitPrograms(std::string_view text) {
  std::vector<std::string> programs;
  constexpr std::string_view kLine = "\n----\n";
  for (size_t at; (at = text.find(kLine)) != text.npos; text.remove_prefix(at + kLine.size())) {
    programs.emplace_back(text.substr(0, at + 1));
  }
  programs.emplace_back(text);
  return programs;
}

// What a program's spawns are expected to be, one a line: "parallel", "fills" (parallel, and stores into tables of the
// spawner's are posted home), or "home <name> <line> [<kind>]".
struct ExpectedProgram {
  const char* what;
  const char* source;
  const char* expected;
};

inline std::string Described(const Placement& placement) {
  if (placement.parallel) return placement.capture.written.empty() ? "parallel" : "fills";
  if (placement.reasons.empty()) return "home without a reason";
  const PlacementReason& reason = placement.reasons[0];
  return "home " + (reason.name.empty() ? "-" : reason.name) + " " + std::to_string(reason.line) + " " + reason.kind;
}

inline void CheckProgram(const ExpectedProgram& expected) {
  Program program(expected.source);
  std::string described, messages;
  for (const NotedSpawn& spawn : program.spawns) {
    described += (described.empty() ? "" : "\n") + Described(spawn.ordinary);
    for (const PlacementReason& reason : spawn.explained.reasons) messages += "\n  " + reason.kind + ": " + reason.message;
    CHECK(spawn.explained.parallel == spawn.ordinary.parallel);
    CHECK(spawn.ordinary.reasons.size() <= 1);
  }
  INFO(std::string(expected.what));
  INFO(std::string("error: " + program.error));
  INFO(std::string("reasons:" + messages));
  CHECK(described == std::string(expected.expected));
}

}  // namespace sloth::testing

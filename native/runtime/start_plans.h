// How the goroutines that the host starts begin: a main chunk with its preludes, or a function the host holds.
#pragma once

#include "runtime/run.h"

namespace sloth {

class MainPlan final : public StartPlan {
 public:
  explicit MainPlan(RunRequest request) : request(std::move(request)) {}
  int PushStart(lua_State* L, LuaGoroutine* goroutine) override;
  const RunRequest request;
};

class CallPlan final : public StartPlan {
 public:
  explicit CallPlan(CallRequest request) : request(std::move(request)) {}
  int PushStart(lua_State* L, LuaGoroutine* goroutine) override;
  const CallRequest request;
};

}  // namespace sloth

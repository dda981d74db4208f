#include "lua/spawn.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "lua/body.h"
#include "lua/cancellation.h"
#include "lua/check_captures.h"
#include "lua/pack.h"
#include "lua/prelude.h"

namespace sloth {
namespace {

// "demo.lua:12"; as snprintf would, in a tenth of its time.
void WriteSite(const lua_Debug& activation, char* site, size_t size) {
  size_t length = std::strlen(activation.short_src);
  char digits[16];
  char* digit = std::end(digits);
  for (int line = activation.currentline; line > 0 || digit == std::end(digits); line /= 10) *--digit = static_cast<char>('0' + line % 10);
  *--digit = ':';
  auto line_length = static_cast<size_t>(std::end(digits) - digit);
  length = std::min(length, size - 1 - line_length);
  std::memcpy(site, activation.short_src, length);
  std::memcpy(site + length, digit, line_length);
  site[length + line_length] = '\0';
}

// The line of the program's Lua that called the running C function: "demo.lua:12", or "" when it was no Lua. What the library
// starts later, by itself, was started where the goroutine that does it was.
void DescribeCaller(lua_State* L, LuaGoroutine* parent, char* site, size_t size) {
  site[0] = '\0';
  bool in_library = false;
  lua_Debug activation;
  for (int level = 1; lua_getstack(L, level, &activation); level++) {
    if (!lua_getinfo(L, "Sl", &activation) || activation.currentline < 0) continue;
    in_library = IsPrelude(activation);
    if (in_library) continue;
    return WriteSite(activation, site, size);
  }
  if (in_library) std::snprintf(site, size, "%s", parent->spawn_site());
}

std::string FirstReason(const Placement& placement) {
  return placement.reasons.empty() ? std::string("it cannot be proven safe") : placement.reasons.front().message;
}

void TellPlacement(LuaGoroutine* parent, const char* site, const Placement& placement, const std::string& why_home) {
  // What the host calls has no line of Lua to name.
  if (!parent->world()->explain.load(std::memory_order_relaxed) || !*site) return;
  std::string text = std::string(site) + ": ";
  text += why_home.empty() && placement.parallel ? "parallel" : "shared: " + (why_home.empty() ? FirstReason(placement) : why_home);
  parent->lua_run()->OnPlacement(text);
}

// What a spawn captured, kept for the upper room in the parent's `holding` slot.
class KeptCapture final : public RefCounted {
 public:
  explicit KeptCapture(SpawnCapture capture) : capture(std::move(capture)) {}
  const SpawnCapture capture;
};

// Gives the tables that the goroutine only stores into the names by which its island knows them.
bool NameWrittenTables(lua_State* L, LuaIsland* home, SpawnCapture* capture) noexcept {
  for (WrittenTable& written : capture->written) {
    if (written.name) continue;
    written.name = home->write_backs.TryName(L, static_cast<const Table*>(written.table));
    if (!written.name) return false;
  }
  return true;
}

enum class Made : uint8_t { kHome, kParallel, kRefused };

// Lower room. Makes the record into parent->scratch().child; for kParallel packed, for kHome still without its thread; for kRefused
// the reason is in parent->scratch().text.
Made MakeRecord(lua_State* L, LuaGoroutine* parent, int function, int argument_count, const SpawnRequest& request) noexcept {
  char site[72];
  DescribeCaller(L, parent, site, sizeof site);
  World* world = parent->world();
  Ref<LuaRun> run(parent->lua_run());
  Ref<LuaIsland> home(parent->lua_island());
  std::string why_home;
  Placement placement;
  // On the host's own thread no goroutine runs but the one that is called.
  if (parent->engine && request.place == SpawnPlace::kHome) {
    parent->scratch().text = "goroutine.shared is not possible here: the function would run on the JavaScript thread";
    return Made::kRefused;
  }
  // On an island that is none of those its run has limits for, a goroutine would be outside of them.
  bool escapes = run->limits && home->limits() != run->limits.get();
  bool insists = request.place == SpawnPlace::kMustBeParallel ||
                 ((world->isolated || parent->engine || escapes) && request.place == SpawnPlace::kByRule);
  if (request.place != SpawnPlace::kHome) {
    PlacementRule rule = insists ? PlacementRule::kInsist : PlacementRule::kOrdinary;
    placement = DecidePlacement(L, function, argument_count, rule);
    if (placement.parallel) {
      Value parcel;
      PackFailure failure;
      if (!NameWrittenTables(L, home.get(), &placement.capture)) {
        failure.out_of_memory = true;
      } else if (TryPackSpawn(L, function, argument_count, placement.capture, world->copy_limit, &parcel, &failure)) {
        TellPlacement(parent, site, placement, "");
        auto island = MakeRef<LuaIsland>(world, home->NextChildSeed(), run->limits);
        island->write_backs.WillStoreInto(placement.capture.written);
        auto child = MakeRef<LuaGoroutine>(world, std::move(run), std::move(island), parent, home->SiteOf(site));
        if (world->check_captures.load(std::memory_order_relaxed)) parent->scratch().holding = MakeRef<KeptCapture>(std::move(placement.capture));
        child->parcel = std::move(parcel);
        child->home = false;
        child->uncaught_rule = request.uncaught;
        child->daemon = request.daemon;
        child->context = Ref<WaitEnder>(request.context);
        parent->scratch().child = std::move(child);
        return Made::kParallel;
      }
      why_home = PackFailureText("cannot copy", failure);
    }
    if (insists) {
      const char* what = escapes ? "a function with limits needs an island of its own: " : "this function cannot run in parallel: ";
      parent->scratch().text = what + (why_home.empty() ? FirstReason(placement) : why_home);
      return Made::kRefused;
    }
  } else {
    why_home = "goroutine.shared asks for it";
  }
  if (request.told) TellPlacement(parent, site, placement, why_home);
  Ref<SpawnSite> shared_site = home->SiteOf(site);
  auto child = MakeRef<LuaGoroutine>(world, std::move(run), std::move(home), parent, std::move(shared_site));
  child->uncaught_rule = request.uncaught;
  child->daemon = request.daemon;
  child->context = Ref<WaitEnder>(request.context);
  parent->scratch().child = std::move(child);
  return Made::kHome;
}

}  // namespace

Context* CheckFunctionBehindContext(lua_State* L, int* function) {
  Context* context = ContextAt(L, *function);
  if (context) ++*function;
  luaL_checktype(L, *function, LUA_TFUNCTION);
  return context;
}

LuaGoroutine* MakeChild(lua_State* L, int argument_count, const SpawnRequest& request) {
  LuaGoroutine* parent = CurrentGoroutine(L);
  if (!parent) luaL_error(L, "goroutines cannot be started here: no goroutine runs");
  if (MustRaise(parent)) RaiseCancelled(L);
  int64_t most = parent->world()->max_goroutines;
  if (most > 0 && parent->world()->scheduler->counters().live.load(std::memory_order_relaxed) >= most) {
    luaL_error(L, "too many goroutines: the limit is %I", static_cast<LUAI_UACINT>(most));
  }
  PostStores(L);  // the child may be quick
  int function = lua_gettop(L) - argument_count;
  Made made = MakeRecord(L, parent, function, argument_count, request);
  if (made == Made::kRefused) luaL_error(L, "%s", parent->scratch().text.c_str());
  auto* child = static_cast<LuaGoroutine*>(parent->scratch().child.get());
  if (made == Made::kHome) {
    PushBody(L, child, argument_count);
    return child;
  }
  if (parent->world()->check_captures.load(std::memory_order_relaxed)) {
    WatchCaptures(L, child, function, static_cast<KeptCapture*>(parent->scratch().holding.get())->capture);
    parent->scratch().holding = nullptr;
  }
  lua_settop(L, function - 1);
  return child;
}

void DropChild(lua_State* L, LuaGoroutine* parent) {
  DropBody(L, static_cast<LuaGoroutine*>(parent->scratch().child.get()), false);
  parent->scratch().child = nullptr;
}

void BindToContext(Goroutine* child) noexcept {
  Ref<WaitEnder> context = std::move(static_cast<LuaGoroutine*>(child)->context);
  if (context) child->BindTo(std::move(context));
}

void StartChild(LuaGoroutine* parent) noexcept {
  Ref<Goroutine> child = std::move(parent->scratch().child);
  BindToContext(child.get());
  parent->has_followers = true;
  auto& counters = parent->world()->scheduler->counters();
  bool home = static_cast<LuaGoroutine*>(child.get())->home;
  (home ? counters.shared : counters.parallel).fetch_add(1, std::memory_order_relaxed);
  parent->world()->scheduler->Start(child.get(), parent);
}

namespace {

int ExplanationText(lua_State* L) {
  lua_getfield(L, 1, "text");
  return 1;
}

void PushReason(lua_State* L, const PlacementReason& reason) {
  lua_createtable(L, 0, 5);
  lua_pushstring(L, reason.kind.c_str());
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, reason.name.c_str());
  lua_setfield(L, -2, "name");
  lua_pushstring(L, reason.file.c_str());
  lua_setfield(L, -2, "file");
  lua_pushinteger(L, reason.line);
  lua_setfield(L, -2, "line");
  lua_pushstring(L, reason.message.c_str());
  lua_setfield(L, -2, "message");
}

// Owns the answer while the upper room reads it; kept in the goroutine's `holding` slot.
class Explanation final : public RefCounted {
 public:
  explicit Explanation(Placement placement) : placement(std::move(placement)) {
    text = this->placement.parallel ? "parallel" : "shared";
    for (const PlacementReason& reason : this->placement.reasons) text += "\n  " + reason.message;
  }
  const Placement placement;
  std::string text;
};

const Explanation* Explain(lua_State* L, LuaGoroutine* goroutine, int function) noexcept {
  auto explanation = MakeRef<Explanation>(DecidePlacement(L, function, 0, PlacementRule::kExplain));
  const Explanation* result = explanation.get();
  goroutine->scratch().holding = std::move(explanation);
  return result;
}

}  // namespace

void PushExplanation(lua_State* L, int function) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "explain is not possible here: no goroutine runs");
  lua_settop(L, function);
  const Explanation* explanation = Explain(L, goroutine, function);
  lua_createtable(L, 0, 3);
  lua_pushboolean(L, explanation->placement.parallel);
  lua_setfield(L, -2, "parallel");
  lua_createtable(L, static_cast<int>(explanation->placement.reasons.size()), 0);
  lua_Integer index = 0;
  for (const PlacementReason& reason : explanation->placement.reasons) {
    PushReason(L, reason);
    lua_rawseti(L, -2, ++index);
  }
  lua_setfield(L, -2, "reasons");
  lua_pushlstring(L, explanation->text.data(), explanation->text.size());
  lua_setfield(L, -2, "text");
  goroutine->scratch().holding = nullptr;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, ExplanationText);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
}

}  // namespace sloth

#include "lua/check_captures.h"

#include "lua/handles.h"
#include "lua/write_back.h"

namespace sloth {
namespace {

constexpr int kDeepest = 60;

// -- comparing --

struct Difference {
  std::string path;
  std::string before;
  std::string now;
};

std::string Shown(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TNIL: return "nil";
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TNUMBER:
      return lua_isinteger(L, index) ? std::to_string(lua_tointeger(L, index)) : std::to_string(lua_tonumber(L, index));
    case LUA_TSTRING: {
      size_t length;
      const char* text = lua_tolstring(L, index, &length);
      return "\"" + std::string(text, length < 60 ? length : 60) + "\"";
    }
    default: return std::string("a ") + luaL_typename(L, index);
  }
}

void Note(lua_State* L, Difference* difference, int before, int now) noexcept {
  difference->before = Shown(L, before);
  difference->now = Shown(L, now);
}

void AddStep(lua_State* L, Difference* difference, int key) noexcept {
  std::string step = lua_type(L, key) == LUA_TSTRING ? "." + std::string(lua_tostring(L, key)) : "[" + Shown(L, key) + "]";
  difference->path = step + difference->path;
}

void AddUpvalue(Difference* difference, const char* name) noexcept {
  difference->path = std::string(": upvalue '") + name + "'" + difference->path;
}

bool Same(lua_State* L, int before, int now, int seen, int depth, Difference* difference);

// Every key of `a` has an equal value in `b`. `swapped`: a is the later state.
bool SameFields(lua_State* L, int a, int b, int seen, int depth, bool swapped, Difference* difference) {
  lua_pushnil(L);
  while (lua_next(L, a)) {
    int key = lua_gettop(L) - 1;
    if (lua_istable(L, key) || lua_isfunction(L, key) || lua_isuserdata(L, key)) {
      lua_pop(L, 1);  // such keys have another identity in the copy
      continue;
    }
    lua_pushvalue(L, key);
    lua_rawget(L, b);
    bool same = swapped ? lua_type(L, -1) != LUA_TNIL : Same(L, key + 1, key + 2, seen, depth + 1, difference);
    if (!same) {
      if (swapped) Note(L, difference, key + 2, key + 1);
      AddStep(L, difference, key);
      return false;
    }
    lua_settop(L, key);
  }
  return true;
}

bool SameFunctions(lua_State* L, int before, int now, int seen, int depth, Difference* difference) {
  if (lua_iscfunction(L, before)) return true;
  for (int i = 1;; i++) {
    int top = lua_gettop(L);
    const char* name = lua_getupvalue(L, before, i);
    if (!name) return true;
    if (!lua_getupvalue(L, now, i)) return true;
    if (!Same(L, top + 1, top + 2, seen, depth + 1, difference)) {
      AddUpvalue(difference, name);
      return false;
    }
    lua_settop(L, top);
  }
}

bool Same(lua_State* L, int before, int now, int seen, int depth, Difference* difference) {
  luaL_checkstack(L, 12, nullptr);
  int type = lua_type(L, before);
  if (type != lua_type(L, now)) {
    Note(L, difference, before, now);
    return false;
  }
  if (type != LUA_TTABLE && type != LUA_TFUNCTION) {
    if (type == LUA_TUSERDATA || lua_rawequal(L, before, now)) return true;  // handles are shared by reference
    bool both_nan = type == LUA_TNUMBER && lua_tonumber(L, before) != lua_tonumber(L, before) && lua_tonumber(L, now) != lua_tonumber(L, now);
    if (both_nan) return true;
    Note(L, difference, before, now);
    return false;
  }
  if (depth > kDeepest || lua_rawequal(L, before, now)) return true;
  if (type == LUA_TTABLE && LibraryNameOf(L, lua_topointer(L, before))) return true;
  // Its stores are no drift: they come home.
  if (type == LUA_TTABLE && WriteBackBehind(L, static_cast<const Table*>(lua_topointer(L, before)))) return true;
  lua_pushvalue(L, before);
  bool again = lua_rawget(L, seen) != LUA_TNIL;
  lua_pop(L, 1);
  if (again) return true;
  lua_pushvalue(L, before);
  lua_pushboolean(L, 1);
  lua_rawset(L, seen);
  if (type == LUA_TFUNCTION) return SameFunctions(L, before, now, seen, depth, difference);
  return SameFields(L, before, now, seen, depth, false, difference) && SameFields(L, now, before, seen, depth, true, difference);
}

// -- reporting --

struct Comparison {
  CaptureWatch* watch;
  int reference;
  bool at_home;
};

void Report(World* world, const Comparison& comparison, size_t index, const Difference& difference) noexcept {
  const CaptureWatch& watch = *comparison.watch;
  std::string text = "check-captures: " + watch.goroutine + ": " + watch.labels[index] + difference.path + " was changed " +
                     (comparison.at_home ? "at home after the goroutine had started" : "by the goroutine in its own copy") + ": " +
                     difference.before + " as copied, " + difference.now + " now; goroutine.shared would have shown it\n";
  world->err->Write(text.data(), text.size());
}

Difference* NewDifference() noexcept { return new Difference(); }

// Protected. [1] the comparison, [2] a block that owns the difference.
int CompareAll(lua_State* L) {
  auto* comparison = static_cast<Comparison*>(lua_touserdata(L, 1));
  auto* difference = static_cast<Difference*>(lua_touserdata(L, 2));
  lua_newtable(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, comparison->reference);
  int first = lua_gettop(L) + 1;
  int count = UnpackValues(L, comparison->watch->copied);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 4, i + 1);
    int now = lua_gettop(L);
    if (!Same(L, first + i, now, 3, 0, difference)) {
      Report(IslandOf(L)->world(), *comparison, static_cast<size_t>(i), *difference);
      return 0;
    }
    lua_settop(L, now - 1);
  }
  return 0;
}

void Label(CaptureWatch* watch, int argument_count, const SpawnCapture& capture) noexcept {
  watch->labels.push_back("the function");
  for (int i = 1; i <= argument_count; i++) watch->labels.push_back("argument " + std::to_string(i));
  for (const CapturedGlobal& global : capture.globals) watch->labels.push_back("global '" + global.name + "'");
}

// Lower room: packs the list on top of L; false when it cannot be watched.
bool PackWatched(lua_State* L, CaptureWatch* watch, int first, int count, const SpawnCapture& capture) noexcept {
  PackFailure ignored;
  return TryPackWatched(L, first, count, capture, &watch->copied, &ignored);
}

// "goroutine 5 (function <x.lua:8>, spawned at x.lua:12)"
std::string Described(lua_State* L, const LuaGoroutine* child, int function) noexcept {
  lua_Debug info;
  lua_pushvalue(L, function);
  lua_getinfo(L, ">S", &info);
  std::string defined = std::string(info.short_src) + (info.linedefined > 0 ? ":" + std::to_string(info.linedefined) : "");
  return "goroutine " + std::to_string(child->id()) + " (function <" + defined + ">, spawned at " + child->spawn_site() + ")";
}

CaptureWatch* NewWatch(lua_State* L, LuaGoroutine* child, int function, int argument_count, const SpawnCapture& capture) noexcept {
  auto watch = MakeRef<CaptureWatch>();
  watch->home = Ref<LuaIsland>(IslandOf(L));
  watch->goroutine = Described(L, child, function);
  Label(watch.get(), argument_count, capture);
  CaptureWatch* result = watch.get();
  child->seldom->watch = std::move(watch);
  return result;
}

}  // namespace

void WatchCaptures(lua_State* L, LuaGoroutine* child, int function, const SpawnCapture& capture) {
  int top = lua_gettop(L);
  int arguments = top - function;
  auto globals = static_cast<int>(capture.globals.size());
  luaL_checkstack(L, arguments + globals + 8, nullptr);
  CaptureWatch* watch = NewWatch(L, child, function, arguments, capture);
  for (int i = function; i <= top; i++) lua_pushvalue(L, i);
  lua_pushglobaltable(L);
  for (int i = 0; i < globals; i++) {
    lua_pushstring(L, capture.globals[static_cast<size_t>(i)].name.c_str());
    lua_rawget(L, top + arguments + 2);
    lua_insert(L, -2);
  }
  lua_pop(L, 1);
  int count = lua_gettop(L) - top;
  if (!PackWatched(L, watch, top + 1, count, capture)) {
    child->seldom->watch = nullptr;
  } else {
    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; i++) {
      lua_pushvalue(L, top + i);
      lua_rawseti(L, -2, i);
    }
    watch->home_reference = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  lua_settop(L, top);
}

void NoteCopies(lua_State* L, LuaGoroutine* goroutine, int argument_count) {
  auto* watch = static_cast<CaptureWatch*>(goroutine->seldom->watch.get());
  int function = lua_gettop(L) - argument_count;
  lua_createtable(L, argument_count + 1, 0);
  for (int i = 0; i <= argument_count; i++) {
    lua_pushvalue(L, function + i);
    lua_rawseti(L, -2, i + 1);
  }
  for (size_t i = static_cast<size_t>(argument_count) + 1; i < watch->labels.size(); i++) {
    const std::string& label = watch->labels[i];  // global 'name'
    lua_pushglobaltable(L);
    lua_pushlstring(L, label.data() + 8, label.size() - 9);
    lua_rawget(L, -2);
    lua_rawseti(L, -3, static_cast<lua_Integer>(i) + 1);
    lua_pop(L, 1);
  }
  watch->copy_reference = luaL_ref(L, LUA_REGISTRYINDEX);
}

void CompareCaptures(lua_State* L, CaptureWatch* watch, bool at_home) noexcept {
  int& reference = at_home ? watch->home_reference : watch->copy_reference;
  if (reference == LUA_NOREF || !lua_checkstack(L, 8)) return;
  Comparison comparison{watch, reference, at_home};
  Difference* difference = NewDifference();
  lua_pushcfunction(L, CompareAll);
  lua_pushlightuserdata(L, &comparison);
  lua_pushlightuserdata(L, difference);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) lua_pop(L, 1);  // without memory there is nothing to report with
  delete difference;
  luaL_unref(L, LUA_REGISTRYINDEX, reference);
  reference = LUA_NOREF;
}

}  // namespace sloth

// Random graphs of Lua values, and a walker that compares two of them in different heaps through Lua's public
// interface alone. Included by tests only.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "lua/pack_testing.h"

namespace sloth::testing {

// Builds one graph in a heap and leaves its root on the stack. Every table has a field "id" of its own. What it is made of
// is chosen by Source, which has the two functions of Random.
template <typename Source>
class GraphMakerWith {
 public:
  GraphMakerWith(Heap& heap, Source* source) : L(heap.L), heap_(heap), random_(*source) {}

  void Make(int tables) {
    heap_.Run("local n = 0\n"
              "return function(a, b) local x, y = a, b\n"
              "  return function(v) if v ~= nil then x = v end return x, y, n end,\n"
              "    function(v) y = v return y, x end end");
    luaL_checkstack(L, 20, nullptr);
    lua_createtable(L, tables, 0);  // [2] all tables
    for (int i = 1; i <= tables; i++) {
      lua_newtable(L);
      lua_pushinteger(L, i);
      lua_setfield(L, -2, "id");
      lua_rawseti(L, 2, i);
    }
    for (int i = 1; i <= tables; i++) Fill(i, tables);
    // Only some are roots; the others live through whatever refers to them.
    lua_newtable(L);
    for (int i = 1; i <= 1 + tables / 4; i++) {
      lua_rawgeti(L, 2, i);
      lua_rawseti(L, -2, i);
    }
    lua_replace(L, 1);
    lua_settop(L, 1);
  }

 private:
  void Fill(int index, int tables) {
    lua_rawgeti(L, 2, index);
    for (uint32_t n = random_.Below(8); n > 0; n--) {
      PushKey(tables);
      PushAny(tables);
      lua_rawset(L, -3);
    }
    for (uint32_t n = random_.Below(6), at = 1; n > 0; n--, at += 1 + random_.Below(8) / 7) {
      PushAny(tables);
      lua_rawseti(L, -2, at);
    }
    if (random_.Below(4) == 0) {
      PushTable(tables);
      lua_setmetatable(L, -2);
    }
    if (random_.Below(4) == 0) PushClosures(tables);
    lua_pop(L, 1);
  }

  // Two functions that share two upvalues, into the table on top.
  void PushClosures(int tables) {
    lua_pushvalue(L, 1);
    PushAny(tables);
    PushAny(tables);
    lua_call(L, 2, 2);
    lua_setfield(L, -3, "set");
    lua_setfield(L, -2, "get");
  }

  void PushTable(int tables) { lua_rawgeti(L, 2, 1 + random_.Below(static_cast<uint32_t>(tables))); }

  void PushString() {
    std::string text(random_.Below(4) == 0 ? 41 + random_.Below(100) : random_.Below(12), 'a');
    for (char& c : text) {
      c = static_cast<char>(random_.Below(8) == 0 ? random_.Below(256) : 'a' + random_.Below(4));
    }
    lua_pushlstring(L, text.data(), text.size());
  }

  void PushKey(int tables) {
    switch (random_.Below(6)) {
      case 0: lua_pushinteger(L, static_cast<lua_Integer>(random_.Next())); return;
      case 1: lua_pushnumber(L, static_cast<double>(random_.Below(100)) / 4); return;
      case 2: lua_pushboolean(L, random_.Below(2) != 0); return;
      case 3: PushTable(tables); return;
      default: lua_pushliteral(L, "_"); PushString(); lua_concat(L, 2); return;
    }
  }

  void PushAny(int tables) {
    switch (random_.Below(9)) {
      case 0: lua_pushinteger(L, static_cast<lua_Integer>(random_.Next() >> random_.Below(64))); return;
      case 1: lua_pushnumber(L, random_.Below(3) ? -0.0 : 0.0 / 0.0); return;
      case 2: lua_pushboolean(L, random_.Below(2) != 0); return;
      case 3: lua_pushnumber(L, static_cast<double>(random_.Next()) / 3); return;
      case 4: lua_getglobal(L, "math"); return;
      case 5: PushString(); return;
      default: PushTable(tables); return;
    }
  }

  lua_State* const L;
  Heap& heap_;
  Source& random_;
};

class GraphMaker {
 public:
  GraphMaker(Heap& heap, uint64_t seed) : random_(seed), maker_(heap, &random_) {}
  void Make(int tables) { maker_.Make(tables); }

 private:
  Random random_;
  GraphMakerWith<Random> maker_;
};

// Compares the values on top of two heaps. Objects of one correspond to objects of the other, one to one.
class GraphWalker {
 public:
  GraphWalker(Heap& a, Heap& b) : a_(a.L), b_(b.L) {}

  // An empty text when they are alike, else where they are not.
  std::string Compare() {
    Remember("root");
    while (difference_.empty() && !pending_.empty()) {
      auto [name, index] = pending_.back();
      pending_.pop_back();
      lua_rawgeti(a_, LUA_REGISTRYINDEX, index.first);
      lua_rawgeti(b_, LUA_REGISTRYINDEX, index.second);
      if (lua_istable(a_, -1)) CompareTables(name);
      if (lua_isfunction(a_, -1)) CompareFunctions(name);
      lua_pop(a_, 1);
      lua_pop(b_, 1);
    }
    return difference_;
  }
  size_t object_count() const { return objects_.size(); }

 private:
  void Differ(const std::string& where) {
    if (difference_.empty()) difference_ = where;
  }

  // Pops both values; objects met for the first time are compared later.
  void Remember(const std::string& name) {
    if (lua_type(a_, -1) != lua_type(b_, -1)) return Pop(), Differ(name + ": type");
    switch (lua_type(a_, -1)) {
      case LUA_TNUMBER: {
        bool same = lua_isinteger(a_, -1) == lua_isinteger(b_, -1) && Bits(a_) == Bits(b_);
        return Pop(), same ? void() : Differ(name + ": number");
      }
      case LUA_TTABLE:
      case LUA_TFUNCTION: break;
      default: {
        bool same = Plain(a_) == Plain(b_);
        return Pop(), same ? void() : Differ(name + ": value");
      }
    }
    const void* a = lua_topointer(a_, -1);
    const void* b = lua_topointer(b_, -1);
    bool known_a = objects_.count(a) != 0, known_b = images_.count(b) != 0;
    if (known_a || known_b) {
      bool same = known_a && known_b && objects_[a] == b;
      return Pop(), same ? void() : Differ(name + ": identity");
    }
    objects_[a] = b;
    images_[b] = a;
    int in_a = luaL_ref(a_, LUA_REGISTRYINDEX);
    pending_.push_back({name, {in_a, luaL_ref(b_, LUA_REGISTRYINDEX)}});
  }

  void Pop() {
    lua_pop(a_, 1);
    lua_pop(b_, 1);
  }

  static uint64_t Bits(lua_State* L) {
    if (lua_isinteger(L, -1)) return static_cast<uint64_t>(lua_tointeger(L, -1));
    double number = lua_tonumber(L, -1);
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return number != number ? 1 : bits;
  }

  static std::string Plain(lua_State* L) {
    if (lua_type(L, -1) == LUA_TBOOLEAN) return lua_toboolean(L, -1) ? "true" : "false";
    size_t length = 0;
    const char* text = lua_tolstring(L, -1, &length);
    return text ? std::string(text, length) : "nil";
  }

  // Pushes onto b the key that corresponds to the key at -2 of a; tables as keys are found by their id.
  void PushKeyOfB() {
    switch (lua_type(a_, -2)) {
      case LUA_TNUMBER:
        if (lua_isinteger(a_, -2)) {
          lua_pushinteger(b_, lua_tointeger(a_, -2));
        } else {
          lua_pushnumber(b_, lua_tonumber(a_, -2));
        }
        return;
      case LUA_TBOOLEAN: lua_pushboolean(b_, lua_toboolean(a_, -2)); return;
      case LUA_TTABLE: {
        lua_pushnil(b_);
        lua_Integer id = IdOf(a_, -2);
        while (lua_next(b_, -2)) {
          lua_pop(b_, 1);
          if (lua_istable(b_, -1) && IdOf(b_, -1) == id) return;
        }
        lua_pushnil(b_);
        return;
      }
      default: {
        size_t length;
        const char* text = lua_tolstring(a_, -2, &length);
        lua_pushlstring(b_, text, length);
      }
    }
  }

  static lua_Integer IdOf(lua_State* L, int index) {
    lua_pushvalue(L, index);
    lua_pushliteral(L, "id");
    lua_rawget(L, -2);
    lua_Integer id = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return id;
  }

  static int CountEntries(lua_State* L) {
    int count = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) count++;
    return count;
  }

  void CompareTables(const std::string& name) {
    if (IsLibrary(a_)) return IsLibrary(b_) ? void() : Differ(name + ": library");
    if (CountEntries(a_) != CountEntries(b_)) return Differ(name + ": size");
    for (lua_pushnil(a_); lua_next(a_, -2);) {
      lua_pushvalue(a_, -2);
      std::string key = name + "." + luaL_tolstring(a_, -1, nullptr);
      lua_pop(a_, 2);
      PushKeyOfB();
      if (lua_istable(a_, -2)) {
        lua_pushvalue(a_, -2);
        lua_pushvalue(b_, -1);
        Remember(key + " (key)");
      }
      lua_rawget(b_, -2);
      Remember(key);
    }
    bool has_a = lua_getmetatable(a_, -1) != 0, has_b = lua_getmetatable(b_, -1) != 0;
    if (has_a != has_b) Differ(name + ": metatable");
    if (has_a && has_b) return Remember(name + " (metatable)");
    if (has_a) lua_pop(a_, 1);
    if (has_b) lua_pop(b_, 1);
  }

  static bool IsLibrary(lua_State* L) {
    lua_getglobal(L, "math");
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    return same;
  }

  void CompareFunctions(const std::string& name) {
    for (int i = 1;; i++) {
      const char* upvalue = lua_getupvalue(a_, -1, i);
      const char* image = lua_getupvalue(b_, -1, i);
      if (!upvalue || !image) {
        if (upvalue || image) Differ(name + ": upvalues");
        return;
      }
      if (std::string(upvalue) != image) Differ(name + ": upvalue names");
      const void* id_a = lua_upvalueid(a_, -2, i);
      const void* id_b = lua_upvalueid(b_, -2, i);
      if (upvalues_.insert({id_a, id_b}).first->second != id_b) Differ(name + ": sharing");
      Remember(name + "^" + upvalue);
    }
  }

  lua_State* const a_;
  lua_State* const b_;
  std::map<const void*, const void*> objects_, images_, upvalues_;
  std::vector<std::pair<std::string, std::pair<int, int>>> pending_;
  std::string difference_;
};

}  // namespace sloth::testing

// A Lua heap for tests: that of an island no scheduler ever runs, with an allocator that counts, fails on
// demand or fails every first attempt, chunks whose code is attached, and protected calls. Included by tests
// only.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>

#include "lua/code.h"
#include "lua/heap.h"
#include "lua/internals.h"
#include "lua/island.h"
#include "lua/library.h"
#include "lua/pack.h"
#include "lua/registry_tables.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {

class Heap {
 private:
  RealClock clock_;
  Scheduler scheduler_{SchedulerOptions{}, &clock_};
  World world_;
  Ref<LuaIsland> island_;
  size_t bytes_ = 0;
  int grants_ = -1;  // -1: no limit
  bool refuse_first_ = false;
  bool refused_ = false;
  int collect_in_ = 0;

 public:
  Heap() {
    LearnStandardFunctionsOnce();
    world_.scheduler = &scheduler_;
    island_ = MakeRef<LuaIsland>(&world_, 1);
    island_->all_libraries = true;
    *ExtraOf(L) = {island_.get(), nullptr};
    REQUIRE(Protect(BuildHeap) == LUA_OK);
  }
  ~Heap() {
    Relent();
    lua_close(L);
    CHECK(bytes_ == 0);
    island_ = nullptr;
    scheduler_.Stop(kForever);
  }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  size_t bytes() const { return bytes_; }
  // What Lua believes it uses, but for arrays of code that belong to nobody's heap.
  size_t counted_bytes() {
    size_t bytes = static_cast<size_t>(lua_gc(L, LUA_GCCOUNT)) * 1024 + static_cast<size_t>(lua_gc(L, LUA_GCCOUNTB));
    for (GCObject* object = G(L)->allgc; object; object = object->next) {
      if (object->tt != LUA_VPROTO) continue;
      const Proto* proto = gco2p(object);
      if (IsSharedArray(proto->code)) bytes -= proto->sizecode * sizeof(Instruction);
      if (IsSharedArray(proto->lineinfo)) bytes -= proto->sizelineinfo * sizeof(ls_byte);
      if (IsSharedArray(proto->abslineinfo)) bytes -= proto->sizeabslineinfo * sizeof(AbsLineInfo);
    }
    return bytes;
  }

  // From its `attempt`-th request for memory on, every one fails.
  void FailFrom(int attempt) { grants_ = attempt - 1; }
  // Every request fails once and is granted when it is repeated, so that each one runs an emergency
  // collection.
  void CollectAtEachRequest() { refuse_first_ = true; }
  // The same for one request only: the `attempt`-th from now. False from collected() as long as it did not
  // come.
  void CollectAtRequest(int attempt) { collect_in_ = attempt; }
  bool collected() const { return collect_in_ == 0; }
  void Relent() {
    grants_ = -1;
    refuse_first_ = false;
    collect_in_ = 0;
  }

  // Calls `body`, which may raise and owns nothing, in a protected call; what it returns stays on the stack.
  template <typename Body>
  int Protect(Body body) {
    lua_pushcfunction(L, &CallBody<Body>);
    lua_pushlightuserdata(L, &body);
    return lua_pcall(L, 1, LUA_MULTRET, 0);
  }

  // Runs a chunk with attached code and leaves exactly its results on the stack.
  void Run(const std::string& text, const char* name = "=test") {
    lua_settop(L, 0);
    int status = Protect([&](lua_State* state) {
      if (luaL_loadbuffer(state, text.data(), text.size(), name) != LUA_OK) return lua_error(state);
      AttachCode(state, -1, CodeOrigin::kWhole);
      lua_call(state, 0, LUA_MULTRET);
      return lua_gettop(state) - 1;
    });
    INFO(text);
    REQUIRE_MESSAGE(status == LUA_OK, lua_tostring(L, -1));
  }

  // The text of the value on top.
  std::string Text() {
    std::string text = luaL_tolstring(L, -1, nullptr);
    lua_pop(L, 1);
    return text;
  }

  lua_State* const L = lua_newstate(Allocate, this);  // made after the allocator's own fields

 private:
  template <typename Body>
  static int CallBody(lua_State* state) {
    return (*static_cast<Body*>(lua_touserdata(state, 1)))(state);
  }

  static void* Allocate(void* heap, void* block, size_t old_size, size_t new_size) {
    auto* self = static_cast<Heap*>(heap);
    if (!block) old_size = 0;
    if (new_size == 0 && IsSharedArray(block)) return nullptr;
    if (new_size > old_size && self->Refuses()) return nullptr;
    self->bytes_ += new_size - old_size;
    if (new_size > 0) return std::realloc(block, new_size);
    std::free(block);
    return nullptr;
  }

  bool Refuses() {
    if (refuse_first_) {
      refused_ = !refused_;
      return refused_;
    }
    if (collect_in_ > 0 && --collect_in_ == 0) return true;
    if (grants_ < 0) return false;
    if (grants_ == 0) return true;
    grants_--;
    return false;
  }
};

// dump(f): the stripped bytes of a function, as the runtime's own string.dump makes them.
inline int DumpStripped(lua_State* L) {
  auto append = [](lua_State*, const void* data, size_t size, void* out) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return 0;
  };
  std::string bytes;
  HideAttachedCode(L, 1, true);
  lua_settop(L, 1);
  lua_dump(L, append, &bytes, 1);
  HideAttachedCode(L, 1, false);
  lua_pushlstring(L, bytes.data(), bytes.size());
  return 1;
}

// Packs the value on top of `from`, which must succeed.
inline Value Packed(Heap& from) {
  Value value;
  PackFailure failure;
  bool packed = TryPackValue(from.L, -1, &value, &failure);
  REQUIRE_MESSAGE(packed, PackFailureText("cannot send", failure));
  return value;
}

// Leaves exactly the values of `value` on the stack of `to`.
inline void Unpack(Heap& to, const Value& value) {
  lua_settop(to.L, 0);
  int status = to.Protect([&](lua_State* state) { return UnpackValues(state, value); });
  REQUIRE_MESSAGE(status == LUA_OK, lua_tostring(to.L, -1));
}

// Runs `make` in one heap, carries its result to another as the global V, and gives what `use` returns there.
inline std::string Carry(const std::string& make, const std::string& use) {
  Heap from, to;
  from.Run(make);
  Unpack(to, Packed(from));
  lua_setglobal(to.L, "V");
  to.Run(use);
  return to.Text();
}

// Why the result of `make` cannot be sent.
inline std::string Refusal(const std::string& make) {
  Heap from;
  from.Run(make);
  Value value;
  PackFailure failure;
  int top = lua_gettop(from.L);
  REQUIRE_FALSE(TryPackValue(from.L, -1, &value, &failure));
  CHECK(lua_gettop(from.L) == top);
  CHECK_FALSE(failure.out_of_memory);
  return PackFailureText("cannot send", failure);
}

}  // namespace sloth::testing

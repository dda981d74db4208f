#include "lua/body_threads.h"

#include <algorithm>

#include "lua/internals.h"
#include "lua/island.h"

namespace sloth {
namespace {

const char kThreadsKey = 0;

// What a body's own frame takes: the slot below it, itself, its message handler and the function it calls.
constexpr int kBodySlots = 4;

void PushKept(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kThreadsKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kThreadsKey);
}

// Lua begins with twice what any C function may ask for. Most goroutines wait in one C function called by their first.
void TrimStack(lua_State* thread, int frame, int argument_count) {
  int room = kBodySlots + argument_count + frame + LUA_MINSTACK;
  if (room < stacksize(thread)) luaD_reallocstack(thread, room, 0);
}

int FrameOf(lua_State* L, int function) {
  const TValue* value = s2v(L->ci->func.p + function);
  return ttisLclosure(value) ? clLvalue(value)->p->maxstacksize : 0;
}

// Idle threads are numbered in their extra space: an odd number is no goroutine's address.
LuaGoroutine* AsIdle(size_t index) { return reinterpret_cast<LuaGoroutine*>(index * 2 + 1); }
bool IsIdle(const LuaGoroutine* inside) { return reinterpret_cast<uintptr_t>(inside) & 1; }
size_t IdleIndex(const LuaGoroutine* inside) { return reinterpret_cast<uintptr_t>(inside) / 2; }

}  // namespace

const void* ThreadsKey() { return &kThreadsKey; }

void PrepareBodies(lua_State* L) {
  PushKept(L);
  lua_pop(L, 1);
}

lua_State* BodyThreads::TryPushIdle(lua_State* L) noexcept {
  if (idle_.empty()) return nullptr;
  lua_State* thread = idle_.back();
  idle_.pop_back();
  ExtraOf(thread)->inside = nullptr;
  // Found dead, and not yet freed: it lives again, as upstream's own strings do (lstring.c, internshrstr).
  if (isdead(G(L), obj2gco(thread))) changewhite(obj2gco(thread));
  // As lua_newthread does.
  thread->hookmask = L->hookmask;
  thread->basehookcount = L->basehookcount;
  thread->hook = L->hook;
  thread->allowhook = 1;
  resethookcount(thread);
  setthvalue2s(L, L->top.p, thread);
  api_incr_top(L);
  return thread;
}

lua_State* BodyThreads::Push(lua_State* L, int function, int argument_count, uint32_t* place) {
  lua_State* thread = TryPushIdle(L);
  if (!thread) {
    thread = lua_newthread(L);
    TrimStack(thread, FrameOf(L, function), argument_count);
  }
  if (kept_) {
    sethvalue2s(L, L->top.p, kept_);
    api_incr_top(L);
  } else {
    PushKept(L);
    kept_ = hvalue(s2v(L->top.p - 1));
  }
  uint32_t taken = free_place_;
  uint32_t next = 0;
  if (taken) {
    next = static_cast<uint32_t>(ivalue(luaH_getint(kept_, taken)));
  } else {
    taken = places_ + 1;
  }
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, taken);
  lua_pop(L, 1);
  free_place_ = next;
  places_ = std::max(places_, taken);
  *place = taken;
  return thread;
}

void BodyThreads::Drop(lua_State* thread, uint32_t place, bool reusable) noexcept {
  auto* slot = const_cast<TValue*>(luaH_getint(kept_, place));
  setivalue(slot, free_place_);
  free_place_ = place;
  ExtraOf(thread)->inside = nullptr;
  if (!reusable) return;
  lua_settop(thread, 0);
  ExtraOf(thread)->inside = AsIdle(idle_.size());
  idle_.push_back(thread);
}

void BodyThreads::Freed(lua_State* thread) noexcept {
  LuaGoroutine* inside = ExtraOf(thread)->inside;
  if (!IsIdle(inside)) return;
  size_t index = IdleIndex(inside);
  CHECK(index < idle_.size() && idle_[index] == thread);
  idle_[index] = idle_.back();
  ExtraOf(idle_[index])->inside = AsIdle(index);
  idle_.pop_back();
}

void BodyThreads::Forget() noexcept { *this = BodyThreads(); }

}  // namespace sloth

void sloth_state_freed(lua_State* thread) {
  if (sloth::LuaIsland* island = sloth::IslandOf(thread)) island->body_threads.Freed(thread);
}

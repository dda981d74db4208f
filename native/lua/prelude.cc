#include "lua/prelude.h"

#include <atomic>
#include <cstdio>
#include <cstring>

#include "lua/code.h"
#include "lua/internals.h"
#include "lua/island.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/registry.h"

namespace sloth {
namespace {

// Registry: what each file returned, by its name.
const char kPreludeKey = 0;

// How their chunks are called: "=[library flow.lua]".
constexpr char kChunkPrefix[] = "=[library ";

constexpr size_t kMaxFiles = 16;
// The code of each file, once somebody compiled it. Never released; the first one stays.
std::atomic<const Ref<Code>*> compiled[kMaxFiles];

size_t IndexOf(const char* file) {
  CHECK(kPreludeTextCount <= kMaxFiles);
  for (size_t i = 0; i < kPreludeTextCount; i++) {
    if (std::strcmp(kPreludeTexts[i].name, file) == 0) return i;
  }
  Unreachable();
}

// Lower room.
const Ref<Code>& Publish(size_t index, const Code* code) noexcept {
  auto* mine = new Ref<Code>(const_cast<Code*>(code));
  const Ref<Code>* first = nullptr;
  if (compiled[index].compare_exchange_strong(first, mine, std::memory_order_acq_rel)) return *mine;
  delete mine;
  return *first;
}

const Ref<Code>& CodeOfFile(lua_State* L, size_t index) {
  const Ref<Code>* known = compiled[index].load(std::memory_order_acquire);
  if (known) return *known;
  const PreludeText& file = kPreludeTexts[index];
  char chunk_name[64];
  std::snprintf(chunk_name, sizeof chunk_name, "%s%s.lua]", kChunkPrefix, file.name);
  if (luaL_loadbufferx(L, file.text, std::strlen(file.text), chunk_name, "t") != LUA_OK) lua_error(L);
  AttachCode(L, -1, CodeOrigin::kLibrary);
  const Ref<Code>& code = Publish(index, CodeOf(clLvalue(s2v(L->top.p - 1))->p, nullptr));
  lua_pop(L, 1);
  return code;
}

void PushFile(lua_State* L, const char* file);

}  // namespace

int PreludeLibrary(lua_State* L) {
  const char* path = luaL_checkstring(L, 1);
  const char* name = std::strchr(path, '.');
  if (!name) return luaL_error(L, "no library function '%s'", path);
  name++;
  if (std::strncmp(path, "prelude.", 8) == 0) {
    PushFile(L, name);
    return 1;
  }
  if (std::strncmp(path, "internal.", 9) == 0) {
    PushPreludeInternal(L, name);
  } else {
    lua_pushlstring(L, path, static_cast<size_t>(name - 1 - path));
    const Module* module = ModulesOf(L).Find(lua_tostring(L, -1));
    const ModuleFunction* of_module = module ? module->Find(name) : nullptr;
    lua_CFunction function = FunctionNamed(lua_tostring(L, -1), name);
    if (of_module) {
      PushModuleFunction(L, of_module);
    } else if (function) {
      lua_pushcfunction(L, function);
    } else if (FindFunction(lua_tostring(L, -1), name)) {  // math.random, whose state is each island's own
      PushLibrary(L, lua_tostring(L, -1));
      if (lua_istable(L, -1)) lua_getfield(L, -1, name);
    }
  }
  if (!lua_iscfunction(L, -1)) return luaL_error(L, "no library function '%s'", path);
  return 1;
}

void PushPreludeTable(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kPreludeKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kPreludeKey);
}

void PushProgramPlace(lua_State* L) {
  luaL_checkstack(L, 4, "too many calls");
  lua_Debug activation;
  for (int level = 1; lua_getstack(L, level, &activation); level++) {
    if (!lua_getinfo(L, "Sl", &activation) || activation.currentline < 0 || IsPrelude(activation)) continue;
    lua_pushfstring(L, "%s:%d: ", activation.short_src, activation.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

namespace {

// Pushes what a file returned on this island; runs it first if need be.
void PushFile(lua_State* L, const char* file) {
  luaL_checkstack(L, 10, "too many calls");
  PushPreludeTable(L);
  if (lua_getfield(L, -1, file) != LUA_TTABLE) {
    lua_pop(L, 1);
    PushFunctionOf(L, CodeOfFile(L, IndexOf(file)), 0);
    lua_pushcfunction(L, PreludeLibrary);
    lua_call(L, 1, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, file);
  }
  lua_remove(L, -2);
}

int Returned(lua_State* L, int, lua_KContext) { return lua_gettop(L); }

}  // namespace

int CallInLua(lua_State* L, const char* file, const char* name) {
  if (!CurrentGoroutine(L)) return luaL_error(L, "goroutine.%s is not possible here: no goroutine runs", name);
  PushFile(L, file);
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
  lua_insert(L, 1);
  lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, Returned);
  return Returned(L, LUA_OK, 0);
}

bool IsPrelude(const lua_Debug& activation) {
  return std::strncmp(activation.source, kChunkPrefix, sizeof kChunkPrefix - 1) == 0;
}

const void* PreludeKey() { return &kPreludeKey; }

}  // namespace sloth

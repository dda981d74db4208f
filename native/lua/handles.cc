#include "lua/handles.h"

#include "lua/internals.h"
#include "lua/lib_context.h"
#include "lua/lib_sync.h"
#include "lua/registry.h"
#include "sync/channel.h"

namespace sloth {
namespace {

constexpr l_mem kRecordBytes = 1024;
constexpr l_mem kContextBytes = 384;
constexpr uint32_t kMagic = 0x51074a1d;

// What is in the userdata.
struct HandleBlock {
  uint32_t magic;
  HandleKind kind;
  HandleView view;
  Handle* handle;  // owned; null after collection
};

struct KindNames {
  const char* name;
  const char* methods;
  lua_CFunction close = nullptr;  // its __close
};
constexpr KindNames kKinds[] = {
    {"channel", "channel.method"},       {"wait group", "wait_group.method"}, {"mutex", "mutex.method", CloseMutex},
    {"atomic integer", "atomic_int.method"}, {"goroutine", "goroutine.method"}, {"pool", "pool.method"},
    {"context", "context.method"},       {"cancel function", "cancel_function.method"},
    {"errgroup", "errgroup.method"},
    {"error", "host_error.method"}, {"null", "null.method"},
    {"Lua function", "function.method"}, {"host function", "host_function.method"},
    {"broadcaster", "broadcaster.method"},
    {"rwmutex", "rwmutex.method", CloseRwMutex}, {"semaphore", "semaphore.method"}, {"once", "once.method"},
    {"cond", "cond.method"}, {"latch", "latch.method"}, {"barrier", "barrier.method"},
    {"Lua object", "lua_object.method"}, {"JavaScript object", "host_object.method"},
    {"guard", "guard.method", CloseGuard}, {"module", "module.method"}, {"written table", "write_back.method"},
};
static_assert(sizeof kKinds / sizeof *kKinds == static_cast<size_t>(HandleKind::kCount));

char metatable_keys[static_cast<size_t>(HandleKind::kCount)];
const char kCacheKey = 0;

HandleBlock* BlockAt(lua_State* L, int index) {
  // An argument, as methods are called: read where it lies.
  if (index > 0) {
    const StackValue* slot = L->ci->func.p + index;
    if (slot >= L->top.p || !ttisfulluserdata(s2v(slot)) || uvalue(s2v(slot))->len != sizeof(HandleBlock)) return nullptr;
    auto* block = reinterpret_cast<HandleBlock*>(getudatamem(uvalue(s2v(slot))));
    return block->magic == kMagic && block->handle ? block : nullptr;
  }
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(HandleBlock)) return nullptr;
  auto* block = static_cast<HandleBlock*>(lua_touserdata(L, index));
  return block->magic == kMagic && block->handle ? block : nullptr;
}

int Collect(lua_State* L) {
  if (HandleBlock* block = BlockAt(L, 1)) {
    Handle* handle = block->handle;
    block->handle = nullptr;  // idempotent, whoever calls it
    handle->Release();
  }
  return 0;
}

int Equal(lua_State* L) {
  HandleBlock* a = BlockAt(L, 1);
  HandleBlock* b = BlockAt(L, 2);
  lua_pushboolean(L, a && b && (a->handle == b->handle || IsSameHostThing(a->handle, b->handle)));
  return 1;
}

int ToString(lua_State* L) {
  HandleBlock* block = BlockAt(L, 1);
  if (!block) return luaL_error(L, "not a live handle");
  if (block->kind == HandleKind::kNull) {
    lua_pushliteral(L, "null");
    return 1;
  }
  lua_pushfstring(L, "%s: %p", HandleKindName(block->kind), static_cast<void*>(block->handle));
  return 1;
}

int ChannelLength(lua_State* L) {
  Channel* channel = CheckChannel(L, 1, HandleView::kFull);
  lua_pushinteger(L, static_cast<lua_Integer>(channel->length()));
  return 1;
}

// Pushes the metatable of a kind.
void PushMetatable(lua_State* L, HandleKind kind) {
  char* key = &metatable_keys[static_cast<size_t>(kind)];
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 8);
  lua_newtable(L);
  size_t count;
  const FunctionEntry* const* entries = FunctionsOfModule(MethodModule(kind), &count);
  for (size_t i = 0; i < count; i++) {
    lua_pushcfunction(L, entries[i]->function);
    lua_setfield(L, -2, entries[i]->name);
  }
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, Collect);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, Equal);
  lua_setfield(L, -2, "__eq");
  lua_pushcfunction(L, ToString);
  lua_setfield(L, -2, "__tostring");
  lua_pushstring(L, HandleKindName(kind));
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  if (kind == HandleKind::kHostError) CompleteErrorMetatable(L);
  if (kind == HandleKind::kHostObject) CompleteObjectMetatable(L);
  if (kind == HandleKind::kChannel) {
    lua_pushcfunction(L, Meets<ChannelLength>);
    lua_setfield(L, -2, "__len");
  }
  if (lua_CFunction close = kKinds[static_cast<size_t>(kind)].close) {
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
  }
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

// Pushes a fresh userdata without a handle yet.
HandleBlock* PushBlock(lua_State* L, HandleKind kind, HandleView view) {
  auto* block = static_cast<HandleBlock*>(lua_newuserdatauv(L, sizeof(HandleBlock), 0));
  *block = {kMagic, kind, view, nullptr};
  PushMetatable(L, kind);
  lua_setmetatable(L, -2);
  return block;
}

void PushCache(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kCacheKey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kCacheKey);
}

const HandleBlock* BlockIn(const GCObject* object) {
  if (object->tt != LUA_VUSERDATA) return nullptr;
  const Udata* userdata = gco2u(const_cast<GCObject*>(object));
  auto* block = reinterpret_cast<const HandleBlock*>(getudatamem(userdata));
  return userdata->len == sizeof(HandleBlock) && block->magic == kMagic ? block : nullptr;
}

int ForeignFunction(lua_State* L) {
  return luaL_error(L, "a Lua function held by the host can only be called on its own island");
}

}  // namespace

bool StandsForHandle(lua_CFunction function) { return function == CallHostFunction || function == CallCancelFunction; }

void PrepareHandles(lua_State* L, uint32_t kinds) {
  PushCache(L);
  lua_pop(L, 1);
  for (size_t kind = 0; kind < static_cast<size_t>(HandleKind::kCount); kind++) {
    if (!(kinds & (1u << kind))) continue;
    PushMetatable(L, static_cast<HandleKind>(kind));
    lua_pop(L, 1);
  }
}

bool IsOwnHandleObject(lua_State* L, const GCObject* object) {
  const HandleBlock* block = BlockIn(object);
  if (!block) return false;
  TValue key;
  setpvalue(&key, &metatable_keys[static_cast<size_t>(block->kind)]);
  const TValue* metatable = luaH_get(hvalue(&G(L)->l_registry), &key);
  const Table* given = gco2u(const_cast<GCObject*>(object))->metatable;
  if (!ttistable(metatable) || hvalue(metatable) != given) return false;
  const TValue* collect = luaH_getshortstr(hvalue(metatable), G(L)->tmname[TM_GC]);
  return ttislcf(collect) && fvalue(collect) == Collect;
}

void ReleaseHandleObject(GCObject* object) {
  auto* block = const_cast<HandleBlock*>(BlockIn(object));
  if (Handle* handle = std::exchange(block->handle, nullptr)) handle->Release();
}

const char* MethodModule(HandleKind kind) { return kKinds[static_cast<size_t>(kind)].methods; }
const char* HandleKindName(HandleKind kind) { return kKinds[static_cast<size_t>(kind)].name; }

Handle* HandleInUserdata(lua_State* L, int index, HandleView* view) {
  HandleBlock* block = BlockAt(L, index);
  if (!block) return nullptr;
  if (view) *view = block->view;
  return block->handle;
}

Handle* HandleInBlock(const void* memory, size_t size, HandleView* view) {
  if (size != sizeof(HandleBlock)) return nullptr;
  auto* block = static_cast<const HandleBlock*>(memory);
  if (block->magic != kMagic || !block->handle) return nullptr;
  if (view) *view = block->view;
  return block->handle;
}

Handle* CheckHandle(lua_State* L, int argument, HandleKind kind) {
  HandleBlock* block = BlockAt(L, argument);
  if (!block || block->kind != kind) luaL_typeerror(L, argument, HandleKindName(kind));
  return block->handle;
}

Channel* CheckChannel(lua_State* L, int argument, HandleView needed) {
  HandleBlock* block = BlockAt(L, argument);
  if (!block || block->kind != HandleKind::kChannel) luaL_typeerror(L, argument, "channel");
  if (needed == HandleView::kSendOnly && block->view == HandleView::kReceiveOnly) luaL_error(L, "cannot send on receive-only channel");
  if (needed == HandleView::kReceiveOnly && block->view == HandleView::kSendOnly) luaL_error(L, "cannot receive on send-only channel");
  return static_cast<Channel*>(block->handle);
}

void PushNewHandle(lua_State* L, Ref<Handle>* slot, HandleView view) {
  HandleBlock* block = PushBlock(L, (*slot)->handle_kind(), view);
  block->handle = slot->Leak();
}

void PushHandle(lua_State* L, Handle* handle, HandleView view) {
  if (handle->handle_kind() == HandleKind::kLuaFunction || handle->handle_kind() == HandleKind::kLuaObject) {
    auto* function = static_cast<LuaFunction*>(handle);
    if (function->island() == IslandOf(L)) {
      lua_rawgeti(L, LUA_REGISTRYINDEX, function->reference());
    } else {
      lua_pushcfunction(L, ForeignFunction);
    }
    return;
  }
  luaL_checkstack(L, 6, "too many handles");
  if (handle->handle_kind() == HandleKind::kGuard) {  // one frame's; nobody asks for it again
    HandleBlock* block = PushBlock(L, HandleKind::kGuard, view);
    handle->AddRef();
    block->handle = handle;
    return;
  }
  // One userdata a handle and view, so that it can be a table key: the low bits of an address are free.
  auto* key = reinterpret_cast<char*>(handle) + static_cast<size_t>(view);
  PushCache(L);
  if (lua_rawgetp(L, -1, key) == LUA_TNIL) {
    lua_pop(L, 1);
    HandleBlock* block = PushBlock(L, handle->handle_kind(), view);
    handle->AddRef();
    block->handle = handle;
    // A goroutine's record is memory the collector does not see: make it come as often as if it did.
    if (handle->handle_kind() == HandleKind::kGoroutine) luaE_setdebt(G(L), G(L)->GCdebt + kRecordBytes);
    if (handle->handle_kind() == HandleKind::kContext) luaE_setdebt(G(L), G(L)->GCdebt + kContextBytes);
    if (handle->handle_kind() == HandleKind::kHostFunction) lua_pushcclosure(L, CallHostFunction, 1);
    if (handle->handle_kind() == HandleKind::kCancelFunction) lua_pushcclosure(L, CallCancelFunction, 1);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, key);
  }
  lua_remove(L, -2);
}

bool AreResultsWanted(lua_State* L) { return L->ci->nresults != 0; }

LuaFunction::LuaFunction(Ref<LuaIsland> island, int reference, Ref<DeadlockDomain> domain, HandleKind kind)
    : Handle(kind), island_(std::move(island)), reference_(reference), domain_(std::move(domain)) {
  island_->Pin();
}

LuaFunction::~LuaFunction() {
  island_->DropReferenceLater(reference_);
  island_->Unpin();
}

}  // namespace sloth

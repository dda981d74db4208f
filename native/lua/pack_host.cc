#include "lua/pack_host.h"

#include "data/host_format.h"
#include "lua/handles.h"
#include "lua/internals.h"

namespace sloth {
namespace {

// -- functions --

// Lower room: keeps a handle for a function in the goroutine; its index from 1.
lua_Integer KeepFunction(LuaGoroutine* goroutine, int reference) noexcept {
  goroutine->function_handles.push_back(
      MakeRef<LuaFunction>(Ref<LuaIsland>(goroutine->lua_island()), reference, Ref<DeadlockDomain>(goroutine->run()->domain())));
  return static_cast<lua_Integer>(goroutine->function_handles.size());
}

bool IsHostFunction(lua_State* L, int index) { return lua_tocfunction(L, index) == CallHostFunction; }

// Notes the function or the functions inside the table on top. `seen`: table of what was looked at already.
void NoteFunctions(lua_State* L, int functions, int seen, int depth) {
  if (depth > kHostDepth) return;  // packing will say so
  luaL_checkstack(L, 8, "values nested too deep");
  int value = lua_gettop(L);
  if (lua_isfunction(L, value)) {
    if (IsHostFunction(L, value)) return;
    lua_pushvalue(L, value);
    if (lua_rawget(L, functions) == LUA_TNIL) {
      lua_pushvalue(L, value);
      lua_pushvalue(L, value);
      int reference = luaL_ref(L, LUA_REGISTRYINDEX);
      lua_pushinteger(L, KeepFunction(CurrentGoroutine(L), reference));
      lua_rawset(L, functions);
    }
    lua_settop(L, value);
    return;
  }
  if (!lua_istable(L, value)) return;
  lua_pushvalue(L, value);
  bool again = lua_rawget(L, seen) != LUA_TNIL;
  lua_settop(L, value);
  if (again) return;
  lua_pushvalue(L, value);
  lua_pushboolean(L, 1);
  lua_rawset(L, seen);
  lua_pushnil(L);
  while (lua_next(L, value)) {
    if (lua_isfunction(L, -1) || lua_istable(L, -1)) NoteFunctions(L, functions, seen, depth + 1);
    lua_settop(L, value + 1);
  }
}

// -- packing --

class HostPacker {
 public:
  HostPacker(lua_State* L, Parcel* parcel, const Table* functions) : L_(L), writer_(parcel), functions_(functions) {}

  bool Pack(const TValue* value, int depth) {
    switch (ttypetag(value)) {
      case LUA_VNIL:
      case LUA_VEMPTY:
      case LUA_VABSTKEY: return Wrote(writer_.TryTag(HostTag::kNil));
      case LUA_VFALSE: return Wrote(writer_.TryTag(HostTag::kFalse));
      case LUA_VTRUE: return Wrote(writer_.TryTag(HostTag::kTrue));
      case LUA_VNUMINT: return Wrote(writer_.TryInteger(ivalue(value)));
      case LUA_VNUMFLT: return Wrote(writer_.TryFloat(fltvalue(value)));
      case LUA_VSHRSTR:
      case LUA_VLNGSTR: return Wrote(writer_.TryString(getstr(tsvalue(value)), tsslen(tsvalue(value))));
      case LUA_VTABLE: return PackTable(hvalue(value), depth);
      case LUA_VLCL:
      case LUA_VLCF: return PackFunction(value);
      case LUA_VCCL: return PackCClosure(value);
      case LUA_VUSERDATA: return PackUserdata(value);
      default: return Refuse(ttypetag(value) == LUA_VTHREAD ? "a coroutine cannot reach the host" : "a light userdata cannot reach the host");
    }
  }
  bool Begin(uint32_t count) { return Wrote(writer_.TryCount(HostTag::kList, count)); }

  PackFailure failure;

 private:
  bool Wrote(bool written) {
    if (!written) {
      failure.out_of_memory = true;
      failure.reason = "not enough memory";
    }
    return written;
  }
  bool Refuse(const char* reason) {
    failure.reason = reason;
    return false;
  }
  bool PackFunction(const TValue* value) {
    const TValue* index = luaH_get(const_cast<Table*>(functions_), value);
    CHECK(ttisinteger(index));
    auto* goroutine = CurrentGoroutine(L_);
    return Wrote(writer_.TryHandle(goroutine->function_handles[static_cast<size_t>(ivalue(index)) - 1], HandleView::kFull));
  }
  bool PackCClosure(const TValue* value) {
    const CClosure* closure = clCvalue(value);
    if (closure->f == CallHostFunction && ttisfulluserdata(&closure->upvalue[0])) return PackUserdata(&closure->upvalue[0]);
    return PackFunction(value);
  }
  bool PackUserdata(const TValue* value) {
    Udata* userdata = uvalue(value);
    HandleView view = HandleView::kFull;
    Handle* handle = HandleInBlock(getudatamem(userdata), userdata->len, &view);
    if (!handle) return Refuse("a userdata cannot reach the host");
    return Wrote(writer_.TryHandle(Ref<Handle>(handle), view));
  }
  // A table whose keys are exactly 1..n is a list; any other is a map.
  static bool IsList(lua_State* L, const Table* table, uint32_t* length) {
    lua_Unsigned border = luaH_getn(const_cast<Table*>(table));
    lua_Unsigned count = 0;
    for (unsigned int i = 0; i < luaH_realasize(table); i++) {
      if (!isempty(&table->array[i])) count++;
    }
    for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
      const Node* node = gnode(table, i);
      if (isempty(gval(node))) continue;
      TValue key;
      getnodekey(L, &key, node);
      if (!ttisinteger(&key) || ivalue(&key) < 1 || static_cast<lua_Unsigned>(ivalue(&key)) > border) return false;
      count++;
    }
    *length = static_cast<uint32_t>(border);
    return count == border && border > 0 && border <= UINT32_MAX;
  }
  bool PackTable(const Table* table, int depth) {
    if (depth >= kHostDepth) return Refuse("it is nested too deep, or contains itself");
    uint32_t length = 0;
    if (IsList(L_, table, &length)) {
      if (!Begin(length)) return false;
      for (uint32_t i = 1; i <= length; i++) {
        if (!Pack(luaH_getint(const_cast<Table*>(table), i), depth + 1)) return InField("[" + std::to_string(i) + "]");
      }
      return true;
    }
    size_t position = writer_.position();
    uint32_t count = 0;
    if (!Wrote(writer_.TryCount(HostTag::kMap, 0))) return false;
    for (unsigned int i = 0; i < luaH_realasize(table); i++) {
      if (isempty(&table->array[i])) continue;
      if (!Wrote(writer_.TryInteger(static_cast<int64_t>(i) + 1))) return false;
      if (!Pack(&table->array[i], depth + 1)) return InField("[" + std::to_string(i + 1) + "]");
      count++;
    }
    for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
      const Node* node = gnode(table, i);
      if (isempty(gval(node))) continue;
      TValue key;
      getnodekey(L_, &key, node);
      if (!ttisstring(&key) && !ttisnumber(&key) && !ttisboolean(&key)) return Refuse("a key of that kind cannot reach the host");
      if (!Pack(&key, depth + 1)) return false;
      if (!Pack(gval(node), depth + 1)) return InField(ttisstring(&key) ? "." + std::string(getstr(tsvalue(&key)), tsslen(tsvalue(&key))) : "[...]");
      count++;
    }
    writer_.PatchCount(position, HostTag::kMap, count);
    return true;
  }
  bool InField(const std::string& step) {
    failure.path = step + failure.path;
    return false;
  }

  lua_State* const L_;
  HostWriter writer_;
  const Table* const functions_;
};

// -- unpacking --

void UnpackOne(lua_State* L, HostReader* reader) {
  luaL_checkstack(L, 6, "values nested too deep");
  switch (reader->Tag()) {
    case HostTag::kNil: lua_pushnil(L); return;
    case HostTag::kFalse: lua_pushboolean(L, 0); return;
    case HostTag::kTrue: lua_pushboolean(L, 1); return;
    case HostTag::kInteger: lua_pushinteger(L, reader->Integer()); return;
    case HostTag::kFloat: lua_pushnumber(L, reader->Float()); return;
    case HostTag::kString: {
      uint32_t length = reader->Count();
      lua_pushlstring(L, reader->Text(length), length);
      return;
    }
    case HostTag::kList: {
      uint32_t count = reader->Count();
      lua_createtable(L, count < INT32_MAX ? static_cast<int>(count) : 0, 0);
      for (uint32_t i = 1; i <= count; i++) {
        UnpackOne(L, reader);
        lua_rawseti(L, -2, i);
      }
      return;
    }
    case HostTag::kMap: {
      uint32_t count = reader->Count();
      lua_createtable(L, 0, count < INT32_MAX ? static_cast<int>(count) : 0);
      for (uint32_t i = 0; i < count; i++) {
        UnpackOne(L, reader);
        UnpackOne(L, reader);
        lua_rawset(L, -3);
      }
      return;
    }
    case HostTag::kHandle: {
      const HandleRef& handle = reader->HandleAt(reader->Count());
      PushHandle(L, handle.handle.get(), handle.view);
      return;
    }
  }
}

}  // namespace

void PrepareFunctionsForHost(lua_State* L, int first, int count) {
  luaL_checkstack(L, count + 8, "too many arguments");
  CurrentGoroutine(L)->function_handles.clear();
  lua_newtable(L);
  int functions = lua_gettop(L);
  lua_newtable(L);
  for (int i = 0; i < count; i++) {
    lua_pushvalue(L, first + i);
    NoteFunctions(L, functions, functions + 1, 0);
    lua_settop(L, functions + 1);
  }
  lua_settop(L, functions);
}

namespace {

// Functions keep their domain from a deadlock themselves (LuaFunction).
bool HostMayWake(Handle* handle) {
  return handle->handle_kind() != HandleKind::kLuaFunction && handle->handle_kind() != HandleKind::kHostFunction;
}

}  // namespace

bool TryPackForHost(lua_State* L, int first, int count, int functions, Value* out, PackFailure* failure) noexcept {
  auto parcel = MakeRef<Parcel>();
  const Table* map = hvalue(s2v(L->ci->func.p + functions));
  HostPacker packer(L, parcel.get(), map);
  bool packed = packer.Begin(static_cast<uint32_t>(count));
  for (int i = 0; packed && i < count; i++) {
    packed = packer.Pack(s2v(L->ci->func.p + first + i), 0);
    if (packed) continue;
    std::string inner = packer.failure.path;
    if (!inner.empty() && inner[0] == '.') inner.erase(0, 1);
    packer.failure.path = inner.empty() ? "value " + std::to_string(i + 1) : "field '" + inner + "' of value " + std::to_string(i + 1);
  }
  CurrentGoroutine(L)->function_handles.clear();
  if (!packed) {
    *failure = std::move(packer.failure);
    return false;
  }
  // The host may wake who waits for these from now on.
  for (size_t i = 0; i < parcel->handles.size(); i++) {
    Handle* handle = parcel->handles[i].handle.get();
    if (!HostMayWake(handle)) continue;
    HostEnd::Of(handle)->Hold();
    HostEnd::Of(handle)->Attach(CurrentGoroutine(L)->run()->domain());
  }
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

namespace {

// Lower room: the run has what the host holds, too.
void AttachHandles(lua_State* L, const Parcel* parcel) noexcept {
  for (size_t i = 0; i < parcel->handles.size(); i++) {
    HostEnd* end = HostEnd::Find(parcel->handles[i].handle.get());
    if (end) end->Attach(CurrentGoroutine(L)->run()->domain());
  }
}

}  // namespace

int UnpackFromHost(lua_State* L, const Value& values) {
  if (values.kind() != ValueKind::kParcel) return 0;
  if (values.parcel()->handles.size() > 0) AttachHandles(L, values.parcel());
  HostReader reader(values.parcel());
  CHECK(reader.Tag() == HostTag::kList);
  auto count = static_cast<int>(reader.Count());
  luaL_checkstack(L, count + 4, "too many values from the host");
  for (int i = 0; i < count; i++) UnpackOne(L, &reader);
  return count;
}

}  // namespace sloth

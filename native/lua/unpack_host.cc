// From the host's format into a Lua heap. Upper room throughout: anything here may raise for memory, so nothing is owned.
#include "data/host_format.h"
#include "lua/handles.h"
#include "lua/host_kinds.h"
#include "lua/internals.h"
#include "lua/pack_host.h"
#include "sched/host_end.h"

namespace sloth {
namespace {

// Room made at once for what a message announces; more grows as it comes.
constexpr uint32_t kMostRoom = 1 << 20;

int Room(uint32_t count) { return static_cast<int>(count < kMostRoom ? count : kMostRoom); }

// The stack index of the list of all objects so far, and how many they are.
struct Objects {
  int list;
  lua_Integer count = 0;
};

void Keep(lua_State* L, Objects* objects) {
  lua_pushvalue(L, -1);
  lua_rawseti(L, objects->list, ++objects->count);
}

void PushTable(lua_State* L, HostTag tag, uint32_t count, Objects* objects) {
  bool keyed = tag == HostTag::kRecord || tag == HostTag::kMap || tag == HostTag::kSet;
  lua_createtable(L, keyed ? 0 : Room(count), keyed ? Room(count) : 0);
  // Of lists only those need a mark that would not be known as lists.
  if (tag != HostTag::kRecord && (tag != HostTag::kList || count == 0)) MarkHostKind(L, tag);
  Keep(L, objects);
}

void PushText(lua_State* L, HostReader* reader, uint32_t length) { lua_pushlstring(L, reader->Text(length), length); }

void PushValue(lua_State* L, HostReader* reader, Objects* objects) {
  switch (HostTag tag = reader->Tag()) {
    case HostTag::kNil: return lua_pushnil(L);
    case HostTag::kFalse: return lua_pushboolean(L, 0);
    case HostTag::kTrue: return lua_pushboolean(L, 1);
    case HostTag::kInt32: return lua_pushinteger(L, reader->Small());
    case HostTag::kInteger: return lua_pushinteger(L, static_cast<lua_Integer>(reader->Float()));
    case HostTag::kInt64: return lua_pushinteger(L, reader->Integer());
    case HostTag::kFloat: return lua_pushnumber(L, reader->Float());
    case HostTag::kShortText: return PushText(L, reader, reader->Byte());
    case HostTag::kAscii:
    case HostTag::kText:
    case HostTag::kBytes: return PushText(L, reader, reader->Count());
    case HostTag::kSame: lua_rawgeti(L, objects->list, static_cast<lua_Integer>(reader->Count()) + 1); return;
    case HostTag::kHandle: {
      const HandleRef& handle = reader->HandleAt(reader->Count());
      return PushHandle(L, handle.handle.get(), handle.view);
    }
    case HostTag::kDate:
      lua_createtable(L, 0, 1);
      lua_pushnumber(L, reader->Float());
      lua_setfield(L, -2, "ms");
      MarkHostKind(L, tag);
      return Keep(L, objects);
    default: return PushTable(L, tag, reader->Count(), objects);
  }
}

// Fills the table on top with what its record says.
void FillTable(lua_State* L, HostReader* reader, Objects* objects) {
  HostTag tag = reader->Tag();
  uint32_t count = reader->Count();
  for (uint32_t i = 1; i <= count; i++) {
    PushValue(L, reader, objects);
    switch (tag) {
      case HostTag::kRecord:
      case HostTag::kMap:
        PushValue(L, reader, objects);
        lua_rawset(L, -3);
        break;
      case HostTag::kSet:
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
        break;
      default: lua_rawseti(L, -2, i); break;
    }
  }
  if (tag != HostTag::kHoles) return;
  lua_pushinteger(L, static_cast<lua_Integer>(count));
  lua_setfield(L, -2, "n");
  MarkHostKind(L, HostTag::kList);
}

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
  auto count = static_cast<int>(reader.Count());
  uint32_t object_count = reader.Count();
  luaL_checkstack(L, count + 8, "too many values from the host");
  lua_createtable(L, Room(object_count), 0);
  Objects objects{lua_gettop(L)};
  for (int i = 0; i < count; i++) PushValue(L, &reader, &objects);
  for (lua_Integer i = 1; i <= static_cast<lua_Integer>(object_count); i++) {
    lua_rawgeti(L, objects.list, i);
    FillTable(L, &reader, &objects);
    lua_pop(L, 1);
  }
  lua_remove(L, objects.list);
  return count;
}

}  // namespace sloth

#include "lua/host_kinds.h"

#include <cstring>

namespace sloth {
namespace {

struct Kind {
  HostTag tag;
  const char* name;
};
constexpr Kind kKinds[] = {
    {HostTag::kList, "Array"},
    {HostTag::kMap, "Map"},
    {HostTag::kSet, "Set"},
    {HostTag::kDate, "Date"},
    {HostTag::kInt8Array, "Int8Array"},
    {HostTag::kUint8ClampedArray, "Uint8ClampedArray"},
    {HostTag::kInt16Array, "Int16Array"},
    {HostTag::kUint16Array, "Uint16Array"},
    {HostTag::kInt32Array, "Int32Array"},
    {HostTag::kUint32Array, "Uint32Array"},
    {HostTag::kFloat32Array, "Float32Array"},
    {HostTag::kFloat64Array, "Float64Array"},
    {HostTag::kBigInt64Array, "BigInt64Array"},
    {HostTag::kBigUint64Array, "BigUint64Array"},
};

// Registry: the metatable of each kind, under these addresses.
const char kMetatableKeys[static_cast<size_t>(HostTag::kCount)] = {};

}  // namespace

const char* HostKindName(HostTag tag) {
  for (const Kind& kind : kKinds) {
    if (kind.tag == tag) return kind.name;
  }
  return nullptr;
}

HostTag HostKindNamed(const char* name, size_t length) {
  for (const Kind& kind : kKinds) {
    if (std::strlen(kind.name) == length && std::memcmp(kind.name, name, length) == 0) return kind.tag;
  }
  return HostTag::kNil;
}

void MarkHostKind(lua_State* L, HostTag tag) {
  const char* key = &kMetatableKeys[static_cast<size_t>(tag)];
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, HostKindName(tag));
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__js");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
  }
  lua_setmetatable(L, -2);
}

}  // namespace sloth

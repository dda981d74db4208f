// What JavaScript calls a kind of object that is a table in Lua: the field `__js` of the table's metatable.
#pragma once

#include "data/host_format.h"
#include "lua/api.h"

namespace sloth {

// "Array", "Map", "Set", "Date", "Float64Array", ...; null for a kind that needs no mark.
const char* HostKindName(HostTag tag);
// The kind of that name; kNil when there is none.
HostTag HostKindNamed(const char* name, size_t length);

// Gives the table on top the metatable that says so. Upper room.
void MarkHostKind(lua_State* L, HostTag tag);

}  // namespace sloth

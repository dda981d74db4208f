// Values between JavaScript and the host format of parcels (data/host_format.h). JavaScript thread only.
#pragma once

#include <napi.h>

#include <string>

#include "data/host_format.h"
#include "lua/handles.h"

namespace sloth {

// Packs a JavaScript array as a list. On failure throws a TypeError (or leaves the pending exception of a getter) and
// returns false.
[[nodiscard]] bool TryPackArray(Napi::Env env, Napi::Value array, Value* out);
// Packs an object's own enumerable properties as a list: name, value, name, value, ...
[[nodiscard]] bool TryPackPairs(Napi::Env env, Napi::Value object, Value* out);
// A JavaScript array of the values of a list; empty for none.
Napi::Value UnpackArray(Napi::Env env, const Value& list);

// The JavaScript object that holds a Lua function.
Napi::Value WrapLuaFunction(Napi::Env env, Ref<LuaFunction> function);
// What such an object holds; null when it is none of ours or was released.
Ref<LuaFunction> UnwrapLuaFunction(Napi::Value value);
void ReleaseLuaFunction(Napi::Value value);

}  // namespace sloth

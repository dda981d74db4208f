// The registry of Lua functions, for JavaScript to document.
#pragma once

#include <napi.h>

namespace sloth {

// luaFunctions(): an array with an object for each entry, its columns as lib/native/binding.ts names them.
Napi::Value JsListFunctions(const Napi::CallbackInfo& info);

}  // namespace sloth

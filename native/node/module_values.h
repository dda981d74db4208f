// Modules as JavaScript describes them.
#pragma once

#include <napi.h>

#include "lua/module.h"

namespace sloth {

// Reads {name, source, constants, constantNames, functions}, where `functions` lists four values a function: its name, the
// number of its host function (0: it is written in Lua), letters for what it is, and its arguments, a line each:
//
//   i internal   c called as the module   f calls functions it is given   s stores into its first argument
//   p passes on what it was given         u pure         - its arguments are not checked
//
//   <sum of 1 << LUA_T... and of 65536 for a whole number><! must, ? may be left out, * rest> <what is expected>
//
// Null, with an exception pending, for anything else.
Ref<Module> TryReadModule(Napi::Env env, Napi::Value value, const Ref<HostReleases>& releases);

}  // namespace sloth

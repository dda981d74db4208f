// Contexts as other files of this floor use them.
#pragma once

#include "lua/api.h"
#include "sync/context.h"

namespace sloth {

// The context at `index`, or null when something else is there.
Context* ContextAt(lua_State* L, int index);

// What ends a context, as a function of Lua that crosses islands.
class CancelFunction final : public Handle {
 public:
  explicit CancelFunction(Ref<Context> context) : Handle(HandleKind::kCancelFunction), context(std::move(context)) {}
  const Ref<Context> context;
};

// The C function behind it; its upvalue is the handle.
int CallCancelFunction(lua_State* L);

}  // namespace sloth

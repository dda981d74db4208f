// Handles as Lua sees them: full userdata, one closed metatable a kind, made from the registry of functions.
//
// The kind stands in the block itself and is checked there: metatables can be forged with debug.setmetatable, blocks cannot.
#pragma once

#include <string>

#include "data/handle.h"
#include "lua/island.h"
#include "lua/library.h"

struct GCObject;

namespace sloth {

class Channel;

// The module under which the registry lists the methods of a kind: "channel.method".
const char* MethodModule(HandleKind kind);
// "channel", "goroutine", ...: how errors and tostring name it.
const char* HandleKindName(HandleKind kind);

// The handle of that kind at `argument`; raises an argument error otherwise. The userdata keeps it alive.
Handle* CheckHandle(lua_State* L, int argument, HandleKind kind);
template <typename T>
T* CheckHandleAs(lua_State* L, int argument, HandleKind kind) {
  return static_cast<T*>(CheckHandle(L, argument, kind));
}
// The same for channels, which also must allow the direction.
Channel* CheckChannel(lua_State* L, int argument, HandleView needed);

// Pushes a userdata for a handle that no userdata of this island stands for yet. Takes over `slot`'s reference only once
// nothing can raise any more.
void PushNewHandle(lua_State* L, Ref<Handle>* slot, HandleView view = HandleView::kFull);

// A Lua function that its island keeps for the host; or, of the kind kLuaObject, a table, coroutine or userdata.
class LuaFunction final : public Handle {
 public:
  // `reference`: into the registry of `island`, owned; the island is pinned.
  LuaFunction(Ref<LuaIsland> island, int reference, Ref<DeadlockDomain> domain, HandleKind kind = HandleKind::kLuaFunction);
  ~LuaFunction() override;
  LuaIsland* island() const { return island_.get(); }
  int reference() const { return reference_; }
  DeadlockDomain* domain() const { return domain_.get(); }

 private:
  const Ref<LuaIsland> island_;
  const int reference_;
  const Ref<DeadlockDomain> domain_;
};

// Makes what handles need in L's heap, and the metatables of some kinds (bits by HandleKind). A pristine heap has it, so that
// its clones need not. Upper room.
void PrepareHandles(lua_State* L, uint32_t kinds);
// For heaps that go without lua_close: whether an object is a userdata of ours, and what collects it is ours still; and
// letting go of its handle. Neither raises.
bool IsOwnHandleObject(lua_State* L, const GCObject* object);
void ReleaseHandleObject(GCObject* object);

// The C function behind every host function; its upvalue is the handle.
int CallHostFunction(lua_State* L);
// Whether a C function with that one upvalue stands for a handle, as those of the host do.
bool StandsForHandle(lua_CFunction function);

// Adds what makes an error of JavaScript readable to the metatable on top.
void CompleteErrorMetatable(lua_State* L);
// The same for objects of JavaScript (host_object.cc).
void CompleteObjectMetatable(lua_State* L);
// Whether both stand for the same thing in JavaScript.
bool IsSameHostThing(const Handle* a, const Handle* b);

}  // namespace sloth

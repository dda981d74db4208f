// Channels and other handles as JavaScript holds them: objects that carry a reference, which no script can forge.
#pragma once

#include <napi.h>

#include "data/parcel.h"
#include "lua/handles.h"
#include "sched/host_end.h"

namespace sloth {

// What such an object carries; the host's hold on the handle ends with it.
struct HandleHolder {
  HandleRef reference;  // null once it was released
  ~HandleHolder() { Release(); }
  void Release();
};

// Makes the object: `kind` names the kind of handle, `view` is full, send or receive. Whoever packed the reference for the
// host counted a hold, which the object takes over.
Napi::Value WrapHandle(Napi::Env env, const HandleRef& reference);
// Says that an object is wrapped around a HandleHolder.
void MarkAsHandle(Napi::Env env, napi_value object);
// What an object carries, or null when it is none of ours.
HandleHolder* HandleHolderOf(Napi::Value value);
// The Lua function it carries; null when it is none of ours, another handle, or was released.
Ref<LuaFunction> LuaFunctionIn(Napi::Value value);

// -- functions for JavaScript (lib/native/binding.ts) --
// makeHandle(kind, n): a channel of that capacity, or a wait group.
Napi::Value JsMakeHandle(const Napi::CallbackInfo& info);
// channelState(channel): {length, capacity, closed}.
Napi::Value JsChannelState(const Napi::CallbackInfo& info);
// closeChannel(channel): false when it was closed before.
Napi::Value JsCloseChannel(const Napi::CallbackInfo& info);
// addToWaitGroup(group, n): false when the counter would go below zero.
Napi::Value JsAddToWaitGroup(const Napi::CallbackInfo& info);

}  // namespace sloth

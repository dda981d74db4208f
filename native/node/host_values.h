// Messages in the host's format (data/host_format.h) between JavaScript and parcels. lib/pack-values.ts makes and
// lib/unpack-values.ts reads them; what is in the bytes is their business. JavaScript thread only.
//
// On the way in a message is an array: its bytes, then the handles they name: native handles, null for the null, or
// [id, name] for a JavaScript function, [id, message, message of its fields] for an error, [id, class name, null] for an object
// that stays in JavaScript. On the way out it is an array of a buffer, the offset of the message in it, then the handles: native handles, null, or the ids of functions and errors.
#pragma once

#include <napi.h>

#include "data/host_format.h"
#include "sync/host_port.h"

namespace sloth {

// What the addon keeps for its environment.
struct AddonData {
  Napi::FunctionReference runtime_class;
  Napi::FunctionReference engine_class;
  // Messages to JavaScript are written here one after the other; a full one is left to the collector.
  Napi::Reference<Napi::Buffer<unsigned char>> outbox;
  unsigned char* outbox_bytes = nullptr;
  size_t outbox_used = 0;
};

// Takes a message in. On failure throws a TypeError and returns false.
[[nodiscard]] bool TryTakeMessage(Napi::Env env, Napi::Value message, const Ref<HostReleases>& releases, Value* out);
// Gives a message out; an empty array for no value.
Napi::Value GiveMessage(Napi::Env env, const Value& message);

}  // namespace sloth

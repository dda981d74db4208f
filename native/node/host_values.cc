#include "node/host_values.h"

#include "node/handle_values.h"
#include "node/js_read.h"

namespace sloth {
namespace {

constexpr size_t kOutboxBytes = 1 << 16;
constexpr size_t kLargeMessage = 1 << 13;  // beyond which a message has a buffer of its own

bool Refuse(Napi::Env env, const char* reason) {
  Napi::TypeError::New(env, reason).ThrowAsJavaScriptException();
  return false;
}

bool TryTakeBytes(Napi::Env env, Napi::Value bytes, Parcel* parcel) {
  if (!bytes.IsTypedArray()) return Refuse(env, "a message of values begins with its bytes");
  auto array = bytes.As<Napi::Uint8Array>();
  if (!parcel->bytes.TryAppend(array.Data(), array.ByteLength())) {
    Napi::Error::New(env, "not enough memory").ThrowAsJavaScriptException();
    return false;
  }
  return true;
}

// [id, name], [id, message, fields] or [id, class name, null]
Ref<Handle> TakeHostObject(Napi::Env env, Napi::Array parts, const Ref<HostReleases>& releases) {
  Napi::Value id = ElementOf(parts, 0u);
  Napi::Value text = ElementOf(parts, 1u);
  if (!id.IsNumber() || !text.IsString()) {
    Refuse(env, "a host function or error is [id, text]");
    return nullptr;
  }
  uint32_t number = id.As<Napi::Number>().Uint32Value();
  std::string name = text.As<Napi::String>().Utf8Value();
  if (ElementOf(parts, 2u).IsNull()) return MakeRef<HostObject>(number, std::move(name), releases);
  if (parts.Length() == 2) return MakeRef<HostFunction>(number, std::move(name), releases);
  Value fields;
  if (!TryTakeMessage(env, ElementOf(parts, 2u), releases, &fields)) return nullptr;
  return MakeRef<HostError>(number, std::move(name), std::move(fields), releases);
}

bool TryTakeHandle(Napi::Env env, Napi::Value item, const Ref<HostReleases>& releases, Parcel* parcel) {
  HandleRef handle;
  if (item.IsNull()) {
    handle.handle = HostNull::Get();
  } else if (item.IsArray()) {
    handle.handle = TakeHostObject(env, item.As<Napi::Array>(), releases);
    if (!handle.handle) return false;
  } else {
    if (HandleHolder* holder = HandleHolderOf(item)) handle = holder->reference;
    if (!handle.handle) return Refuse(env, "a handle that was released cannot cross into Lua");
  }
  return parcel->handles.TryAppend(std::move(handle)) || Refuse(env, "not enough memory");
}

Napi::Value GiveHandle(Napi::Env env, const HandleRef& handle) {
  switch (handle.handle->handle_kind()) {
    case HandleKind::kNull: return env.Null();
    case HandleKind::kHostFunction: return Napi::Number::New(env, static_cast<HostFunction*>(handle.handle.get())->id);
    case HandleKind::kHostObject: return Napi::Number::New(env, static_cast<HostObject*>(handle.handle.get())->id);
    case HandleKind::kHostError: return Napi::Number::New(env, static_cast<HostError*>(handle.handle.get())->id);
    default: return WrapHandle(env, handle);
  }
}

// Puts the bytes where JavaScript can read them: a buffer, and the offset in it.
Napi::Value GiveBytes(Napi::Env env, const Parcel* parcel, size_t* offset) {
  size_t size = parcel->bytes.size();
  *offset = 0;
  if (size > kLargeMessage) return Given(env, Napi::Buffer<unsigned char>::Copy(env, parcel->bytes.data(), size));
  auto* data = env.GetInstanceData<AddonData>();
  if (!data->outbox_bytes || kOutboxBytes - data->outbox_used < size) {
    auto buffer = Napi::Buffer<unsigned char>::New(env, kOutboxBytes);
    if (buffer.IsEmpty()) return env.Undefined();  // the environment is going
    data->outbox = Napi::Persistent(buffer);
    data->outbox_bytes = buffer.Data();
    data->outbox_used = 0;
  }
  *offset = data->outbox_used;
  std::memcpy(data->outbox_bytes + *offset, parcel->bytes.data(), size);
  data->outbox_used += size;
  return data->outbox.Value();
}

}  // namespace

bool TryTakeMessage(Napi::Env env, Napi::Value message, const Ref<HostReleases>& releases, Value* out) {
  if (!message.IsArray()) return Refuse(env, "a message of values is an array");
  auto parts = message.As<Napi::Array>();
  auto parcel = MakeRef<Parcel>();
  if (!TryTakeBytes(env, ElementOf(parts, 0u), parcel.get())) return false;
  uint32_t count = parts.Length();
  for (uint32_t i = 1; i < count; i++) {
    if (!TryTakeHandle(env, ElementOf(parts, i), releases, parcel.get())) return false;
  }
  if (!IsHostMessage(parcel.get())) return Refuse(env, "the bytes of a message of values are damaged");
  parcel->of_host = true;
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

Napi::Value GiveMessage(Napi::Env env, const Value& message) {
  if (message.kind() != ValueKind::kParcel) return Napi::Array::New(env);
  const Parcel* parcel = message.parcel();
  Napi::Array parts = Napi::Array::New(env, 2 + parcel->handles.size());
  size_t offset = 0;
  parts.Set(0u, GiveBytes(env, parcel, &offset));
  parts.Set(1u, Napi::Number::New(env, static_cast<double>(offset)));
  for (size_t i = 0; i < parcel->handles.size(); i++) {
    Napi::HandleScope scope(env);
    parts.Set(static_cast<uint32_t>(i) + 2, GiveHandle(env, parcel->handles[i]));
  }
  return parts;
}

}  // namespace sloth

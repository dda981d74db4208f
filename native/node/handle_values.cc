#include "node/handle_values.h"

#include "node/js_read.h"
#include "sync/channel.h"
#include "sync/wait_group.h"

namespace sloth {
namespace {

constexpr napi_type_tag kHandleTag = {0x7c1de3a90b5f4468ULL, 0xa1f7736e25d94b03ULL};

const char* ViewName(HandleView view) {
  switch (view) {
    case HandleView::kFull: return "full";
    case HandleView::kSendOnly: return "send";
    case HandleView::kReceiveOnly: return "receive";
  }
  return "";
}

// The handle of that kind that an argument carries; otherwise null, and an exception is pending.
template <typename T>
T* Carried(const Napi::CallbackInfo& info, HandleKind kind) {
  HandleHolder* holder = HandleHolderOf(info[0]);
  if (holder && holder->reference.handle && holder->reference.handle->handle_kind() == kind) return static_cast<T*>(holder->reference.handle.get());
  Napi::TypeError::New(info.Env(), std::string("a ") + HandleKindName(kind) + " was expected").ThrowAsJavaScriptException();
  return nullptr;
}

}  // namespace

void HandleHolder::Release() {
  Ref<Handle> handle = std::move(reference.handle);
  if (handle && HostEnd::Counts(handle.get())) HostEnd::Of(handle.get())->Drop();
}

Napi::Value WrapHandle(Napi::Env env, const HandleRef& reference) {
  Napi::Object object = Napi::Object::New(env);
  auto* holder = new HandleHolder{reference};
  auto finalize = [](napi_env, void* data, void*) { delete static_cast<HandleHolder*>(data); };
  if (napi_wrap(env, object, holder, finalize, nullptr, nullptr) != napi_ok) delete holder;
  napi_type_tag_object(env, object, &kHandleTag);
  object.Set("kind", Napi::String::New(env, HandleKindName(reference.handle->handle_kind())));
  object.Set("view", Napi::String::New(env, ViewName(reference.view)));
  return object;
}

void MarkAsHandle(Napi::Env env, napi_value object) { napi_type_tag_object(env, object, &kHandleTag); }

HandleHolder* HandleHolderOf(Napi::Value value) {
  if (!value.IsObject()) return nullptr;
  bool ours = false;
  if (napi_check_object_type_tag(value.Env(), value, &kHandleTag, &ours) != napi_ok || !ours) return nullptr;
  void* data = nullptr;
  return napi_unwrap(value.Env(), value, &data) == napi_ok ? static_cast<HandleHolder*>(data) : nullptr;
}

Ref<LuaFunction> LuaFunctionIn(Napi::Value value) {
  HandleHolder* holder = HandleHolderOf(value);
  if (!holder || !holder->reference.handle || holder->reference.handle->handle_kind() != HandleKind::kLuaFunction) return nullptr;
  return Ref<LuaFunction>(static_cast<LuaFunction*>(holder->reference.handle.get()));
}

Napi::Value JsMakeHandle(const Napi::CallbackInfo& info) {
  HandleRef reference;
  if (TextOf(info[0]) == "wait_group") {
    reference.handle = MakeRef<WaitGroup>();
  } else {
    reference.handle = Channel::Make(static_cast<size_t>(IntegerOf(info[1])));
  }
  HostEnd::Of(reference.handle.get())->Hold();
  return WrapHandle(info.Env(), reference);
}

Napi::Value JsChannelState(const Napi::CallbackInfo& info) {
  auto* channel = Carried<Channel>(info, HandleKind::kChannel);
  if (!channel) return info.Env().Undefined();
  Napi::Object state = Napi::Object::New(info.Env());
  state.Set("length", Napi::Number::New(info.Env(), static_cast<double>(channel->length())));
  state.Set("capacity", Napi::Number::New(info.Env(), static_cast<double>(channel->capacity())));
  state.Set("closed", Napi::Boolean::New(info.Env(), channel->closed()));
  return state;
}

Napi::Value JsCloseChannel(const Napi::CallbackInfo& info) {
  auto* channel = Carried<Channel>(info, HandleKind::kChannel);
  return channel ? Napi::Boolean::New(info.Env(), channel->Close()) : info.Env().Undefined();
}

Napi::Value JsAddToWaitGroup(const Napi::CallbackInfo& info) {
  auto* group = Carried<WaitGroup>(info, HandleKind::kWaitGroup);
  return group ? Napi::Boolean::New(info.Env(), group->Add(IntegerOf(info[1]))) : info.Env().Undefined();
}

}  // namespace sloth

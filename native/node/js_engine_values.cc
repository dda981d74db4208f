// What leaves a synchronous engine: results, and functions and tables that stand for what stays in Lua.
#include "node/host_values.h"
#include "node/js_engine.h"

namespace sloth {

// -- out of Lua --

napi_value JsEngine::KnownObject(const void* address) {
  auto found = known_.find(address);
  if (found == known_.end()) return nullptr;
  napi_value object = nullptr;
  napi_get_reference_value(env_, found->second->weak, &object);
  return object;
}

napi_value JsEngine::HostThing(uint32_t id) {
  auto found = host_things_.find(id);
  napi_value thing = nullptr;
  if (found != host_things_.end()) {
    napi_get_reference_value(env_, found->second, &thing);
    if (thing) return thing;
    napi_delete_reference(env_, found->second);
    host_things_.erase(found);
  }
  thing = CallBack(kLookUp, {Napi::Number::New(env_, id)});
  if (!thing || !Napi::Value(env_, thing).IsObject()) return thing;
  if (host_things_.size() >= most_host_things_) {
    std::erase_if(host_things_, [this](const auto& entry) {
      napi_value alive = nullptr;
      napi_get_reference_value(env_, entry.second, &alive);
      if (!alive) napi_delete_reference(env_, entry.second);
      return !alive;
    });
    most_host_things_ = 2 * host_things_.size() + 256;
  }
  napi_ref weak = nullptr;
  if (napi_create_reference(env_, thing, 0, &weak) == napi_ok) host_things_[id] = weak;
  return thing;
}

napi_value JsEngine::Write(const SyncValue& value) {
  if (value.kind == SyncKind::kHost) return HostThing(value.id);
  if (value.kind == SyncKind::kOther) return KnownObject(value.object);
  return WritePlain(env_, value, rules_);
}

napi_value JsEngine::Unpack(lua_State* L, int first, int count, const char* action) {
  sloth::Value message;
  std::string reason;
  if (engine_->TryPack(L, first, count, action, &message, &reason)) return CallBack(kUnpack, {GiveMessage(env_, message)});
  ThrowReason(reason);
  return nullptr;
}

napi_value JsEngine::ResultOf(SyncTurn* state, int number) {
  if (number >= engine_->result_count(*state)) return Napi::Env(env_).Undefined();
  napi_value result = Write(engine_->Result(*state, number));
  if (result) return result;
  napi_value list = Unpack(state->L, state->base + 1 + number, 1, "cannot return");
  if (list) napi_get_element(env_, list, 0, &result);
  return result;
}

napi_value JsEngine::AllResults(SyncTurn* state) {
  int count = engine_->result_count(*state);
  napi_value list;
  if (napi_create_array_with_length(env_, static_cast<size_t>(count), &list) != napi_ok) return nullptr;
  for (int i = 0; i < count; i++) {
    napi_value value = Write(engine_->Result(*state, i));
    // One message for all of them, so that what occurs twice is one thing.
    if (!value) return Unpack(state->L, state->base + 1, count, "cannot return");
    napi_set_element(env_, list, static_cast<uint32_t>(i), value);
  }
  return list;
}

// -- functions and tables of Lua --

void JsEngine::Forget(napi_env env, void* data, void*) {
  auto* object = static_cast<EngineObject*>(data);
  if (JsEngine* engine = object->link->engine) {
    auto found = engine->known_.find(object->address);
    if (found != engine->known_.end() && found->second == object) engine->known_.erase(found);
  }
  if (object->weak) napi_delete_reference(env, object->weak);
  delete object;
}

// Makes `object` stand for what the handle names.
Napi::Value JsEngine::Wrap(napi_value object, EngineObject* carried) {
  if (napi_wrap(env_, object, static_cast<HandleHolder*>(carried), Forget, nullptr, &carried->weak) != napi_ok) {
    delete carried;
    return Napi::Env(env_).Undefined();
  }
  MarkAsHandle(env_, object);
  known_[carried->address] = carried;
  return Napi::Value(env_, object);
}

EngineObject* JsEngine::Carry(Napi::Value handle) {
  HandleHolder* holder = HandleHolderOf(handle);
  int reference = 0;
  if (!holder || !engine_->ReferenceOf(holder->reference.handle.get(), &reference)) return nullptr;
  const char* type = "";
  auto* carried = new EngineObject;
  carried->reference.handle = holder->reference.handle;
  carried->link = link_;
  carried->lua_reference = reference;
  carried->address = engine_->AddressOf(reference, &type);
  carried->self = std::string_view(type) == "function" ? engine_->SelfRuleOf(reference) : SelfRule::kNever;
  return carried;
}

// makeFunction(handle)
Napi::Value JsEngine::JsMakeFunction(const Napi::CallbackInfo& info) {
  EngineObject* carried = Carry(info[0]);
  napi_value function = nullptr;
  if (!carried) return info.Env().Undefined();
  if (napi_create_function(env_, "luaFunction", NAPI_AUTO_LENGTH, CallFunction, carried, &function) != napi_ok) {
    delete carried;
    return info.Env().Undefined();
  }
  return Wrap(function, carried);
}

// adopt(object, handle)
Napi::Value JsEngine::JsAdopt(const Napi::CallbackInfo& info) {
  EngineObject* carried = info[0].IsObject() ? Carry(info[1]) : nullptr;
  return carried ? Wrap(info[0], carried) : info.Env().Undefined();
}

// known(handle): what stands for it already, else its type in Lua
Napi::Value JsEngine::JsKnown(const Napi::CallbackInfo& info) {
  HandleHolder* holder = HandleHolderOf(info[0]);
  int reference = 0;
  if (!holder || !engine_->ReferenceOf(holder->reference.handle.get(), &reference)) return info.Env().Undefined();
  const char* type = "";
  napi_value object = KnownObject(engine_->AddressOf(reference, &type));
  if (object) return Napi::Value(env_, object);
  return Napi::String::New(env_, type);
}

}  // namespace sloth

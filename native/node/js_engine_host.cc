// What Lua asks of JavaScript in the middle of an entry.
#include "node/host_values.h"
#include "node/js_engine.h"
#include "node/js_read.h"

namespace sloth {

HostAnswer JsEngine::Threw(HostReply* reply) {
  napi_value thrown = nullptr;
  if (napi_get_and_clear_last_exception(env_, &thrown) != napi_ok || !thrown) return HostAnswer::kThrew;
  napi_value message = CallBack(kThrown, {thrown});
  if (message) (void)TryTakeMessage(env_, Napi::Value(env_, message), releases_, reply->message);
  if (Napi::Env(env_).IsExceptionPending()) napi_get_and_clear_last_exception(env_, &thrown);
  return HostAnswer::kThrew;
}

HostAnswer JsEngine::Answer(napi_value result, const HostTarget& target, HostReply* reply) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, result, &type);
  if (type == napi_undefined && target.kind == HostTarget::kFunction) return HostAnswer::kNothing;
  reply_room_.Reset();
  if (TryReadPlain(env_, result, *engine_, rules_, &reply_room_, &reply->value)) return HostAnswer::kValue;
  napi_value message = CallBack(kAnswer, {result, Napi::String::New(env_, target.name)});
  if (!message || !TryTakeMessage(env_, Napi::Value(env_, message), releases_, reply->message)) return Threw(reply);
  return HostAnswer::kValues;
}

HostAnswer JsEngine::Call(lua_State* L, const HostTarget& target, int first, int count, HostReply* reply) noexcept {
  Napi::HandleScope scope(env_);
  constexpr int kFew = 12;
  napi_value few[kFew];
  napi_value* arguments = few;
  std::vector<napi_value> many;
  if (count > kFew) {
    many.resize(static_cast<size_t>(count));
    arguments = many.data();
  }
  for (int i = 0; i < count; i++) {
    arguments[i] = Write(ReadSyncValue(L, first + i));
    if (arguments[i]) continue;
    if (Napi::Env(env_).IsExceptionPending()) return Threw(reply);
    std::string action = std::string("cannot pass to host function '") + target.name + "'";
    sloth::Value message;
    if (!engine_->TryPack(L, first, count, action.c_str(), &message, reply->text)) return HostAnswer::kRefused;
    napi_value list = CallBack(kUnpack, {GiveMessage(env_, message)});
    if (!list) return Threw(reply);
    for (int j = 0; j < count; j++) napi_get_element(env_, list, static_cast<uint32_t>(j), &arguments[j]);
    break;
  }
  napi_value function = nullptr;
  napi_value self = Napi::Env(env_).Undefined();
  switch (target.kind) {
    case HostTarget::kFunction:
      function = HostThing(target.id);
      if (!host_this_.IsEmpty()) self = host_this_.Value();
      break;
    case HostTarget::kIndex: function = callbacks_[kIndex].Value(); break;
    case HostTarget::kNewIndex: function = callbacks_[kNewIndex].Value(); break;
    case HostTarget::kLength: function = callbacks_[kLength].Value(); break;
    case HostTarget::kEntries: function = callbacks_[kEntries].Value(); break;
  }
  napi_value result = nullptr;
  if (!function || napi_call_function(env_, self, function, static_cast<size_t>(count), arguments, &result) != napi_ok) return Threw(reply);
  return Answer(result, target, reply);
}

bool JsEngine::StillWants() noexcept {
  Napi::HandleScope scope(env_);
  napi_value result = nullptr;
  if (callbacks_[kNothing].IsEmpty()) return true;
  if (napi_call_function(env_, Napi::Env(env_).Undefined(), callbacks_[kNothing].Value(), 0, nullptr, &result) == napi_ok) return true;
  // A thread that is ended runs no function any more. A full stack is an error, an object.
  napi_value thrown = nullptr;
  return napi_get_and_clear_last_exception(env_, &thrown) == napi_ok && thrown && Napi::Value(env_, thrown).IsObject();
}

void JsEngine::NoteGoroutines() noexcept {
  Napi::HandleScope scope(env_);
  // It only makes a note, and fails only where JavaScript ends.
  if (!CallBack(kWorking, {}) && Napi::Env(env_).IsExceptionPending()) {
    napi_value thrown = nullptr;
    napi_get_and_clear_last_exception(env_, &thrown);
  }
}

}  // namespace sloth
